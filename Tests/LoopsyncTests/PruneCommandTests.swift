import LoopModel
import TestSupport
import Testing

/// `prune` and `restore` through the real program.
@Suite
struct PruneCommandTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        for day in 0..<4 {
            try project.archive(
                "count/2025-11-2\(3 + day)T201500",
                loop: "count",
                second: Int64(day) * 86400,
                status: "completed"
            )
        }
        try project.archive("2025-11-23T201501-other", loop: "other", second: 1, status: "failed")
    }

    private let policy = "retention:\n  keep_last: 2\n  keep_min: 0\n  min_age: 0s\n  time_zone: Etc/UTC\n"
    private var runs: [String] { Disk.names(in: project.loops(".history/count")) }

    @Test func `without a policy nothing is removed and nothing is printed`() throws {
        let prune = try project.run("prune")
        #expect(prune.status == 0)
        #expect(prune.output == "" && prune.errorOutput == "")
        #expect(runs.count == 4)
    }

    @Test func `a dry run prints the plan that the prune then carries out, and changes nothing`() throws {
        try project.configure(policy)
        let before = TreeSnapshot(of: project.path)
        let dry = try project.run("prune", "-n")
        #expect(dry.status == 0)
        #expect(TreeSnapshot(of: project.path) == before)
        let real = try project.run("prune")
        #expect(real.status == 0)
        let rows = { (text: String) in text.split(separator: "\n").filter { $0.hasPrefix("remove\t") } }
        #expect(rows(dry.output) == rows(real.output))
        #expect(rows(real.output).count == 2)
        #expect(dry.errorOutput.contains("would remove 2 of 5 runs"))
        #expect(runs == ["2025-11-25T201500", "2025-11-26T201500"])
        #expect(try project.run("prune").output == "")
    }

    @Test func `in a pipe come values alone, with UTC times and bytes, and on a terminal a table`() throws {
        try project.configure(policy.replacing("Etc/UTC", with: "Europe/Rome"))
        let reasons = "no rule keeps it (last 2 reached)"
        let piped = try project.run("prune", "-n")
        let rows = piped.output.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(rows.map(\.count) == [7, 7])
        #expect(
            rows[0][0..<5] == ["remove", "count", "2025-11-24T201500", "2025-11-24T20:18:12+00:00", "completed"]
        )
        #expect(rows.allSatisfy { Int($0[5]) ?? 0 > 100 && $0[6] == reasons })
        #expect(piped.errorOutput.hasPrefix("retention: last 2\nnow "))
        #expect(piped.errorOutput.contains("would remove 2 of 5 runs, "))

        let shown = try TerminalRun.output(["prune", "-n", "--color", "never"], in: project.path, columns: 120)
            .split(separator: "\n").map(String.init)
        #expect(shown.count == 6)
        #expect(shown[0] == "retention: last 2")
        #expect(shown[1].hasSuffix(", times in Europe/Rome"))
        #expect(shown[2] == "        LOOP   RUN                ENDED                STATUS     SIZE  REASONS")
        #expect(shown[3].hasPrefix("remove  count  2025-11-24T201500  2025-11-24 21:18:12  completed  "))
        #expect(shown[3].hasSuffix("K  \(reasons)"))
        #expect(shown[5].hasPrefix("would remove 2 of 5 runs"))
    }

    @Test func `what was pruned is listed, comes back by name, pinned, and stays`() throws {
        try project.configure(policy)
        #expect(try project.run("prune", "count").status == 0)
        let list = try project.run("restore", "--list")
        #expect(
            list.output.split(separator: "\n").map { $0.split(separator: "\t")[0] } == [
                "2025-11-24T201500", "2025-11-23T201500",
            ]
        )
        let restore = try project.run("restore", "count@latest")
        #expect(restore.status == 0)
        #expect(restore.errorOutput == "restored count/2025-11-24T201500 to .history/count/2025-11-24T201500, pinned\n")
        #expect(Disk.exists(project.loops(".history/count/2025-11-24T201500/.keep")))
        #expect(try project.run("prune").output == "")
        #expect(try project.run("prune", "--empty-trash").errorOutput.hasPrefix("deleted 1 run from the trash"))
        #expect(try project.run("restore", "--list").output == "")
        let gone = try project.run("restore", "2025-11-23")
        #expect(gone.status == 1)
        #expect(gone.errorOutput == "loopsync: no run in the trash '2025-11-23'. See: loopsync restore --list\n")
    }

    @Test func `emptying the trash spares what the same prune puts there`() throws {
        try project.configure(policy)
        #expect(try project.run("prune").status == 0)
        try project.archive("count/2025-11-27T201500", loop: "count", second: 4 * 86400, status: "completed")
        let prune = try project.run("prune", "--empty-trash")
        #expect(prune.status == 0)
        #expect(prune.output.contains("2025-11-25T201500"))
        #expect(prune.errorOutput.contains(" after 7d in the trash\ndeleted 2 runs from the trash"))
        #expect(try project.run("restore", "--list").output.hasPrefix("2025-11-25T201500\t"))
    }

    @Test func `as JSON the plan has every run with its reasons, and what was done`() throws {
        try project.configure(policy)
        let prune = try project.run("--json", "prune")
        let document = try #require(try JSONValue(parsing: Array(prune.output.utf8)).objectValue)
        #expect(document["dry_run"] == false)
        #expect(document["removing"] == 2)
        #expect(document["removed"] == [".history/count/2025-11-23T201500", ".history/count/2025-11-24T201500"])
        let verdicts = document["runs"]?.arrayValue?.compactMap { $0.objectValue?["verdict"]?.stringValue?.string }
        #expect(verdicts?.sorted() == ["keep", "keep", "keep", "remove", "remove"])
        let trash = try JSONValue(parsing: Array(project.run("restore", "--list", "--json").output.utf8)).objectValue
        #expect(trash?["trash"]?.arrayValue?.count == 2)
    }

    @Test func `a plan that nobody may have meant ends with 5, is printed, and waits for --force`() throws {
        for second in 0..<30 {
            let name = "2025-11-22T2015\(second < 10 ? "0" : "")\(second)"
            try project.archive("many/\(name)", loop: "many", second: Int64(second) - 86400, status: "completed")
        }
        try project.configure(policy)
        let held = try project.run("prune", "many")
        #expect(held.status == 5)
        #expect(held.errorOutput.contains("held back: many: 28 of 30 runs would go at once"))
        #expect(held.errorOutput.contains("loopsync prune --force"))
        #expect(Disk.names(in: project.loops(".history/many")).count == 30)
        #expect(try project.run("prune", "many", "--force").status == 0)
        #expect(Disk.names(in: project.loops(".history/many")).count == 2)
    }

    @Test func `--once says what in the configuration does not hold, as every verb does`() throws {
        try project.configure("watch: [/nowhere]\n")
        let notice = "loopsync.yaml: watch is ignored: it is read from --config or your own file only\n"
        for arguments in [["prune"], ["--watch", ".loops", "--once"]] {
            let told = try CommandRun(arguments, in: project.path)
            #expect(told.status == 0)
            #expect(told.errorOutput.hasSuffix(notice))
            #expect(try CommandRun(arguments + ["-q"], in: project.path).errorOutput == "")
        }
    }

    @Test func `a bad policy removes nothing and ends with 78`() throws {
        try project.configure("retention:\n  keep_last: some\n")
        let prune = try project.run("prune")
        #expect(prune.status == 78)
        #expect(prune.output == "")
        #expect(runs.count == 4)
    }
}
