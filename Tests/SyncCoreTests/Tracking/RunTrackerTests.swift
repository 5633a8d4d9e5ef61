import LoopModel
import SyncCore
import Testing

/// A `.running` made of words, for the tracker to be told of.
private struct Story {
    var tracker = RunTracker(settings: TrackerSettings(settle: 2000, abandonedAfter: 86_400_000))
    var clock: Int64 = 1_000_000
    let stem = Stem(base: FileName(literal: "fix"))

    var now: Moment { Moment(wall: Timestamp(microseconds: 1_800_000_000_000_000 + clock * 1000), steady: clock) }

    static func time(_ second: Int) -> JSONString {
        Timestamp(microseconds: 1_800_000_000_000_000 + Int64(second) * 1_000_000).iso
    }

    static func identity(_ number: UInt64) -> FileIdentity {
        FileIdentity(device: 1, inode: number, birth: Int64(number))
    }

    mutating func events(_ number: UInt64, _ lines: [String]) {
        let text = lines.map { $0 + "\n" }.joined()
        let file = Self.identity(number)
        tracker.grew(
            file,
            stem: stem,
            by: Array(text.utf8),
            modified: now.wall.microseconds * 1000,
            isInRunning: true,
            at: now
        )
        tracker.named(.events, stem: stem, file: file, at: now)
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

@Suite struct `The verdict on a run` {
    @Test func `is live while its owner runs, first of all keeping its place free`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.enter(10)])
        story.state(2, started: 10, status: .running)
        story.owner([7], running: [7])
        #expect(story.verdicts == [.reserve])
        story.tracker.reserved(story.runs[0])
        #expect(story.verdicts == [.live])
        #expect(story.runs[0].runID == RunID(startedAt: Story.time(10)))
    }

    @Test func `is archive as soon as it has ended and its pid and lock are gone`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.state(2, started: 10, status: .completed, updated: 11)
        story.owner([7], running: [7])
        #expect(story.verdicts != [.archive(.ended)])
        story.owner([], running: [7])
        #expect(story.verdicts == [.archive(.ended)])
    }

    @Test func `waits for quiet where the executor still holds an ended run`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.state(2, started: 10, status: .completed, updated: 11)
        story.owner([7], running: [7])
        #expect(story.verdicts == [.askAgain(at: story.clock + 2000)])
        story.pass(2000)
        #expect(story.verdicts == [.archive(.ended)])
    }

    @Test func `takes no status for an end`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.enter(10)])
        story.state(2, started: 10, status: .completed)
        story.owner([7], running: [7])
        story.pass(60_000)
        #expect(!story.verdicts.contains(.archive(.ended)))
    }

    @Test func `is abandoned when its owner died without a word`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.enter(10)])
        story.state(2, started: 10, status: .running)
        story.owner([7], running: [7])
        story.owner([7], running: [])
        #expect(story.verdicts == [.askAgain(at: story.clock + 2000)])
        story.pass(2000)
        #expect(story.verdicts == [.archive(.abandoned)])
    }

    @Test func `waits a day where nobody was ever seen and no end was written`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.enter(10)])
        story.pass(86_399_000)
        guard case .askAgain = story.verdicts[0] else { return #expect(Bool(false), "\(story.verdicts)") }
        story.pass(2000)
        #expect(story.verdicts == [.archive(.abandoned)])
    }

    @Test func `is archive from the pin when the next run took its place`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.enter(10)])
        story.state(2, started: 10, status: .running)
        story.gone()
        story.events(3, [Story.start(20)])
        #expect(story.runs.count == 2)
        #expect(story.verdicts[0] == .archive(.gone))
        #expect(story.runs[0].state?.facts.startedAt == Story.time(10))
        #expect(story.runs[1].state == nil)
    }

    @Test func `waits for a live executor whose files a foreign sweep took`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.enter(10)])
        story.state(2, started: 10, status: .completed)
        story.owner([7], running: [7])
        story.gone()
        guard case .askAgain = story.verdicts[0] else { return #expect(Bool(false), "\(story.verdicts)") }
        story.events(3, [Story.enter(11), Story.complete(12)])
        #expect(story.runs.count == 1)
        #expect(story.runs[0].events == [Story.identity(1), Story.identity(3)])
        #expect(story.runs[0].witness == .complete)
    }

    @Test func `is nothing to do while the archive says what the files say, and archive again after a change`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.state(2, started: 10, status: .completed, updated: 11)
        story.owner([7], running: [7])
        story.owner([], running: [])
        story.archive(story.runs[0])
        #expect(story.verdicts == [.idle])
        story.state(2, started: 10, status: .interrupted, updated: 12)
        #expect(story.verdicts == [.archive(.ended)])
    }

    @Test func `is forget only after a look at the archive since the run left`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.state(2, started: 10, status: .completed, updated: 11)
        story.owner([7], running: [7])
        story.owner([], running: [])
        story.archive(story.runs[0])
        story.gone()
        #expect(story.verdicts == [.archive(.gone)])
        story.archive(story.runs[0])
        #expect(story.verdicts == [.forget])
        let files = story.tracker.forget(story.runs[0])
        #expect(Set(files) == [Story.identity(1), Story.identity(2)])
        #expect(story.runs.isEmpty)
    }

    @Test func `has those of its loop beside it that are in .running, whatever their stem`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.state(2, started: 10, status: .completed)
        let other = Stem(base: FileName(literal: "fix-2"))
        let file = Story.identity(7)
        let line = Array((Story.start(12) + "\n").utf8)
        story.tracker.grew(file, stem: other, by: line, modified: 0, isInRunning: true, at: story.now)
        for stem in story.tracker.stems { story.tracker.assemble(stem) }
        let run = story.runs[0]
        #expect(story.tracker.standing(beside: run).map(\.stem) == [other])
        story.tracker.named(.events, stem: other, file: nil, at: story.now)
        story.tracker.assemble(other)
        #expect(story.tracker.standing(beside: run).isEmpty)
    }

    @Test func `does not take the next run's newborn state for its own`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.state(2, started: 10, status: .completed)
        story.unreadableState(2)
        #expect(story.tracker.unreadableState(of: story.runs[0]) != nil, "its own file, truncated")
        story.state(2, started: 10, status: .completed)
        story.gone()
        story.unreadableState(3)
        #expect(story.tracker.unreadableState(of: story.runs[0]) == nil)
    }

    @Test func `looks again after its grace, also beside a namesake, and once more when that one has left`() throws {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.state(2, started: 10, status: .completed)
        story.gone()
        story.archive(story.runs[0])
        let run = story.runs[0].identity
        let due = story.tracker.patience(with: run, at: story.now)
        story.pass(try #require(due) - story.clock)
        let none = story.tracker.patience(with: run, at: story.now)
        #expect(none == nil)
        var isDue = story.tracker.endDoubt(run, hasNamesake: true)
        #expect(isDue)
        #expect(story.verdicts == [.archive(.gone)])
        story.archive(story.runs[0])
        isDue = story.tracker.endDoubt(run, hasNamesake: true)
        #expect(!isDue, "once is enough while nothing changes")
        isDue = story.tracker.endDoubt(run, hasNamesake: false)
        #expect(isDue)
        #expect(story.verdicts == [.archive(.gone)])
        story.archive(story.runs[0])
        isDue = story.tracker.endDoubt(run, hasNamesake: false)
        #expect(!isDue)
        #expect(story.verdicts == [.forget])
    }

    @Test func `asks again later after a failure, and longer each time`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.owner([7], running: [7])
        story.owner([], running: [])
        story.tracker.postponed(story.runs[0].identity, isFailure: true, at: story.now)
        #expect(story.verdicts == [.askAgain(at: story.clock + 1000)])
        story.tracker.postponed(story.runs[0].identity, isFailure: true, at: story.now)
        #expect(story.verdicts == [.askAgain(at: story.clock + 2000)])
    }

    @Test func `is asked for once while it is under way`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.owner([7], running: [7])
        story.owner([], running: [])
        story.tracker.began(story.runs[0].identity)
        #expect(story.verdicts == [.idle])
    }
}

