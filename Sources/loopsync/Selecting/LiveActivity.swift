import LoopModel
import LoopStore
import SyncCore

/// What the end of a live run's events tells.
struct LiveActivity: Equatable {
    /// How the run stands, by its last words and its owner.
    enum Phase: String {
        /// A process runs it.
        case live
        /// Its last word is its end; its files were not swept yet.
        case ended
        /// Handed off: it waits to be resumed.
        case parked
        /// No end, and nobody who would write one.
        case abandoned
        /// Its state is there and does not parse.
        case unreadable
    }

    let phase: Phase
    /// The name of the last event that is the run's own.
    let lastEvent: JSONString?
    let lastEventAt: Timestamp?

    /// Looks at the end of a run's events.
    static func read(_ run: LiveRun, in running: any Directory) -> LiveActivity {
        let events = (try? FoundRun.events(of: run, in: running).map(FoundRun.lastEvents)) ?? []
        let own = events.last { $0.isUnnested }
        let word = events.last { $0.isUnnested && !afterwards.contains($0.name?.string ?? "") }?.name?.string
        return LiveActivity(
            phase: phase(run, lastWord: word),
            lastEvent: own?.name,
            lastEventAt: events.last?.timestamp.flatMap { Timestamp(iso: $0) }
        )
    }

    private static let afterwards: Set<String> = ["handoff_spawned", "ab_summary"]

    private static func phase(_ run: LiveRun, lastWord: String?) -> Phase {
        if run.process != nil { return .live }
        if run.isUnreadable { return .unreadable }
        if lastWord == "handoff_detected" || run.state?.status == .awaitingContinuation { return .parked }
        return lastWord == "loop_complete" ? .ended : .abandoned
    }
}
