package import LoopModel

/// Where two runs of one loop parted, and what came of it.
package struct StoryDifference: Sendable, Hashable {
    /// The first stay in a state that went another way.
    package struct Parting: Sendable, Hashable {
        /// How many visits both have in common before.
        package var index: Int
        /// nil for a run that has no such visit: it ended before.
        package var left: RunStory.Visit?
        package var right: RunStory.Visit?
        package var what: What
    }

    /// What differs there first.
    package enum What: String, Sendable, Hashable {
        /// They are in different states.
        case state
        /// The same state, another verdict.
        case verdict
        /// The same verdict, another exit code.
        case exitCode = "exit_code"
        /// The same verdict, another state after it.
        case next
        /// One has ended.
        case end
    }

    /// One state in both runs.
    package struct State: Sendable, Hashable {
        package var state: JSONString
        package var left: Sum
        package var right: Sum
    }

    /// What one run spent in a state.
    package struct Sum: Sendable, Hashable {
        package var visits = 0
        package var time = Duration.zero
    }

    /// nil where both went the same way as far as their visits are known.
    package var parting: Parting?
    /// All states of either run, those with the largest difference in time first.
    package var states: [State]
    /// Whether they ended differently.
    package var hasOtherEnd: Bool

    /// Compares two stories.
    package init(_ left: RunStory, _ right: RunStory) {
        parting = Self.parting(left.visits, right.visits)
        hasOtherEnd = left.ending != right.ending
        var sums: [JSONString: State] = [:]
        for total in left.states {
            sums[total.state] = State(state: total.state, left: Sum(total), right: Sum())
        }
        for total in right.states {
            sums[total.state, default: State(state: total.state, left: Sum(), right: Sum())].right = Sum(total)
        }
        states = sums.values.sorted { ($1.difference, $0.state) < ($0.difference, $1.state) }
    }

    private static func parting(_ left: [RunStory.Visit], _ right: [RunStory.Visit]) -> Parting? {
        for index in 0..<max(left.count, right.count) {
            let (one, other) = (
                index < left.count ? left[index] : nil, index < right.count ? right[index] : nil
            )
            guard let what = what(one, other) else { continue }
            return Parting(index: index, left: one, right: other, what: what)
        }
        return nil
    }

    private static func what(_ left: RunStory.Visit?, _ right: RunStory.Visit?) -> What? {
        guard let left, let right else { return .end }
        if left.state != right.state { return .state }
        if left.verdict != right.verdict { return .verdict }
        if left.next != right.next { return .next }
        return left.exitCode != right.exitCode ? .exitCode : nil
    }
}

extension StoryDifference.Sum {
    fileprivate init(_ total: RunStory.StateTotal) {
        visits = total.visits
        time = total.time
    }
}

extension StoryDifference.State {
    fileprivate var difference: Duration {
        left.time > right.time ? left.time - right.time : right.time - left.time
    }
}
