import Glibc
import LoopModel
import LoopStore
import SyncCore
import TestSupport

@testable import SyncAgent

/// A `.loops` with one run of loop `fix`, as version A leaves it, and a reader that looks at it.
final class RunningLab {
    let place: TemporaryDirectory
    let loops: LoopsDirectory
    let opened: WatchedRoot.Opened
    let reader: RunningReader
    var processes = FakeProcesses()
    let stem = Stem(base: FileName(literal: "fix"))
    var clock: Int64 = 1_000_000

    static let started = "2026-01-31T23:59:59.000001+00:00"
    static let start = #"{"event": "loop_start", "ts": "2026-01-31T23:59:59.000100+00:00", "loop": "fix"}"# + "\n"
    static let complete =
        #"{"event": "loop_complete", "ts": "2026-01-31T23:59:59.200000+00:00", "final_state": "b", "iterations": 1, "terminated_by": "terminal"}"#
        + "\n"

    init() throws {
        place = try TemporaryDirectory()
        try Disk.makeDirectories(place.path(".running"))
        loops = LoopsDirectory(root: try place.open())
        opened = WatchedRoot.Opened(loops: loops)
        reader = RunningReader(
            opened: opened,
            settings: TrackerSettings(settle: 0, clearAfter: 0),
            processes: processes
        )
    }

    var now: Moment { Moment(wall: Timestamp(seconds: 1_900_000_000), steady: clock) }

    func running() throws -> any Directory {
        guard let running = try loops.running() else { throw TestSupportError("no .running") }
        return running
    }

    func write(_ text: String, to name: String) throws {
        try Disk.write(text, to: place.path(".running/\(name)"))
    }

    func writeRun(status: String = "completed") throws {
        try write(Self.start + Self.complete, to: "fix.events.jsonl")
        try write(Self.state(status), to: "fix.state.json")
        try write("", to: ".acquire.lock")
    }

    static func state(_ status: String) -> String {
        #"{"loop_name": "fix", "current_state": "b", "iteration": 1, "started_at": "\#(started)", "status": "\#(status)", "updated_at": "2026-01-31T23:59:59.300000+00:00"}"#
    }

    func names(_ directory: String) throws -> [String] {
        guard let opened = try PosixDirectory.open(path: place.path(directory)) else { return [] }
        return try opened.entries().map(\.name.description).sorted()
    }
}

/// Processes that the test makes up.
struct FakeProcesses: ProcessTable {
    var known: [Int32: ProcessFacts] = [:]
    func process(_ pid: Int32) -> ProcessFacts? { known[pid] }
    func sinceBoot() -> Int64 { 1_000_000_000 }
}

/// Makes a symbolic link.
func symbolicLink(to target: String, at path: String) throws {
    guard symlink(target, path) == 0 else { throw TestSupportError("symlink \(path)") }
}

/// Makes a FIFO.
func fifo(at path: String) throws {
    guard mkfifo(path, 0o600) == 0 else { throw TestSupportError("mkfifo \(path)") }
}
