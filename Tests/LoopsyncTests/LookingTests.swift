import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

@testable import loopsync

/// `status`, `history`, `pin` and `unpin` through the real program, on directories that executors left.
@Suite
struct LookingTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try project.archive("count/2025-11-23T201500", loop: "count", second: 0, status: "completed")
        try project.archive("count/2025-11-23T201500-2", loop: "count", second: 0, status: "failed", fraction: ".7")
        try project.archive("2025-11-23T201501-sub%2Floop", loop: "sub/loop", second: 1, status: "timed_out")
        try project.archive("2025-11-24T201500-my-count", loop: "my-count", second: 86400, status: "completed")
        try Disk.makeDirectories(project.loops(".history/count/not-a-run"))
        try Disk.write("x", to: project.loops(".history/README"))
    }

    @Test func `history lists the runs of both layouts, newest first, whole in a pipe`() throws {
        let history = try project.run("history")
        #expect(history.status == 0)
        let rows = history.output.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        #expect(
            rows.map { $0[0...5].joined(separator: " ") } == [
                "2025-11-24T201500 my-count completed 2025-11-24T20:18:12+00:00 3m12s 14",
                "2025-11-23T201501 sub/loop timed_out 2025-11-23T20:18:13+00:00 3m12s 14",
                "2025-11-23T201500-2 count failed 2025-11-23T20:18:12+00:00 3m11s 14",
                "2025-11-23T201500 count completed 2025-11-23T20:18:12+00:00 3m12s 14",
            ]
        )
    }

    @Test(arguments: [
        (["count"], 2), (["*count"], 3), (["sub/*", "my-count"], 2), (["nobody"], 0), (["--status", "failed"], 1),
        (["--status", "failed", "--status", "completed", "count"], 2), (["--limit", "1"], 1), (["--limit", "0"], 0),
        (["--since", "2025-11-24"], 1), (["--until", "2025-11-23T20:18:13Z"], 2),
        (["--since", "2025-11-24", "--until", "2025-11-24"], 0),
    ])
    func `history filters by loop, status and time`(arguments: [String], count: Int) throws {
        let history = try CommandRun(["history"] + arguments, in: project.path)
        #expect(history.status == 0)
        #expect(history.output.split(separator: "\n").count == count)
    }

    @Test func `history as JSON has the whole truth of a run`() throws {
        let document = try JSONValue(parsing: Array(project.run("--json", "history", "my-count").output.utf8))
        let runs = try #require(document.objectValue?["runs"]?.arrayValue)
        let shown = try #require(runs.first?.objectValue)
        #expect(runs.count == 1)
        #expect(shown["path"] == ".history/2025-11-24T201500-my-count")
        #expect(shown["layout"] == "flat")
        #expect(shown["status"] == "completed")
        #expect(shown["started_at"] == "2025-11-24T20:15:00+00:00")
        #expect(shown["ended_at"] == "2025-11-24T20:18:12+00:00")
        #expect(shown["seconds"] == 192.0)
        #expect(shown["pinned"] == false)
        #expect(shown["has_sums"] == false)
    }

    @Test func `pin writes .keep into the run that is meant, unpin removes it`() throws {
        let kept = project.loops(".history/count/2025-11-23T201500-2/.keep")
        #expect(try project.run("pin", "count@latest").status == 0)
        #expect(Disk.exists(kept))
        #expect(try project.run("pin", "count@latest").status == 0)
        #expect(try project.run("history").output.contains("pinned"))
        #expect(try project.run("unpin", "count/2025-11-23T201500-2").status == 0)
        #expect(!Disk.exists(kept))
    }

    @Test func `an ambiguous or unknown run is named with what could be meant, and nothing is pinned`() throws {
        let ambiguous = try project.run("pin", "2025-11-23T201500")
        #expect(ambiguous.status == 0)
        let prefix = try project.run("pin", "2025-11-23", "my-count@latest")
        #expect(prefix.status == 1)
        #expect(prefix.errorOutput.contains("could be any of 3 runs:\n  sub/loop/2025-11-23T201501\n"))
        #expect(!Disk.exists(project.loops(".history/2025-11-24T201500-my-count/.keep")))
        #expect(
            try project.run("pin", "1999").errorOutput == "loopsync: no archived run '1999'. See: loopsync history\n"
        )
        #expect(try project.run("pin", "count@first").status == 64)
    }

    @Test func `status tells that no agent watches, and ends with 3 only while a run is live`() throws {
        let idle = try project.run("status")
        #expect(idle.status == 0)
        #expect(
            idle.output == """
                ○ no agent watches .loops
                  .running    no run
                  history     4 runs, newest my-count/2025-11-24T201500 completed

                """
        )
        let executor = try Subprocess(["/bin/bash", "-c", "exec -a ll-loop sleep 600"])
        defer { executor.signal(SIGKILL) }
        try Disk.makeDirectories(project.loops(".running"))
        try Disk.write("\(executor.pid)", to: project.loops(".running/count.pid"))
        let live = try project.run("status")
        #expect(live.status == 3)
        #expect(live.output.contains("count: starting, pid \(executor.pid)"))
        #expect(live.output.contains("no agent watches it: loopsync --watch .loops"))
        let document = try JSONValue(parsing: Array(project.run("status", "--json").output.utf8)).objectValue
        #expect(document?["watched"] == false)
        #expect(document?["degraded"] == true)
        #expect(document?["archived_runs"] == 4)
        #expect(document?["agent"] == .null)
    }

    @Test func `an unreadable state is shown and changes nothing`() throws {
        try Disk.makeDirectories(project.loops(".running/sub"))
        try Disk.write("null", to: project.loops(".running/sub/x.state.json"))
        let status = try project.run("status")
        #expect(status.output.contains("sub/x: unreadable state, no process"))
        #expect(Disk.names(in: project.loops("")) == [".history", ".running"])
    }

    @Test func `a project in place of its loops directory is answered with the right path`() throws {
        for arguments in [["--loops", "p", "status"], ["history", "--loops", "p"], ["pin", "x", "--loops", "p"]] {
            let answer = try CommandRun(arguments, in: project.place.path)
            #expect(answer.status == 64)
            #expect(answer.errorOutput.contains("Did you mean: --loops p/.loops"))
        }
        let variable = try CommandRun(["history"], in: project.place.path, environment: ["LOOPSYNC_LOOPS": "p/.loops"])
        #expect(variable.status == 0 && !variable.output.isEmpty)
    }

    @Test(arguments: [["status"], ["history"], ["pin", "x"], ["unpin", "x"]])
    func `without a loops directory every verb ends with 10`(arguments: [String]) throws {
        let answer = try CommandRun(arguments)
        #expect(answer.status == 10)
        #expect(answer.errorOutput.contains("no loops directory at .loops"))
    }
}
