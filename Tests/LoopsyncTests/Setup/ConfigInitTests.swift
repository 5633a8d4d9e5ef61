import LoopModel
import TestSupport
import Testing

/// `config init` and `config show` through the real program.
@Suite
struct ConfigInitTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        for day in 0..<3 {
            try project.archive(
                "fix/2025-11-2\(3 + day)T201500",
                loop: "fix",
                second: Int64(day) * 86_400,
                status: "failed"
            )
        }
        try project.archive("evil/2025-11-23T201501", loop: #"x: \n# \"*"#, second: 1, status: "completed")
    }

    @Test(arguments: [[], ["--user"], ["--sync", "../a \"b"], ["--user", "--sync", "../s"]])
    func `what is written fits the directory, changes nothing and is valid, also with every example on`(
        arguments: [String]
    ) throws {
        let written = try CommandRun(["config", "init"] + arguments, in: project.path)
        #expect(written.status == 0, "\(written.errorOutput)")
        let path = arguments.contains("--user") ? ".config/loopsync/config.yaml" : "loopsync.yaml"
        let text = try #require(Disk.text("\(project.path)/\(path)"))
        #expect(text.contains("# Found: 4 runs of 2 loops, "))
        #expect(text.contains("#:     - match: \"fix\"   # 3 runs now\n"))
        #expect(!text.contains("x: "))
        let check = try project.run("config", "check", path)
        #expect(check.status == 0 && check.errorOutput == "", "\(check.errorOutput)")
        #expect(check.output.contains("  retention   keep everything\n"))
        try Disk.write(text.replacing("#: ", with: ""), to: project.place.path("p/all.yaml"))
        let all = try project.run("config", "check", "all.yaml")
        #expect(all.status == 0, "\(all.errorOutput)\n\(text)")
        #expect(all.output.contains("fix: last 10"))
        if arguments.contains("--sync") { #expect(check.output.contains("  mirror      \(project.place.path)/")) }
    }

    @Test func `a project's file that takes the place of one's own says so`() throws {
        #expect(try !project.run("config", "init").errorOutput.contains("in place of"))
        try Disk.remove("\(project.path)/loopsync.yaml")
        let own = "\(project.path)/.config/loopsync/config.yaml"
        try Disk.makeDirectories("\(project.path)/.config/loopsync")
        try Disk.write("version: 1\n", to: own)
        let written = try project.run("config", "init")
        #expect(written.status == 0)
        #expect(written.errorOutput.contains("it is read here in place of your own \(own), whose mirror, hooks"))
        #expect(try project.run("config", "init", "-q", "--loops", ".loops").status == 1)
    }

    @Test func `a file that is there is never touched`() throws {
        try project.configure("log: {level: debug}\n")
        let before = Disk.text("\(project.path)/loopsync.yaml")
        let again = try project.run("config", "init")
        #expect(again.status == 1)
        #expect(again.errorOutput.contains("loopsync.yaml is there already and was not touched"))
        #expect(Disk.text("\(project.path)/loopsync.yaml") == before)
    }

    @Test func `without a loops directory a project's file has nothing to fit`() throws {
        #expect(try CommandRun(["config", "init"]).status == 10)
    }

    @Test func `show names the line, the variable or the option of each value`() throws {
        try project.configure(
            """
            hooks: {on_archive: [x]}
            watch: [/nowhere]
            retention:
              keep_last: 7
              statuses:
                failed: {keep_daily: all}
              loops:
                - match: "a*"
                  max_age: 2y
            """
        )
        let shown = try CommandRun(
            ["config", "show", "--sync", "../s"],
            in: project.path,
            environment: ["LOOPSYNC_LOG_LEVEL": "warning"]
        )
        #expect(shown.status == 0)
        let file = "\(project.path)/loopsync.yaml"
        let lines = shown.output.split(separator: "\n").map(String.init)
        for line in [
            "watch\t[]\tdefault", "archive.settle\t2s\tdefault", "mirror.to\t\(project.place.path)/s\t--sync",
            "retention.keep_last\t7\t\(file):5", "retention.statuses.failed.keep_daily\tall\t\(file):7",
            "retention.loops[0].match\ta*\t\(file):9", "retention.loops[0].max_age\t2y\t\(file):10",
            "log.level\twarning\t$LOOPSYNC_LOG_LEVEL",
        ] {
            #expect(lines.contains(line), "\(line)\n\(shown.output)")
        }
        #expect(!shown.output.contains("on_archive"))
        #expect(shown.errorOutput.contains("hooks are ignored") && shown.errorOutput.contains("watch is ignored"))
        let json = try JSONValue(parsing: Array(project.run("config", "show", "--json").output.utf8)).objectValue
        let values = json?["values"]?.arrayValue?.compactMap(\.objectValue) ?? []
        let last = try #require(values.first { $0["key"] == "retention.keep_last" })
        #expect(last["value"] == 7 && last["from"] == "file" && last["line"] == 5)
    }

    @Test func `show of a bad file ends with 78`() throws {
        try project.configure("retention: {keep_lsat: 1}\n")
        let shown = try project.run("config", "show")
        #expect(shown.status == 78 && shown.output == "")
        #expect(shown.errorOutput.contains("loopsync.yaml:2:13: error: "))
    }
}
