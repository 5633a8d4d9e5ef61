import LoopModel
import SyncCore
import Testing

/// looprun renames the files of the run before: events first, then the state.
@Suite struct `A run that is set aside` {
    private static let aside = Stem(base: FileName(literal: "fix-20270115T080010"))

    /// A run that ended, under the loop's own name.
    private func ended() -> TrackerStory {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10), TrackerStory.complete(11)])
        story.state(2, started: 10, status: .completed, updated: 11)
        return story
    }

    @Test func `is the run it was, under its new name`() throws {
        var story = ended()
        let before = try #require(story.runs.first)
        story.archive(before)
        story.stem = Self.aside
        story.events(1, [])
        story.state(2, started: 10, status: .completed, updated: 11)
        let after = try #require(story.tracker.runs.first)
        #expect(story.tracker.runs.count == 1)
        #expect(after.identity == before.identity)
        #expect(after.stem == Self.aside)
        #expect(after.state?.bytes == before.state?.bytes)
        #expect(after.isInRunning && !after.isSuperseded)
        #expect(story.tracker.stem(of: before) == Self.aside)
        #expect(story.tracker.archived(after.identity) != nil)
    }

    @Test func `keeps its state while the state has the old name, beside the next run`() throws {
        var story = ended()
        story.stem = Self.aside
        story.events(1, [])
        story.stem = TrackerStory().stem
        story.events(3, [TrackerStory.start(12)])
        let aside = try #require(story.tracker.runs(of: Self.aside).first)
        #expect(aside.state?.facts.startedAt == TrackerStory.time(10))
        #expect(story.runs.map(\.state) == [nil])
    }

    @Test func `takes the place of what a pin of its old name holds of its state`() throws {
        var story = TrackerStory()
        story.events(1, [TrackerStory.start(10)])
        story.state(2, started: 10, status: .running)
        story.pass(10)
        story.stem = Self.aside
        story.events(1, [TrackerStory.complete(11)])
        story.state(4, started: 10, status: .completed, updated: 11)
        #expect(story.tracker.runs.map(\.stem) == [Self.aside])
        #expect(story.tracker.runs.map(\.state?.facts.status) == [.completed])
    }

    @Test func `has no owner unless somebody goes on with it from there`() throws {
        var story = TrackerStory()
        story.stem = Self.aside
        story.events(1, [TrackerStory.start(10), TrackerStory.enter(10)])
        story.pass(2000)
        #expect(story.verdicts == [.archive(.abandoned)])
        story.owner([7], running: [7])
        #expect(story.verdicts == [.live])
    }

    @Test func `leaves alone what version B runs beside it under names of that form`() throws {
        var story = ended()
        let other = Stem(base: FileName(literal: "fix-20270115T080010"))
        story.stem = other
        story.events(5, [TrackerStory.start(10).replacing("{", with: "{\"run_id\": \"x\", ")])
        #expect(story.tracker.runs(of: other).map(\.state) == [nil])
        #expect(story.tracker.runs(of: TrackerStory().stem).map(\.state?.facts.status) == [.completed])
    }
}
