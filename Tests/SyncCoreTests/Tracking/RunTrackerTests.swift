import LoopModel
import SyncCore
import Testing

@Suite struct `The verdict on a run` {
    @Test func `is live while its owner runs, first of all keeping its place free`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.state(2, started: 10, status: .running)
        story.owner([7], running: [7])
        #expect(story.verdicts == [.reserve])
        story.tracker.reserved(story.runs[0])
        #expect(story.verdicts == [.live])
        #expect(story.runs[0].runID == RunID(startedAt: TrackerStory.time(10)))
    }

    @Test func `is archive as soon as it has ended and its pid and lock are gone`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.state(2, started: 10, status: .completed, updated: 11)
        story.owner([7], running: [7])
        #expect(story.verdicts != [.archive(.ended)])
        story.owner([], running: [7])
        #expect(story.verdicts == [.archive(.ended)])
    }

    @Test func `waits for quiet where the executor still holds an ended run`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.state(2, started: 10, status: .completed, updated: 11)
        story.owner([7], running: [7])
        #expect(story.verdicts == [.askAgain(at: story.clock + 2000)])
        story.pass(2000)
        #expect(story.verdicts == [.archive(.ended)])
    }

    @Test func `takes no status for an end`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.state(2, started: 10, status: .completed)
        story.owner([7], running: [7])
        story.pass(60_000)
        #expect(!story.verdicts.contains(.archive(.ended)))
    }

    @Test func `is abandoned when its owner died without a word`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.state(2, started: 10, status: .running)
        story.owner([7], running: [7])
        story.owner([7], running: [])
        #expect(story.verdicts == [.askAgain(at: story.clock + 2000)])
        story.pass(2000)
        #expect(story.verdicts == [.archive(.abandoned)])
    }

    @Test func `waits a day where nobody was ever seen and no end was written`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.pass(86_399_000)
        guard case .askAgain = story.verdicts[0] else { return #expect(Bool(false), "\(story.verdicts)") }
        story.pass(2000)
        #expect(story.verdicts == [.archive(.abandoned)])
    }

    @Test func `is archive from the pin when the next run took its place`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.state(2, started: 10, status: .running)
        story.gone()
        story.events(3, [TrackerStory.start(20)])
        #expect(story.runs.count == 2)
        #expect(story.verdicts[0] == .archive(.gone))
        #expect(story.runs[0].state?.facts.startedAt == TrackerStory.time(10))
        #expect(story.runs[1].state == nil)
    }

    @Test func `waits for a live executor whose files a foreign sweep took`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.state(2, started: 10, status: .completed)
        story.owner([7], running: [7])
        story.gone()
        guard case .askAgain = story.verdicts[0] else { return #expect(Bool(false), "\(story.verdicts)") }
        story.events(3, [TrackerStory.enter(11), TrackerStory.complete(12)])
        #expect(story.runs.count == 1)
        #expect(story.runs[0].events == [TrackerStory.identity(1), TrackerStory.identity(3)])
        #expect(story.runs[0].witness == .complete)
    }

    @Test func `is nothing to do while the archive says what the files say, and archive again after a change`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.state(2, started: 10, status: .completed, updated: 11)
        story.owner([7], running: [7])
        story.owner([], running: [])
        story.archive(story.runs[0])
        #expect(story.verdicts == [.idle])
        story.state(2, started: 10, status: .interrupted, updated: 12)
        #expect(story.verdicts == [.archive(.ended)])
    }

    @Test func `is forget only after a look at the archive since the run left`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.state(2, started: 10, status: .completed, updated: 11)
        story.owner([7], running: [7])
        story.owner([], running: [])
        story.archive(story.runs[0])
        story.gone()
        #expect(story.verdicts == [.archive(.gone)])
        story.archive(story.runs[0])
        #expect(story.verdicts == [.forget])
        let files = story.tracker.forget(story.runs[0])
        #expect(Set(files) == [TrackerStory.identity(1), TrackerStory.identity(2)])
        #expect(story.runs.isEmpty)
    }

    @Test func `has those of its loop beside it that are in .running, whatever their stem`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.state(2, started: 10, status: .completed)
        let other = Stem(base: FileName(literal: "fix-2"))
        let file = TrackerStory.identity(7)
        let line = Array((TrackerStory.start(12) + "\n").utf8)
        story.tracker.grew(file, stem: other, by: line, modified: 0, isInRunning: true, at: story.now)
        for stem in story.tracker.stems { story.tracker.assemble(stem) }
        let run = story.runs[0]
        #expect(story.tracker.standing(beside: run).map(\.stem) == [other])
        story.tracker.named(.events, stem: other, file: nil, at: story.now)
        story.tracker.assemble(other)
        #expect(story.tracker.standing(beside: run).isEmpty)
    }

    @Test func `does not take the next run's newborn state for its own`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.state(2, started: 10, status: .completed)
        story.unreadableState(2)
        #expect(story.tracker.unreadableState(of: story.runs[0]) != nil, "its own file, truncated")
        story.state(2, started: 10, status: .completed)
        story.gone()
        story.unreadableState(3)
        #expect(story.tracker.unreadableState(of: story.runs[0]) == nil)
    }

    @Test func `looks again after its grace, also beside a namesake, and once more when that one has left`() throws {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
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
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.owner([7], running: [7])
        story.owner([], running: [])
        story.tracker.postponed(story.runs[0].identity, isFailure: true, at: story.now)
        #expect(story.verdicts == [.askAgain(at: story.clock + 1000)])
        story.tracker.postponed(story.runs[0].identity, isFailure: true, at: story.now)
        #expect(story.verdicts == [.askAgain(at: story.clock + 2000)])
    }

    @Test func `is asked for once while it is under way`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.owner([7], running: [7])
        story.owner([], running: [])
        story.tracker.began(story.runs[0].identity)
        #expect(story.verdicts == [.idle])
    }

    /// A run that is archived, where, and one that may stand there as well.
    private func archived() throws -> (TrackerStory, TrackedRun, RunPlace, other: RunIdentity) {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(1), TrackerStory.complete(2)])
        story.state(2, started: 1, status: .completed)
        story.pass(5000)
        let run = try #require(story.runs.first)
        story.archive(run)
        let place = try #require(story.tracker.archived(run.identity)?.place)
        let other = RunIdentity.loopStart(Array(TrackerStory.start(1).utf8) + [0x20])
        return (story, run, place, other)
    }

    @Test func `a run is asked for again where what stood in its place turned out to be another's`() throws {
        var (story, run, place, other) = try archived()
        #expect(story.tracker.lostArchives(at: [], to: other) == [])
        #expect(story.tracker.lostArchives(at: [place], to: run.identity) == [])
        #expect(story.tracker.archived(run.identity) != nil)
        #expect(story.tracker.lostArchives(at: [place], to: other) == [story.stem])
        #expect(story.tracker.archived(run.identity) == nil)
    }

    /// Somebody else may have seen to what an executor copied there, so that its own archiver finds nothing to do.
    @Test func `where another run is found unchanged in its place, a run is asked for once more and no more`() throws {
        var (story, run, place, other) = try archived()
        #expect(story.tracker.lostArchives(at: [place], to: other, isNews: false) == [story.stem])
        #expect(story.tracker.archived(run.identity) == nil)
        story.archive(run)
        #expect(story.tracker.lostArchives(at: [place], to: other, isNews: false) == [])
        #expect(story.tracker.lostArchives(at: [place], to: other) == [story.stem])
        story.archive(run)
        #expect(story.tracker.lostArchives(at: [place], to: other, isNews: false) == [story.stem])
    }
}