@Suite struct `A state and the run it belongs to` {
    @Test func `are paired by time, so that a stop's old state is not taken for the new run's`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.enter(10)])
        story.state(2, started: 10, status: .running)
        story.gone()
        story.events(3, [Story.start(20), Story.enter(20)])
        story.state(4, started: 20, status: .running)
        // `stop` writes what it had read before the first run ended into the file that is the second run's by now.
        story.state(4, started: 10, status: .interrupted, updated: 21)
        #expect(story.runs.count == 2)
        #expect(story.runs[0].state?.facts.status == .interrupted)
        #expect(story.runs[1].state?.facts.startedAt == Story.time(20))
        #expect(story.runs[1].state?.facts.status == .running)
    }

    @Test func `tell under which foreign name an executor would archive a run`() {
        var story = Story()
        story.events(1, [Story.start(20), Story.enter(20)])
        story.state(2, started: 20, status: .running)
        #expect(story.tracker.newStrangers(beside: story.runs[0]).isEmpty)
        story.state(2, started: 10, status: .interrupted, updated: 21)
        let foreign = RunID(startedAt: Story.time(10))
        #expect(story.tracker.newStrangers(beside: story.runs[0]) == [foreign])
        #expect(story.tracker.newStrangers(beside: story.runs[0]).isEmpty)
        #expect(story.tracker.otherRunIDs(of: story.runs[0]) == [foreign])
    }

    @Test func `stay together over a resume that gives the state a new start`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.enter(10)])
        story.state(2, started: 10, status: .awaitingContinuation)
        story.events(1, [Story.start(30), Story.enter(30)])
        story.state(2, started: 30, status: .running)
        #expect(story.runs.count == 1)
        #expect(story.runs[0].runID == RunID(startedAt: Story.time(30)))
        #expect(story.runs[0].identity == .loopStart(Array(Story.start(10).utf8)))
    }

    @Test func `are of its last segment by the file's order, also where the clock was set back before a resume`() {
        var story = Story()
        story.events(1, [Story.start(30), Story.enter(30)])
        story.state(2, started: 30, status: .awaitingContinuation)
        story.events(1, [Story.start(10), Story.enter(10)])
        story.state(2, started: 10, status: .running)
        #expect(story.runs.map(\.runID) == [RunID(startedAt: Story.time(10))])
        #expect(story.tracker.lastStart(of: story.runs[0])?.iso == Story.time(10))
    }

    @Test func `stay what they are beside the next run's state that cannot be read, also without their events`() throws
    {
        var story = Story()
        story.state(2, started: 10, status: .completed)
        story.gone()
        story.events(3, [Story.start(20), Story.enter(20)])
        story.state(4, started: 20, status: .running)
        story.unreadableState(4)
        let lone = try #require(story.runs.first { $0.events.isEmpty })
        #expect(story.tracker.unreadableState(of: lone) == nil)
        let next = try #require(story.runs.first { !$0.events.isEmpty })
        #expect(story.tracker.unreadableState(of: next)?.identity == Story.identity(4))
    }

    @Test func `show whose events go on in a file without a start, whatever the order of births`() {
        var story = Story()
        story.events(5, [Story.start(20), Story.complete(21)])
        story.state(6, started: 20, status: .completed, modified: 6)
        story.gone()
        // The clock was set back, and a foreign sweep took the files of a live run.
        story.events(3, [Story.start(10), Story.enter(10)])
        story.state(4, started: 10, status: .running, modified: 4)
        story.gone()
        story.events(7, [Story.complete(12)])
        #expect(story.runs.map(\.events.count) == [1, 2])
        story.state(8, started: 10, status: .completed, modified: 8)
        #expect(story.runs.map(\.events) == [[3, 7].map(Story.identity), [Story.identity(5)]])
    }

    @Test func `has nothing to do with half a line that a loss of power left of the next one`() {
        var story = Story()
        story.events(1, [Story.start(10), Story.complete(11)])
        story.state(2, started: 10, status: .completed)
        story.gone()
        let torn = Array(Story.start(20).utf8.prefix(30))
        story.tracker.grew(
            Story.identity(3),
            stem: story.stem,
            by: torn,
            modified: 0,
            isInRunning: false,
            at: story.now
        )
        #expect(story.runs.map(\.events) == [[Story.identity(1)], [Story.identity(3)]])
    }

    @Test func `are a run of their own where there are no events`() {
        var story = Story()
        story.state(2, started: 10, status: .completed)
        #expect(story.runs.map(\.identity) == [.state(loop: "fix", startedAt: Story.time(10))])
        story.pass(86_500_000)
        #expect(story.verdicts == [.archive(.abandoned)])
    }

    @Test func `are looked for by the stem where the start cannot be read`() {
        var story = Story()
        story.events(1, [#"{"event": "loop_start", "ts": 5, "loop": "fix"}"#])
        story.state(2, started: 10, status: .running)
        #expect(story.runs.count == 1)
        #expect(story.runs[0].state != nil)
    }
}
