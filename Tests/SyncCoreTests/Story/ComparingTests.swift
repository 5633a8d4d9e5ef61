import LoopModel
import SyncCore
import Testing

@Suite struct `Comparing and counting runs` {
    private func story(_ visits: [(state: JSONString, verdict: JSONString?, next: JSONString?)]) -> RunStory {
        var story = RunStory()
        story.visits = visits.map { visit in
            var one = RunStory.Visit(state: visit.state, segment: 1)
            one.verdict = visit.verdict
            one.next = visit.next
            return one
        }
        return story
    }

    @Test func `two runs part at the first visit that differs in state, verdict or way on`() {
        let base = story([("a", "yes", "b"), ("b", nil, "c")])
        #expect(StoryDifference(base, base).parting == nil)
        let others: [(RunStory, Int, StoryDifference.What)] = [
            (story([("x", "yes", "b"), ("b", nil, "c")]), 0, .state), (story([("a", "no", "b")]), 0, .verdict),
            (story([("a", "yes", "b"), ("b", nil, "d")]), 1, .next), (story([("a", "yes", "b")]), 1, .end),
            (story([]), 0, .end),
        ]
        for (other, index, what) in others {
            let parting = StoryDifference(base, other).parting
            #expect(parting?.index == index && parting?.what == what)
            #expect(StoryDifference(other, base).parting?.index == index)
        }
    }

    @Test func `median and p90 are values that occurred`() {
        #expect(RunStatistics.Spread([Int]()) == nil)
        #expect(RunStatistics.Spread([7])?.median == 7 && RunStatistics.Spread([7])?.p90 == 7)
        #expect(RunStatistics.Spread([4, 1, 3, 2])?.median == 2)
        #expect(RunStatistics.Spread(Array(1...10))?.p90 == 9)
        #expect(RunStatistics.Spread(Array(1...11))?.p90 == 10)
    }

    @Test func `what a person stopped counts neither way`() {
        func runs(_ statuses: [RunStatus?]) -> RunStatistics {
            RunStatistics(
                statuses.enumerated().map { index, status in
                    .init(status: status, took: nil, iterations: nil, endedAt: Timestamp(seconds: Int64(index)))
                }
            )
        }
        #expect(runs([.running, .userStopped, .awaitingContinuation]).successRate == nil)
        let mixed = runs([.completed, .failed, .interrupted, .userStopped, nil, .running])
        #expect(mixed.successRate == 1.0 / 3 && mixed.countedRuns == 3)
        #expect(mixed.failuresInARow == 2)
        let stopped = RunStatistics.Run(
            status: .interrupted,
            took: nil,
            iterations: nil,
            endedAt: nil,
            wasSignalled: true
        )
        #expect(RunStatistics([stopped]).successRate == nil)
        #expect(runs([.failed, .completed]).failuresInARow == 0)
    }
}
