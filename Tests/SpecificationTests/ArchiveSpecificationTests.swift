import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

/// `archive_run` and `clear_all` of the specification beside ours.
@Suite struct ArchiveSpecificationTests {
    private static let now = Timestamp(seconds: 1_769_903_999)
    private let state = """
        {"loop_name": "l", "current_state": "done", "iteration": 1, "started_at": "2026-01-31T20:00:00.5+00:00", \
        "updated_at": "2026-01-31T20:00:09+00:00", "status": "completed"}
        """
    private let events = """
        {"event": "loop_start", "ts": "2026-01-31T20:00:00.600000+00:00", "loop": "l"}
        {"event": "loop_complete", "ts": "2026-01-31T20:00:09+00:00", "terminated_by": "terminal"}

        """

    private func ours(_ directory: String) -> StatePersistence {
        StatePersistence(loopName: "l", loopsDirectory: directory, clock: { Self.now }, warn: { _ in })
    }

    private func request(_ call: JSONValue, _ directory: String) -> JSONObject {
        ["call": call, "loop": "l", "dir": .string(JSONString(directory))]
    }

    /// Two directories with the same files, and what the specification's function gives on one of them.
    private func sides(_ call: JSONValue, state: String?, events: String?, in root: TemporaryDirectory) throws
        -> Specification.Answer
    {
        for side in ["ours", "theirs"] {
            let persistence = ours(root.path(side))
            try persistence.initialize()
            if let state { try Disk.write(state, to: persistence.stateFile) }
            if let events { try Disk.write(events, to: persistence.eventsFile) }
            for path in [persistence.stateFile, persistence.eventsFile] where Disk.exists(path) {
                #expect(chmod(path, 0o640) == 0)
                let times = [timespec(tv_sec: 1_700_000_000, tv_nsec: 123_456_789)]
                #expect(utimensat(AT_FDCWD, path, times + times, 0) == 0)
            }
        }
        return try Specification.call(
            ["call": "at", "now": .string(Self.now.iso)],
            request(call, root.path("theirs"))
        )[1]
    }

    /// The two trees, without what only we add.
    private func compare(_ root: TemporaryDirectory) {
        let ours = TreeSnapshot(of: root.path("ours"), skipping: [".loopsync", "SHA256SUMS"])
        let theirs = TreeSnapshot(of: root.path("theirs"))
        #expect(theirs.differences(to: ours) == [])
        for path in theirs.files {
            let (one, other) = (Disk.status(root.path("ours/\(path)")), Disk.status(root.path("theirs/\(path)")))
            #expect(one?.mode == other?.mode && one?.modified == other?.modified, "\(path)")
        }
    }

    @Test func `StatePersistence.archive_run`() throws {
        let root = try TemporaryDirectory()
        let theirs = try sides("archive_run", state: state, events: events, in: root)
        let place = try ours(root.path("ours")).archiveRun()
        #expect(place == root.path("ours/.history/l/2026-01-31T200000"))
        #expect(theirs.value == .string(JSONString(root.path("theirs/.history/l/2026-01-31T200000"))))
        compare(root)
        let copy = try #require(Disk.status(root.path("ours/.history/l/2026-01-31T200000/events.jsonl")))
        #expect(copy.mode == 0o640 && copy.modified == 1_700_000_000_123_456_789)
        // An archive that shares an inode with the executor's file would make it fail for ever (protocol 7.2).
        #expect(copy.inode != Disk.status(ours(root.path("ours")).eventsFile)?.inode)

        // The same run again changes nothing.
        let before = TreeSnapshot(of: root.path("ours/.history"))
        #expect(try ours(root.path("ours")).archiveRun() == place)
        #expect(TreeSnapshot(of: root.path("ours/.history")) == before)
    }

