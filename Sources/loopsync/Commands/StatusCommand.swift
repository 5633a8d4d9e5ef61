import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent

/// `loopsync status`: how it stands, without changing anything.
struct StatusCommand: Verb {
    static let configuration = verb(
        "status",
        abstract: "Show the agent, the live runs, the history and the mirror.",
        discussion: """
            Whether an agent watches is judged by the lock that it holds. Ends with 3
            where something needs a person, or a run is live and no agent watches.

            Examples:
              loopsync status
              loopsync status --json | jq .agent.mirror
            """
    )

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        let report = try StatusReport.read(place, now: WallClock.now())
        if global.json {
            try Output.document(report.json)
        } else {
            try Output.data(report.text(hasColor: terminal.hasColor))
        }
        return report.isDegraded ? .partly : .done
    }
}

extension StatusReport {
    /// Looks at everything.
    static func read(_ place: LoopsPlace, now: Timestamp) throws -> StatusReport {
        do {
            let history = try place.loops.history()
            let places = try history.map { try HistoryScan.places(in: $0) } ?? []
            // By name alone, so that a large history costs one listing.
            let newest = places.max { $0.startOfName.lexicographicallyPrecedes($1.startOfName) }
            return StatusReport(
                path: place.path,
                isWatched: try AgentLock.isHeld(place.loops),
                agent: try StatusFile.read(in: place.loops),
                live: try LiveRun.all(in: place.loops, processes: SystemProcessTable()),
                archivedRuns: places.count,
                newest: try newest.flatMap { newest in try history.flatMap { try HistoryScan.read(newest, in: $0) } },
                now: now
            )
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the status cannot be told")
        }
    }
}

extension RunPlace {
    /// The beginning of the run's name, which for names of the usual form is its start.
    fileprivate var startOfName: [UInt8] { Array(runName.bytes.prefix(17)) }
}
