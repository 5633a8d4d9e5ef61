import LoopModel
import TestSupport
import Testing

@testable import LoopEngine

/// Values of a loop's context as PyYAML's safe loader reads them.
@Suite struct YAMLScalarTests {
    /// The values of a list in a context.
    private func read(_ list: String) throws -> JSONValue? {
        let text = "name: l\ninitial: a\nstates: {a: {terminal: true}}\ncontext:\n  list:\n\(list)\n"
        return try LoopDefinition.parse(Array(text.utf8), file: "l.yaml").loop.context["list"]
    }

    @Test func `every word is the value that it is for Python`() throws {
        var random = SplitMix(seed: 0x41)
        var words = [
            "0b_", "0x_", "0_", "1_000", "09", "017", "0o17", "1e16", "1.5e3", "1.5e+3", "1.5E-3", "-.5", "+.5", ".5",
            "190:20:30",
            "1:60", "-1:30.5", "0:30", "1__2", ".inf", "-.INF", "+.Inf", ".nan", "-.nan", "+12", "-0", "1.", "1._",
            "yes", "Yes",
            "YES", "yEs", "no", "on", "Off", "y", "N", "true", "TRUE", "null", "Null", "~", "NULL", "nUll", "-0x1F",
            "+0b11", "12e03", "0.",
            "00", "0_8", "123456789012345678901234567890", "0xFFFFFFFFFFFFFFFFFFFF", "1_:2", "-017", ".5_0", "._5",
            "1.0e-5", "0b2",
            "0x", "0b", "1:2:3.4", "--1", "+", "-", ".", "1.2.3", "1,000", "0777777777777777777777777", "-0.0",
            "1e400", "1.0e+400",
            "1:00000:5", "\"yes\"", "'12'", "99999999999999999999:1", "é", "0.1_2", "1_0.5_0", "0:0.5", "01:30", "1:5.",
            "1:5._",
        ]
        let pieces = ["0", "1", "7", "9", "_", ".", ":", "e", "+", "-", "x", "b", "A", "5"]
        for _ in 0..<4000 {
            let word = (0..<(1 + random.below(7))).map { _ in random.pick(pieces) }.joined()
            // What YAML takes for more than a word is not meant here.
            guard !word.hasPrefix("- "), !word.hasSuffix(":"), word != "-" else { continue }
            words.append(word)
        }
        let answers = try Reference.call("read_yaml", words.map { ["text": .text($0)] })
        for (word, answer) in zip(words, answers) {
            // Where Python fails for a word, ours takes it as text.
            guard let theirs = answer.text else { continue }
            let ours = try read("    - \(word)")?.arrayValue?.first
            if theirs == "\"<date>\"" { continue }
            #expect(ours?.line == theirs, "\(word)")
        }
    }

    @Test func `mappings are merged, repeated and nested as Python does it`() throws {
        let texts = [
            "- &a {foo: 1, q: 5}\n- &b {foo: 2, bar: 3}\n- {<<: [*a, *b], bar: 9, z: 0}\n- {z: 0, <<: *a, foo: 8}\n- {<<: *a, zz: 1}",
            "- {a: 1, b: 2, a: 3}\n- {\"k\": [1, {x: ~}], 'l': text}",
            "- &x [1, 2]\n- [*x, *x]\n- !!str 5\n- !!int \"7\"\n- !!float 3\n- !!bool \"yes\"\n- !!null x\n- ! 5",
            "- >\n  folded\n  text\n\n  end\n- |+\n  kept\n\n- \"\\u00e9\\n\\x41\"\n- 'it''s'\n- plain # comment\n- a: b\n  c: [d, e: f]",
        ]
        let answers = try Reference.call("read_yaml", texts.map { ["text": .text($0)] })
        for (text, answer) in zip(texts, answers) {
            let indented = text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
            #expect(try read(indented.joined(separator: "\n"))?.line == answer.text, "\(text)")
        }
    }

    @Test func `aliases that stand for more than fits are refused, in values and in keys`() throws {
        var bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1..<12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let rest = "name: l\ninitial: a\nstates: {a: {terminal: true}}\n"
        func complaint(_ text: String) -> String {
            do throws(LoopDefinitionError) {
                _ = try LoopDefinition.parse(Array((text + rest).utf8), file: "l.yaml")
                return "taken"
            } catch {
                return error.description
            }
        }
        let nested = bomb.split(separator: "\n").map { "  \($0)\n" }.joined()
        #expect(complaint("context:\n\(nested)").contains("stand for too many values"))
        #expect(complaint("context:\n\(nested)  ? *a11\n  : 1\n").contains("none may be a key"))
        #expect(complaint("context:\n\(nested)  *a11 : 1\n").contains("none may be a key"))
        #expect(complaint("context:\n\(nested)  [*a11]: 1\n").contains("none may be a key"))
        let many = (0..<500).map { "  k\($0): *one\n" }.joined()
        #expect(complaint("context:\n  one: &one {x: 1}\n\(many)") == "taken")
    }
}
