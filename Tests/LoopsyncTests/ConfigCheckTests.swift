import LoopModel
import TestSupport
import Testing

/// `config check` through the real program.
@Suite
struct ConfigCheckTests {
    private let place: TemporaryDirectory

    init() throws {
        place = try TemporaryDirectory()
        try Disk.makeDirectories(place.path("app/.loops"))
    }

    private func check(_ arguments: String..., environment: [String: String] = [:]) throws -> CommandRun {
        try CommandRun(["config", "check"] + arguments, in: place.path("app"), environment: environment)
    }

    @Test func `without any file the defaults hold and are shown`() throws {
        let answer = try check()
        #expect(answer.status == 0)
        #expect(answer.output.hasPrefix("no configuration file: the built-in defaults hold\n"))
        #expect(answer.output.contains("  retention   keep everything\n"))
        #expect(answer.output.contains("  mirror      none\n"))
    }

    @Test func `the file is the option's, else the variable's, else the project's, else the user's`() throws {
        for (name, count) in [
            ("app/loopsync.yaml", 1), ("option.yaml", 2), ("variable.yaml", 3), ("app/.config/loopsync/config.yaml", 4),
        ] {
            let parent = name.split(separator: "/").dropLast().joined(separator: "/")
            try Disk.makeDirectories(place.path(parent))
            try Disk.write("version: 1\nretention:\n  keep_last: \(count)\n", to: place.path(name))
        }
        let variable = ["LOOPSYNC_CONFIG": place.path("variable.yaml")]
        #expect(try check("--config", "../option.yaml", environment: variable).output.contains("last 2"))
        #expect(try check("../option.yaml", environment: variable).output.contains("last 2"))
        #expect(try check(environment: variable).output.contains("last 3"))
        #expect(try check().output.contains("last 1"))
        try Disk.remove(place.path("app/loopsync.yaml"))
        #expect(try check().output.contains("last 4"))
    }

    @Test func `all problems are shown with line, column, the line itself and the nearest key`() throws {
        try Disk.write("version: 1\nretentoin:\n  keep_last: 5\nmirror:\n  live: maybe\n", to: place.path("bad.yaml"))
        let answer = try check("../bad.yaml")
        #expect(answer.status == 78)
        #expect(answer.output == "")
        #expect(
            answer.errorOutput == """
                ../bad.yaml:2:1: error: unknown key "retentoin"; did you mean retention?
                    retentoin:
                    ^
                ../bad.yaml:5:9: error: expected true or false, not "maybe"
                      live: maybe
                            ^

                """
        )
    }

    @Test func `as JSON the problems are data, and the status stays`() throws {
        try Disk.write("version: 1\nlog:\n  level: loud\n", to: place.path("bad.yaml"))
        let answer = try check("--json", "../bad.yaml")
        #expect(answer.status == 78)
        let document = try JSONValue(parsing: Array(answer.output.utf8)).objectValue
        #expect(document?["valid"] == false)
        let problem = document?["problems"]?.arrayValue?.first?.objectValue
        #expect(problem?["line"] == 3 && problem?["column"] == 10)
    }

    @Test func `what the agent would refuse to watch is refused here too`() throws {
        let loops = place.path("app/.loops")
        try Disk.write("version: 1\nwatch: [\(loops), \(loops)]\n", to: place.path("twice.yaml"))
        let twice = try check("../twice.yaml")
        #expect(twice.status == 78)
        #expect(twice.errorOutput.contains("\(loops) is watched twice"))
        try Disk.write("version: 1\nwatch: [\(place.path("app"))]\n", to: place.path("project.yaml"))
        let project = try check("../project.yaml")
        #expect(project.status == 78)
        #expect(project.errorOutput.contains("watch \(loops)"))
        let agent = try CommandRun(["--config", place.path("project.yaml")], in: place.path)
        #expect(agent.status == 78)
        #expect(!Disk.exists(place.path("app/.loopsync")))
        try Disk.write("version: 1\nwatch: [\(loops)]\nhooks: {on_failed: ['true']}\n", to: place.path("good.yaml"))
        let good = try check("../good.yaml").output
        #expect(good.contains("  watch       \(loops)\n"))
        #expect(good.contains("  hooks       on_failed\n"))
    }

    @Test func `a file that does not exist is an error that names it`() throws {
        let answer = try check("../none.yaml")
        #expect(answer.status == 78)
        #expect(answer.errorOutput.contains("../none.yaml"))
        #expect(answer.errorOutput.contains("No such file or directory"))
    }
}
