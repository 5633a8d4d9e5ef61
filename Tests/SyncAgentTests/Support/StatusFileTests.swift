import LoopModel
import LoopStore
import SyncAgent
import TestSupport
import Testing

@Suite
struct StatusFileTests {
    private var full: AgentStatus {
        var status = AgentStatus(version: "0.1.0", process: 4711, startedAt: "2026-11-23T20:15:00+00:00")
        status.configuration = "/home/a/.config/loopsync/config.yaml"
        status.configurationProblem = "line 3: no such key"
        status.watching = "inotify, 3 watches"
        status.isWatching = false
        status.mirror = .init(path: "/s/host/app", suspended: "not mounted", pending: 3)
        status.retention = "keep_last 50"
        status.nextPrune = "2026-11-23T21:15:00+00:00"
        status.archived = 5
        status.pruned = 2
        status.overflows = 1
        status.droppedHooks = 4
        status.problems = [.init(at: "2026-11-23T20:16:00+00:00", text: "unreadable")]
        return status
    }

    @Test func `what is written is read again, and nothing else is left beside it`() throws {
        let directory = try TemporaryDirectory()
        let loops = try #require(try LoopsDirectory.open(path: directory.path))
        #expect(try StatusFile.read(in: loops) == nil)
        try StatusFile.write(full, in: loops)
        var changed = full
        changed.archived = 6
        try StatusFile.write(changed, in: loops)
        #expect(try StatusFile.read(in: loops) == changed)
        #expect(Disk.names(in: "\(directory.path)/.loopsync") == [".gitignore", "status.json"])
    }

    @Test func `another version's file is read as far as it goes, a broken one not at all`() throws {
        let directory = try TemporaryDirectory()
        let loops = try #require(try LoopsDirectory.open(path: directory.path))
        _ = try loops.own()
        try Disk.write(
            #"{"pid": 7, "mirror": {"future": 1}, "archived": "many"}"#,
            to: "\(directory.path)/.loopsync/status.json"
        )
        let status = try #require(try StatusFile.read(in: loops))
        #expect(status.process == 7 && status.archived == 0 && status.mirror?.pending == 0)
        try Disk.write(#"{"pid": "#, to: "\(directory.path)/.loopsync/status.json")
        #expect(try StatusFile.read(in: loops) == nil)
    }

    @Test func `each thing that needs a person makes the agent degraded`() {
        let sound = AgentStatus(version: "0.1.0", process: 1, startedAt: "")
        #expect(!sound.isDegraded)
        var status = sound
        status.problems = [.init(at: "", text: "x")]
        #expect(status.isDegraded)
        status = sound
        status.isWatching = false
        #expect(status.isDegraded)
        status = sound
        status.configurationProblem = "x"
        #expect(status.isDegraded)
        status = sound
        status.mirror = .init(path: "/s")
        #expect(!status.isDegraded)
        status.mirror?.suspended = "x"
        #expect(status.isDegraded)
    }
}
