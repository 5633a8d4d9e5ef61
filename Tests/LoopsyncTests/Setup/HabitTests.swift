import LoopModel
import TestSupport
import Testing

/// What people expect of any command line.
@Suite
struct HabitTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try project.archive("fix/2025-11-23T201500", loop: "fix", second: 0, status: "completed")
    }

    @Test(arguments: [
        (["statuss"], "no verb 'statuss'. Did you mean: loopsync status"),
        (["hist"], "no verb 'hist'. Did you mean: loopsync history"),
        (["--json", "prnue", "-n"], "no verb 'prnue'. Did you mean: loopsync prune"),
        (["config", "chekc"], "no verb 'chekc'. Did you mean: loopsync config check"),
        (["service", "--json", "reload"], "no verb 'reload'. loopsync service has: install, remove, status"),
    ])
    func `a mistyped verb is guessed`(arguments: [String], message: String) throws {
        let answer = try CommandRun(arguments)
        #expect(answer.status == 64)
        #expect(answer.errorOutput == "Error: \(message)\n  See 'loopsync --help' for more information.\n")
    }

    @Test(arguments: [
        ("fxi@latest", "fix@latest"), ("fix", "fix@latest"), ("fix/2025-11-23T201501", "fix/2025-11-23T201500"),
        ("2025-11-24T201500", "fix/2025-11-23T201500"),
    ])
    func `a mistyped run is guessed`(typed: String, meant: String) throws {
        let answer = try project.run("pin", typed)
        #expect(answer.status == 1)
        #expect(
            answer.errorOutput == "loopsync: no archived run '\(typed)'. Did you mean \(meant)? See: loopsync history\n"
        )
    }

    @Test func `every option of all verbs has a variable, and the command line wins`() throws {
        let json = try project.run("history", environment: ["LOOPSYNC_JSON": "1"])
        #expect(json.output.hasPrefix("{"))
        #expect(try project.run("history", environment: ["LOOPSYNC_JSON": "0"]).output.hasPrefix("2025-11-23T201500\t"))
        let mistaken = try project.run("status", environment: ["LOOPSYNC_COLOR": "nope"])
        #expect(mistaken.status == 64)
        #expect(mistaken.errorOutput.contains("LOOPSYNC_COLOR is 'nope'; it takes auto, always or never."))
        let color = try project.run("doctor", environment: ["LOOPSYNC_COLOR": "always"])
        #expect(color.output.contains("\u{1B}[32mOK\u{1B}[0m"))
        #expect(
            try !project.run("doctor", "--color", "never", environment: ["LOOPSYNC_COLOR": "always"]).output.contains(
                "\u{1B}"
            )
        )
        #expect(try project.run("pin", "fix@latest", environment: ["LOOPSYNC_QUIET": "1"]).errorOutput == "")
        #expect(try project.run("pin", "fix@latest", "-v", environment: ["LOOPSYNC_QUIET": "1"]).errorOutput != "")
        #expect(
            try project.run("config", "show", environment: ["LOOPSYNC_VERBOSE": "1"]).output.contains(
                "log.level\tdebug\t"
            )
        )
    }
}
