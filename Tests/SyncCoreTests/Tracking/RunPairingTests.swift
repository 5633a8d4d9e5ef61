import LoopModel
import SyncCore
import Testing

@Suite struct `A state and the run it belongs to` {
    @Test func `are paired by time, so that a stop's old state is not taken for the new run's`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.state(2, started: 10, status: .running)
        story.gone()
        story.events(3, [TrackerStory.start(20), TrackerStory.enter(20)])
        story.state(4, started: 20, status: .running)
        // `stop` writes what it had read before the first run ended into the file that is the second run's by now.
        story.state(4, started: 10, status: .interrupted, updated: 21)
        #expect(story.runs.count == 2)
        #expect(story.runs[0].state?.facts.status == .interrupted)
        #expect(story.runs[1].state?.facts.startedAt == TrackerStory.time(20))
        #expect(story.runs[1].state?.facts.status == .running)
    }

    @Test func `tell under which foreign name an executor would archive a run`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(20), TrackerStory.enter(20)])
        story.state(2, started: 20, status: .running)
        #expect(story.tracker.newStrangers(beside: story.runs[0]).isEmpty)
        story.state(2, started: 10, status: .interrupted, updated: 21)
        let foreign = RunID(startedAt: TrackerStory.time(10))
        #expect(story.tracker.newStrangers(beside: story.runs[0]) == [foreign])
        #expect(story.tracker.newStrangers(beside: story.runs[0]).isEmpty)
        #expect(story.tracker.otherRunIDs(of: story.runs[0]) == [foreign])
    }

    @Test func `stay together over a resume that gives the state a new start`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.state(2, started: 10, status: .awaitingContinuation)
        story.events(1, [TrackerStory.start(30), TrackerStory.enter(30)])
        story.state(2, started: 30, status: .running)
        #expect(story.runs.count == 1)
        #expect(story.runs[0].runID == RunID(startedAt: TrackerStory.time(30)))
        #expect(story.runs[0].identity == .loopStart(Array(TrackerStory.start(10).utf8)))
    }

    @Test func `are of its last segment by the file's order, also where the clock was set back before a resume`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(30), TrackerStory.enter(30)])
        story.state(2, started: 30, status: .awaitingContinuation)
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.state(2, started: 10, status: .running)
        #expect(story.runs.map(\.runID) == [RunID(startedAt: TrackerStory.time(10))])
        #expect(story.tracker.lastStart(of: story.runs[0])?.iso == TrackerStory.time(10))
    }

    @Test func `stay what they are beside the next run's state that cannot be read, also without their events`() throws
    {
        var story = TrackerStory()
        story.state(2, started: 10, status: .completed)
        story.gone()
        story.events(3, [TrackerStory.start(20), TrackerStory.enter(20)])
        story.state(4, started: 20, status: .running)
        story.unreadableState(4)
        let lone = try #require(story.runs.first { $0.events.isEmpty })
        #expect(story.tracker.unreadableState(of: lone) == nil)
        let next = try #require(story.runs.first { !$0.events.isEmpty })
        #expect(story.tracker.unreadableState(of: next)?.identity == TrackerStory.identity(4))
    }

    @Test func `are paired by version B's run id where the clock was set back before the start was written`() {
        var story = TrackerStory()
        let runID = "\(RunID(startedAt: TrackerStory.time(12)))-fix"
        let start = #"{"event": "loop_start", "ts": "\#(TrackerStory.time(10))", "run_id": "\#(runID)", "loop": "fix"}"#
        story.events(1, [start])
        story.state(2, started: 12, status: .running)
        #expect(story.runs.map(\.runID) == [RunID(startedAt: TrackerStory.time(12))])
        #expect(story.runs.map(\.states.count) == [1])
        // Another one's state is not named so.
        story.state(3, started: 14, status: .running)
        #expect(story.runs.map(\.states.count) == [1])
    }

    @Test func `go on in a file without a start as the run that was there last, whatever the order of births`() {
        var story = TrackerStory()
        story.events(5, [TrackerStory.start(20), TrackerStory.complete(21)])
        story.state(6, started: 20, status: .completed, modified: 6)
        story.gone()
        // The clock was set back, and a foreign sweep took the files of a live run.
        story.events(3, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.state(4, started: 10, status: .running, modified: 4)
        story.gone()
        #expect(story.runs.map(\.events) == [5, 3].map { [TrackerStory.identity($0)] })
        story.events(7, [TrackerStory.complete(12)])
        #expect(story.runs.map(\.events) == [[TrackerStory.identity(5)], [3, 7].map(TrackerStory.identity)])
    }

    @Test func `show whose events go on in a file without a start where nobody saw the others leave`() {
        var story = TrackerStory()
        story.events(5, [TrackerStory.start(20), TrackerStory.complete(21)], isInRunning: false)
        story.state(6, started: 20, status: .completed, modified: 6)
        // The clock was set back, and a foreign sweep took the files of a live run.
        story.events(3, [TrackerStory.start(10), TrackerStory.enter(10)], isInRunning: false)
        story.state(4, started: 10, status: .running, modified: 4)
        story.events(7, [TrackerStory.complete(12)])
        story.state(8, started: 10, status: .completed, modified: 8)
        // What goes on is the present run: the other one does not end it.
        #expect(story.runs.map(\.events) == [[TrackerStory.identity(5)], [3, 7].map(TrackerStory.identity)])
        #expect(story.runs.map(\.isSuperseded) == [true, false])
    }

    @Test func `has nothing to do with half a line that a loss of power left of the next one`() {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.state(2, started: 10, status: .completed)
        story.gone()
        let torn = Array(TrackerStory.start(20).utf8.prefix(30))
        story.tracker.grew(
            TrackerStory.identity(3),
            stem: story.stem,
            by: torn,
            modified: 0,
            isInRunning: false,
            at: story.now
        )
        #expect(story.runs.map(\.events) == [[TrackerStory.identity(1)], [TrackerStory.identity(3)]])
    }

    @Test func `are a run of their own where there are no events`() {
        var story = TrackerStory()
        story.state(2, started: 10, status: .completed)
        #expect(story.runs.map(\.identity) == [.state(loop: "fix", startedAt: TrackerStory.time(10))])
        story.pass(86_500_000)
        #expect(story.verdicts == [.archive(.abandoned)])
    }

    @Test func `are looked for by the stem where the start cannot be read`() {
        var story = TrackerStory()
        story.events(1, [#"{"event": "loop_start", "ts": 5, "loop": "fix"}"#])
        story.state(2, started: 10, status: .running)
        #expect(story.runs.count == 1)
        #expect(story.runs[0].state != nil)
    }
}
