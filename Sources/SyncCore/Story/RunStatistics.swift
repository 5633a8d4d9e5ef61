package import LoopModel

/// What the runs of a loop have in common: how often they succeed, how long they take, where the time goes.
package struct RunStatistics: Sendable, Hashable {
    /// One run as far as it is counted.
    package struct Run: Sendable, Hashable {
        package var status: RunStatus?
        package var took: Duration?
        package var iterations: Int?
        package var endedAt: Timestamp?
        /// Whether a signal ended it, which its status does not tell from a limit of steps.
        package var wasSignalled: Bool

        package init(
            status: RunStatus?,
            took: Duration?,
            iterations: Int?,
            endedAt: Timestamp?,
            wasSignalled: Bool = false
        ) {
            self.wasSignalled = wasSignalled
            self.status = status
            self.took = took
            self.iterations = iterations
            self.endedAt = endedAt
        }

        /// Whether it counts as a success, as a failure, or (nil) as neither: under way, handed off, stopped by a person,
        /// or nobody can read how it ended.
        package var isSuccess: Bool? {
            switch status {
            case .completed?: true
            case nil, .running?, .awaitingContinuation?, .userStopped?: nil
            case .interrupted? where wasSignalled: nil
            default: false
            }
        }
    }

    /// The middle and the long end of a series.
    package struct Spread<Value: Sendable & Hashable & Comparable>: Sendable, Hashable {
        package var median: Value
        /// Nine of ten are not above it.
        package var p90: Value
        package var largest: Value

        /// - Returns: nil for no value.
        package init?(_ values: [Value]) {
            let sorted = values.sorted()
            guard let last = sorted.last else { return nil }
            // Nearest rank: a value that occurred, for durations that nobody would otherwise find in the history.
            median = sorted[(sorted.count + 1) / 2 - 1]
            p90 = sorted[max(0, (sorted.count * 9 + 9) / 10 - 1)]
            largest = last
        }
    }

    /// What `terminated_by` says of a run that a signal ended: A's word, then B's.
    package static let signals: Set<JSONString> = ["signal", "system_signal", "interrupted", "user_stopped"]

    /// Oldest first.
    package let runs: [Run]

    /// Counts runs.
    ///
    /// - Parameter runs: in any order.
    package init(_ runs: [Run]) {
        let earliest = Timestamp(microseconds: .min)
        self.runs = runs.sorted { ($0.endedAt ?? earliest) < ($1.endedAt ?? earliest) }
    }

    /// How often each status came, the most frequent first.
    package var statuses: [RunStory.Tally] {
        var tallies: [RunStory.Tally] = []
        for run in runs { tallies.add(run.status?.rawValue ?? "unreadable") }
        return tallies.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }

    /// The part of the runs that count either way which succeeded, from 0 to 1; nil where none counts.
    package var successRate: Double? {
        let counted = runs.compactMap(\.isSuccess)
        return counted.isEmpty ? nil : Double(counted.count { $0 }) / Double(counted.count)
    }

    /// How many runs count either way.
    package var countedRuns: Int { runs.count { $0.isSuccess != nil } }

    package var durations: Spread<Duration>? { Spread(runs.compactMap(\.took)) }

    package var iterations: Spread<Int>? { Spread(runs.compactMap(\.iterations)) }

    /// How many of the newest runs failed in a row.
    package var failuresInARow: Int {
        runs.reversed().compactMap(\.isSuccess).prefix { !$0 }.count
    }
}

/// Where the time of several runs went.
package struct StateStatistics: Sendable, Hashable {
    package var state: JSONString
    /// How many runs were in it.
    package var runs = 0
    package var visits = 0
    package var time = Duration.zero
    /// The longest time that one run spent in it.
    package var longest = Duration.zero

    /// Sums the states of stories, those that took longest first.
    package static func sums(of stories: [RunStory]) -> [StateStatistics] {
        var sums: [JSONString: StateStatistics] = [:]
        for story in stories {
            for total in story.states {
                var sum = sums[total.state] ?? StateStatistics(state: total.state)
                sum.runs += 1
                sum.visits += total.visits
                sum.time += total.time
                sum.longest = max(sum.longest, total.time)
                sums[total.state] = sum
            }
        }
        return sums.values.sorted { ($1.time, $0.state) < ($0.time, $1.state) }
    }
}