    @Test(arguments: ["state", "events", "neither"])
    func `StatePersistence.archive_run with one file or none`(which: String) throws {
        let root = try TemporaryDirectory()
        let theirs = try sides(
            "archive_run",
            state: which == "state" ? state : nil,
            // Without a state both take the current time, unless the events tell when the run began.
            events: which == "events" ? "{\"event\": \"route\"}\n" : nil,
            in: root
        )
        let place = try ours(root.path("ours")).archiveRun()
        #expect((place == nil) == (theirs.value == .null))
        #expect((place == nil) == (which == "neither"))
        compare(root)
        #expect(Disk.exists(root.path("ours/.history/l/2026-01-31T235959")) == (which == "events"))
    }

    @Test func `StatePersistence.archive_run without a readable state keeps the run's own second`() throws {
        let root = try TemporaryDirectory()
        let theirs = try sides("archive_run", state: "{\"loop_na", events: events, in: root)
        #expect(theirs.value == .string(JSONString(root.path("theirs/.history/l/2026-01-31T235959"))))
        let place = try ours(root.path("ours")).archiveRun()
        #expect(place == root.path("ours/.history/l/2026-01-31T200000"))
        #expect(Disk.text(root.path("ours/.history/l/2026-01-31T200000/state.json")) == "{\"loop_na")
    }

    @Test func `StatePersistence.archive_run of an enormous state copies it as it is`() throws {
        let root = try TemporaryDirectory()
        let persistence = ours(root.path)
        try persistence.initialize()
        try Disk.write(events, to: persistence.eventsFile)
        try Disk.write("", to: persistence.stateFile)
        #expect(truncate(persistence.stateFile, StateFile.sizeLimit + 1) == 0)
        let place = try #require(try persistence.archiveRun())
        #expect(place == root.path(".history/l/2026-01-31T200000"))
        #expect(Disk.status("\(place)/state.json")?.size == Int64(StateFile.sizeLimit + 1))
        #expect(throws: PosixError.self) { try persistence.load() }
    }

    @Test func `StatePersistence.archive_run keeps two runs of one second, of which one is lost there`() throws {
        let root = try TemporaryDirectory()
        _ = try sides("archive_run", state: state, events: events, in: root)
        try ours(root.path("ours")).archiveRun()
        let second = events.replacing(".600000", with: ".700000")
        _ = try sides("archive_run", state: state, events: second, in: root)
        try ours(root.path("ours")).archiveRun()

        #expect(Disk.names(in: root.path("theirs/.history/l")) == ["2026-01-31T200000"])
        let kept = Disk.names(in: root.path("ours/.history/l"))
        #expect(kept.count == 2)
        #expect(Set(kept.map { Disk.text(root.path("ours/.history/l/\($0)/events.jsonl")) }) == [events, second])
        #expect(Disk.text(root.path("ours/.history/l/2026-01-31T200000/events.jsonl")) == second)
    }

    @Test func `StatePersistence.clear_all`() throws {
        let root = try TemporaryDirectory()
        let theirs = try sides("clear_all", state: state, events: events, in: root)
        #expect(theirs == .value(.null))
        try ours(root.path("ours")).clearAll()
        compare(root)
        #expect(Disk.names(in: root.path("ours/.running")) == [])
        #expect(Disk.text(root.path("ours/.history/l/2026-01-31T200000/state.json")) == state)
        try ours(root.path("ours")).clearAll()
        try ours(root.path("absent")).clearAll()
    }

    @Test func `StatePersistence.clear_all removes nothing that it could not archive`() throws {
        let root = try TemporaryDirectory()
        try Disk.makeDirectories(root.path("theirs"))
        for side in ["ours", "theirs"] {
            try Disk.makeDirectories(root.path(side))
            try Disk.write("no directory", to: root.path("\(side)/.history"))
            let times = [timespec(tv_sec: 1_700_000_000, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, root.path("\(side)/.history"), times + times, 0) == 0)
        }
        #expect(try sides("clear_all", state: state, events: events, in: root).exception == "NotADirectoryError")
        #expect(throws: RunArchiveError.self) { try ours(root.path("ours")).clearAll() }
        compare(root)
        #expect(Disk.names(in: root.path("ours/.running")).count == 2)
    }
}
