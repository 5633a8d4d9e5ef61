import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

/// `archive` through the real program, on what executors left in `.running`.
@Suite
struct ArchiveCommandTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try Disk.makeDirectories(project.loops(".running"))
    }

    /// Leaves a run behind as the old executor does, in the form that it has while it waits for the next start.
    private func leave(_ loop: String, status: String, ending: String) throws {
        let start = "2025-11-23T20:15:00.5+00:00"
        try Disk.write(
            #"{"event": "loop_start", "ts": "\#(start)", "loop": "\#(loop)"}"# + "\n" + ending,
            to: project.loops(".running/\(loop).events.jsonl")
        )
        try Disk.write(
            """
            {"loop_name": "\(loop)", "current_state": "done", "iteration": 2, "captured": {}, "prev_result": null,
            "last_result": null, "started_at": "\(start)", "updated_at": "2025-11-23T20:18:00+00:00", "status": "\(status)"}
            """,
            to: project.loops(".running/\(loop).state.json")
        )
    }

    private let end =
        #"{"event": "loop_complete", "ts": "2025-11-23T20:18:00+00:00", "terminated_by": "terminal"}"# + "\n"

    @Test func `ended runs are archived without waiting, with sums, and once`() throws {
        try leave("count", status: "completed", ending: end)
        let dry = try project.run("archive", "--dry-run")
        #expect(dry.status == 0)
        #expect(dry.output == "2025-11-23T201500\tcount\tcompleted\tdue\tcount\t\n")
        #expect(Disk.names(in: project.loops(".history")) == [])
        let archive = try project.run("archive")
        #expect(archive.status == 0)
        #expect(archive.output == "2025-11-23T201500\tcount\tcompleted\tarchived\t.history/count/2025-11-23T201500\t\n")
        #expect(archive.errorOutput == "1 run archived\n")
        let check = try Subprocess.run(
            ["/usr/bin/sha256sum", "-c", "SHA256SUMS"],
            in: project.loops(".history/count/2025-11-23T201500")
        )
        #expect(check.output == "events.jsonl: OK\nstate.json: OK\n")
        #expect(try project.run("archive").output == "")
        let nothing = try project.run("archive", "--dry-run")
        #expect(nothing.output + nothing.errorOutput == "")
        #expect(try project.run("archive", "--dry-run", "--clear").output.contains("\tdue\t"))
        #expect(Disk.names(in: project.loops(".running")) == ["count.events.jsonl", "count.state.json"])
    }

    @Test func `what was archived goes to the mirror at once, and a mirror out of reach is told with 4`() throws {
        try leave("count", status: "completed", ending: end)
        let without = try project.run("archive", "--sync", project.place.path("gone"), "--json")
        #expect(without.status == 4)
        #expect(without.errorOutput.contains("mkdir -p"))
        let document = try JSONValue(parsing: Array(without.output.utf8))
        guard case .object(let object) = document, case .object(let mirror)? = object["mirror"] else {
            Issue.record("\(without)")
            return
        }
        #expect(mirror["runs"] == .array([]))
        #expect(Disk.names(in: project.loops(".history/count")) == ["2025-11-23T201500"], "archived all the same")

        let sync = project.place.path("sync")
        try Disk.makeDirectories(sync)
        try leave("other", status: "completed", ending: end)
        let both = try project.run("archive", "--sync", sync)
        #expect(both.status == 0, "\(both)")
        #expect(both.output.contains("other"))
        #expect(both.errorOutput.contains("2 runs mirrored"))
        let history = TreeSnapshot(of: project.loops(".history"))
        let copy = TreeSnapshot(of: "\(sync)/\(HostName.current)/p/.history")
        #expect(history.differences(to: copy) == [])
        #expect(try project.run("archive", "--sync", sync).errorOutput == "")
    }

    @Test func `an agent can start while it is at work, and its sync directory is known afterwards`() throws {
        let sync = project.place.path("sync")
        try Disk.makeDirectories(sync)
        try leave("count", status: "completed", ending: end)
        let loops = try #require(try LoopsDirectory.open(path: project.loops("")))
        var lock = try HistoryLock.acquire(loops, waiting: 0)
        #expect(lock != nil)
        let archive = try Subprocess(
            [try BuiltProduct.loopsync(), "archive"],
            in: project.path,
            environment: ["PATH": "/usr/bin:/bin", "HOME": project.path, "TZ": "UTC"]
        )
        let agent = try AgentProcess(watching: [".loops"], sync: sync, in: project.path)
        #expect(archive.isRunning, "the history's lock is taken")
        lock = nil
        archive.signal(SIGKILL)
        #expect(eventually { Disk.exists(project.loops(".loopsync/mirror.json")) }, "\(agent.errorOutput)")
        let mirror = "\(sync)/\(HostName.current)/p/.history"
        #expect(eventually { Disk.names(in: "\(mirror)/count").count == 1 }, "\(agent.errorOutput)")
        try agent.terminate()

        try leave("other", status: "completed", ending: end)
        let other = try project.run("archive")
        #expect(other.status == 0 && other.errorOutput.contains("1 run mirrored"), "\(other)")
        #expect(Disk.names(in: "\(mirror)/other").count == 1)
        try Disk.move(sync, to: project.place.path("away"))
        let without = try project.run("mirror")
        #expect(without.status == 4, "\(without)")
    }

    @Test func `only the loops that are asked for, and with --clear only what ended leaves .running`() throws {
        try leave("count", status: "completed", ending: end)
        try leave(
            "other",
            status: "awaiting_continuation",
            ending: #"{"event": "handoff_detected", "ts": "2025-11-23T20:18:00+00:00"}"# + "\n"
        )
        try Disk.write("", to: project.loops(".running/.acquire.lock"))
        #expect(try project.run("archive", "nobody").output == "")
        #expect(try project.run("archive", "--clear").status == 0)
        #expect(Disk.names(in: project.loops(".history")) == ["count", "other"])
        #expect(
            Disk.names(in: project.loops(".running")) == [".acquire.lock", "other.events.jsonl", "other.state.json"]
        )
    }

    @Test func `a run without an end is left alone unless it is taken for abandoned`() throws {
        try leave("count", status: "running", ending: "")
        let touched = try Subprocess.run(["/bin/sh", "-c", "touch *"], in: project.loops(".running"))
        try #require(touched.succeeded)
        #expect(try project.run("archive").output == "")
        #expect(try project.run("archive").errorOutput.contains("1 run left: without an end"))
        let abandoned = try project.run("archive", "--abandoned")
        #expect(abandoned.output.contains("left by its executor, can be resumed"))
        #expect(Disk.names(in: project.loops(".running")).count == 2)
    }

    @Test func `an unreadable state is archived too, and as JSON each run has its reason`() throws {
        try leave("count", status: "completed", ending: end)
        try Disk.write("null", to: project.loops(".running/count.state.json"))
        let archive = try project.run("archive", "--json")
        #expect(archive.status == 0)
        let runs = try JSONValue(parsing: Array(archive.output.utf8)).objectValue?["runs"]?.arrayValue
        #expect(runs?.count == 1)
        #expect(runs?.first?.objectValue?["reason"] == "ended")
        #expect(runs?.first?.objectValue?["result"] == "archived")
    }
}
