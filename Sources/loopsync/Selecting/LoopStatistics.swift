import LoopModel
import LoopStore
import SyncCore

/// One loop's runs, counted.
struct LoopStatistics {
    let loop: JSONString
    let statistics: RunStatistics
    /// Where the time went; empty where events were not read.
    let states: [StateStatistics]
    /// Of how many runs the events were read.
    let storiesRead: Int
    /// How many runs there are, also where only the newest are counted.
    let runsInAll: Int

    /// The loops of one loops directory.
    struct Directory {
        /// As a person named it.
        let path: String
        let loops: [LoopStatistics]
    }

    /// Events of so many of a loop's newest runs are read at most.
    private static let mostStories = 200

    /// Counts the runs of each loop.
    ///
    /// - Parameters:
    ///   - runs: newest first.
    ///   - most: so many of a loop's newest runs are counted.
    ///   - readingStates: whether events are read too.
    static func all(of runs: [FoundRun], most: Int, readingStates: Bool) throws(PosixError) -> [LoopStatistics] {
        var byLoop: [JSONString: [FoundRun]] = [:]
        for run in runs { byLoop[run.loop, default: []].append(run) }
        var all: [LoopStatistics] = []
        for (loop, allRuns) in byLoop.sorted(by: { $0.key < $1.key }) {
            let runs = allRuns.prefix(most)
            var stories: [RunStory] = []
            if readingStates {
                for run in runs.prefix(mostStories) { stories.append(try run.story(visitLimit: 0, outputLimit: 0)) }
            }
            all.append(
                LoopStatistics(
                    loop: loop,
                    statistics: RunStatistics(runs.map(\.counted)),
                    states: StateStatistics.sums(of: stories),
                    storiesRead: stories.count,
                    runsInAll: allRuns.count
                )
            )
        }
        return all
    }
}

extension FoundRun {
    /// The run as far as it is counted; one that is under way has taken no time yet.
    var counted: RunStatistics.Run {
        RunStatistics.Run(
            status: process == nil ? self.status : .running,
            took: archive?.took,
            iterations: iteration?.integerValue,
            endedAt: archive?.endedAt ?? startedAt.flatMap { Timestamp(iso: $0) },
            wasSignalled: status == .interrupted && wasSignalled
        )
    }

    /// Whether its last words are that a signal ended it; read from the end of its events.
    private var wasSignalled: Bool {
        guard let file = try? events(), let last = try? Self.lastEvents(in: file) else { return false }
        let ending = last.last { $0.isUnnested && $0.name == "loop_complete" }
        return ending?.terminatedBy.map(RunStatistics.signals.contains) ?? false
    }
}
