import LoopModel
import SyncCore

/// A `.running` made of words, for the tracker to be told of.
struct TrackerStory {
    var tracker = RunTracker(settings: TrackerSettings(settle: 2000, abandonedAfter: 86_400_000))
    var clock: Int64 = 1_000_000
    var stem = Stem(base: FileName(literal: "fix"))

    var now: Moment { Moment(wall: Timestamp(microseconds: 1_800_000_000_000_000 + clock * 1000), steady: clock) }

    static func time(_ second: Int) -> JSONString {
        Timestamp(microseconds: 1_800_000_000_000_000 + Int64(second) * 1_000_000).iso
    }

    static func identity(_ number: UInt64) -> FileIdentity {
        FileIdentity(device: 1, inode: number, birth: Int64(number))
    }

    mutating func events(_ number: UInt64, _ lines: [String], isInRunning: Bool = true) {
        let text = lines.map { $0 + "\n" }.joined()
        let file = Self.identity(number)
        tracker.grew(
            file,
            stem: stem,
            by: Array(text.utf8),
            modified: now.wall.microseconds * 1000,
            isInRunning: isInRunning,
            at: now
        )
        if isInRunning { tracker.named(.events, stem: stem, file: file, at: now) }
    }

    mutating func state(_ number: UInt64, started: Int, status: RunStatus, updated: Int? = nil, modified: Int64? = nil)
    {
        let state = LoopState(
            loopName: "fix",
            currentState: "a",
            iteration: .number(JSONNumber(1)),
            startedAt: Self.time(started),
            updatedAt: Self.time(updated ?? started),
            status: status
        )
        let file = Self.identity(number)
        tracker.stateRead(
            file,
            stem: stem,
            content: .success(state),
            bytes: state.serialized(),
            mode: 0o644,
            modified: modified ?? now.wall.microseconds * 1000,
            isInRunning: true,
            at: now
        )
        tracker.named(.state, stem: stem, file: file, at: now)
    }

    mutating func unreadableState(_ number: UInt64) {
        let file = Self.identity(number)
        tracker.stateRead(
            file,
            stem: stem,
            content: .failure(StateProblem(reason: "is empty")),
            bytes: [],
            mode: 0o644,
            modified: now.wall.microseconds * 1000,
            isInRunning: true,
            at: now
        )
        tracker.named(.state, stem: stem, file: file, at: now)
    }

    mutating func owner(_ tokens: [Int32], running: [Int32]) {
        let processes = running.map { ($0, OwnerEvidence.Process(started: 1, mayBeExecutor: true)) }
        tracker.owner(
            of: stem,
            tokens: tokens.map { OwnerEvidence.Token(pid: $0, written: 100) },
            statePid: nil,
            processes: Dictionary(uniqueKeysWithValues: processes)
        )
    }

    mutating func gone() {
        tracker.named(.events, stem: stem, file: nil, at: now)
        tracker.named(.state, stem: stem, file: nil, at: now)
    }

    mutating func pass(_ milliseconds: Int64) { clock += milliseconds }

    var runs: [TrackedRun] { tracker.runs(of: stem) }
    var verdicts: [RunVerdict] { runs.map { tracker.verdict(on: $0, at: now) } }

    mutating func archive(_ run: TrackedRun) {
        let place = RunPlace.canonical(loop: run.loop, run: run.runID, layout: .nested)
        var signature = tracker.signature(of: run)
        signature.wasGone = !run.isInRunning
        tracker.archived(run.identity, as: .init(place: place, signature: signature))
    }

    static func start(_ second: Int) -> String {
        #"{"event": "loop_start", "ts": "\#(time(second))", "loop": "fix"}"#
    }
    static func enter(_ second: Int) -> String {
        #"{"event": "state_enter", "ts": "\#(time(second))", "state": "a", "iteration": 1}"#
    }
    static func complete(_ second: Int) -> String {
        #"{"event": "loop_complete", "ts": "\#(time(second))", "final_state": "a", "iterations": 1, "terminated_by": "terminal"}"#
    }
}
