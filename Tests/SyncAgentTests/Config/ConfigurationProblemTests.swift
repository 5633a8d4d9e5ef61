import LoopModel
import SyncCore
import Testing
import YAMLReading

@testable import SyncAgent

@Suite struct ConfigurationProblemTests {
    /// What a person is told.
    private func complaint(_ text: String) -> String {
        complaint(Array(text.utf8))
    }

    private func complaint(_ bytes: [UInt8]) -> String {
        do {
            _ = try parse(bytes)
            return "accepted"
        } catch {
            return error.description
        }
    }

    @Test func `all problems come at once, each with its place and the nearest known key`() {
        let text = """
            version: 1
            archive:
              settle: 2
            retention:
              keep_lsat: 50
              keep_daily: "30"
              require_mirrored: yes
              loops:
                - match: "nightly-*"
                  max_age: 5m
            mirorr:
              to: /x
            """
        #expect(
            complaint(text) == """
                loopsync.yaml:3:11: error: expected a duration such as 500ms, 2s, 15m, 1h, 7d, 2w, 1y; 2 has no unit
                      settle: 2
                              ^
                loopsync.yaml:5:3: error: unknown key "keep_lsat" in retention; did you mean keep_last?
                      keep_lsat: 50
                      ^
                loopsync.yaml:6:15: error: expected a count (0, 1, 2 …) or all; 30 is in quotes, so it is a text
                      keep_daily: "30"
                                  ^
                loopsync.yaml:7:21: error: expected true or false, not "yes"
                      require_mirrored: yes
                                        ^
                loopsync.yaml:10:16: error: max_age 5m is below min_age 1h, which wins
                          max_age: 5m
                                   ^
                loopsync.yaml:11:1: error: unknown key "mirorr"; did you mean mirror?
                    mirorr:
                    ^
                """
        )
    }

    @Test(arguments: [
        ("keep_last: 5\n", #"1:1: error: unknown key "keep_last"; it belongs below retention"#),
        ("retention: {colour: red}", #"1:13: error: unknown key "colour" in retention; known: time_zone, min_age"#),
        ("retention: {keep_last: -1}", #"1:24: error: expected a count (0, 1, 2 …) or all, not "-1""#),
        ("retention: {keep_last: 010}", #"1:24: error: expected a count (0, 1, 2 …) or all, not "010""#),
        ("retention: {keep_last: 1e3}", #"1:24: error: expected a count (0, 1, 2 …) or all, not "1e3""#),
        ("retention: {keep_last: 99999999999999999999}", #"1:24: error: expected a count"#),
        ("retention: {keep_last: }", "1:24: error: expected a count (0, 1, 2 …) or all, but there is no value"),
        ("retention: {keep_last: [1]}", "1:24: error: expected a count (0, 1, 2 …) or all, not a list"),
        ("retention: {keep_last: {a: 1}}", "1:24: error: expected a count (0, 1, 2 …) or all, not keys with values"),
        ("retention: {keep_within: never}", "1:26: error: never has no meaning here; expected a duration"),
        (
            "retention: {keep_within: 1.5d}",
            #"1:26: error: expected a duration such as 500ms, 2s, 15m, 1h, 7d, 2w, 1y, not "1.5d""#
        ),
        ("retention: {max_total_size: 20GB}", #"1:29: error: expected a size such as 500M or 20G, not "20GB""#),
        ("retention: {max_delete_fraction: 50}", #"1:34: error: expected a number from 0 to 1, such as 0.5, not "50""#),
        ("retention: {max_delete_fraction: nan}", "1:34: error: expected a number from 0 to 1"),
        ("retention: {time_zone: Europe/Rom}", #"1:24: error: no time zone of this system: "Europe/Rom""#),
        (
            "retention: {statuses: {timed-out: {}}}",
            #"1:24: error: unknown key "timed-out" in statuses; did you mean timed_out?"#
        ),
        ("retention: {loops: {a: 1}}", "1:20: error: loops takes a list"),
        ("retention: {loops: [{keep_last: 1}]}", "1:21: error: an entry of loops needs match:"),
        ("retention: {max_age: 30m}", "1:22: error: max_age 30m is below min_age 1h"),
        (
            "archive: {layout: nestde}",
            #"1:19: error: expected auto, nested or flat, not "nestde"; did you mean nested?"#
        ),
        ("archive: {clear_statuses: [faild]}", #"1:28: error: unknown status "faild"; did you mean failed?"#),
        ("archive: {run_files: [../x]}", "1:23: error: a pattern is a path below the run's directory"),
        ("archive: {run_files: [/etc/*]}", "1:23: error: a pattern is a path below the run's directory"),
        ("mirror: {include: \"*\"}", #"1:19: error: expected a list of loops, not "*"; write ["*"]"#),
        ("mirror: {namespace: ../x}", "1:21: error: a namespace is a path below the sync directory"),
        ("mirror: {namespace: \"{hots}\"}", "1:21: error: a namespace knows {host}, {project} and {user}"),
        ("mirror: {to: ~}", "1:14: error: expected a directory, but there is no value (~ alone is YAML's way"),
        ("mirror: {to: ~bob/x}", "1:14: error: only ~ and ~/… are expanded"),
        ("mirror: {live: \"true\"}", #"1:16: error: expected true or false, not the text "true""#),
        ("mirror: {live: on}", #"1:16: error: expected true or false, not "on""#),
        ("hooks: {on_archive: notify}", #"1:21: error: expected a list of a command and its arguments, not "notify""#),
        ("hooks: {on_archive: []}", "1:21: error: expected a command"),
        ("version: 2", "1:10: error: this loopsync reads version 1"),
        ("- a\n", "1:1: error: the file takes keys with values, not a list"),
        ("just text", #"1:1: error: the file takes keys with values, not "just text""#),
        ("retention: 5", #"1:12: error: retention takes keys with values, not "5""#),
        ("log: {level: &a info}", "1:14: error: anchors and aliases are not used in this file"),
        ("log: &a {level: info}\nmirror: *a", "1:6: error: anchors and aliases are not used in this file"),
        ("log: {level: !!binary info}", "1:14: error: tags (tag:yaml.org,2002:binary) are not used"),
        ("a: 1\n---\nb: 2\n", "error: expected a single document in the stream"),
        ("log: {level: info", "1:18: error: while parsing a flow mapping"),
        ("é: 1\nü: \u{1}\n", "2:4: error: control characters are not allowed"),
        ("mirror:\n\tlive: true\n", "error: while scanning for the next token"),
        ("mirror: {include: [*.png]}", #"; quote a pattern: "*""#),
        ("? [a]\n: 1\n", "1:3: error: a key must be a word"),
    ])
    func `a mistake is named where it is`(text: String, expected: String) {
        let told = complaint(text)
        let place = expected.first?.isNumber == true ? "loopsync.yaml:\(expected)" : expected
        #expect(told.contains(place), "told: \(told)")
    }

    @Test func `a key given twice does not hide the other problems`() {
        let text = """
            retention:
              keep_last: 1
              keep_last: 2
              keep_daily: x
            log: {level: info, level: debug, format: xml}
            """
        #expect(
            complaint(text).split(separator: "\n").filter { $0.contains("error") } == [
                "loopsync.yaml:3:3: error: keep_last is given twice, first in line 2",
                "loopsync.yaml:4:15: error: expected a count (0, 1, 2 …) or all, not \"x\"",
                "loopsync.yaml:5:20: error: level is given twice, first in line 5",
                "loopsync.yaml:5:42: error: expected auto, text or json, not \"xml\"",
            ]
        )
    }

    @Test func `a bomb of aliases is refused before it unfolds`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let before = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(before)]\n"
        }
        text += "? *a30\n: 1\n"
        #expect(complaint(text).contains("anchors and aliases are not used in this file"))
    }

    @Test func `what is no text at all is refused with its line`() {
        #expect(complaint([0x61, 0x3A, 0x20, 0x31, 0x0A, 0xFF, 0x0A]).contains("loopsync.yaml:2:1: error: not UTF-8"))
        #expect(complaint("a: \u{0}").contains("error: "))
        #expect(complaint(Array(repeating: 0x23, count: 300_000)).contains("error: larger than 256 KiB"))
        #expect(complaint(String(repeating: "[", count: 20_000)).contains("error: "))
    }

    @Test func `a long or hostile line cannot disturb the terminal`() {
        let told = complaint("retention: {keep_last: \"\u{1B}[31m\(String(repeating: "x", count: 500))\"}")
        #expect(told.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 })
        #expect(told.split(separator: "\n").allSatisfy { $0.count < 220 })
    }

    @Test(arguments: [
        #"hooks: {on_archive: "\e[31m"}"#, "log: !%1B[31m {level: info}", #"mirror: {namespace: "{\e[31m}"}"#,
        #"mirror: {namespace: ".\e[31m"}"#, #"log: {"\u202e": 1, "\u202e": 2}"#, #"retention: {time_zone: "\u2028"}"#,
    ])
    func `whatever a message quotes is printable`(text: String) {
        let told = complaint(text)
        #expect(told != "accepted")
        #expect(told == told.split(separator: "\n").map { PrintableText.escaping($0.utf8) }.joined(separator: "\n"))
    }

    @Test func `no damage to the example file stops the program`() throws {
        let example = Array(try exampleFile().replacing("#: ", with: "").utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var bytes = example
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default:
                    bytes.insert(Array("&*[]{}:-#\"'|>!?\n ".utf8).randomElement(using: &generator) ?? 0, at: place)
                }
            }
            #expect(!complaint(bytes).isEmpty)
        }
    }
}
