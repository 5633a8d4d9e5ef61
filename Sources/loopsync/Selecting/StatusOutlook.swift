import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// What is still to come: runs that the mirror lacks, and what the next prune would remove.
struct StatusOutlook: Equatable {
    /// Runs that are not in the mirror.
    struct Lag: Equatable {
        var runs = 0
        /// nil where there are too many to look at each.
        var bytes: Int64? = 0
        /// When the first of them ended.
        var oldest: Timestamp?

        mutating func count(_ run: ArchivedRun) {
            runs += 1
            bytes = bytes.map { $0 + run.size }
            if let ended = run.endedAt { oldest = min(oldest ?? ended, ended) }
        }
    }

    /// What the policy would remove now.
    struct Prune: Equatable {
        var runs: Int
        var bytes: Int64
        /// Loops that a safety valve holds back.
        var heldBack: Int
    }

    /// nil where the agent told of nothing to come; without an agent, where there is nothing to compare with.
    var lag: Lag?
    /// nil where an agent tells how the mirror stands, or there is none.
    var mirror: StatusMirror?
    /// nil where the policy keeps everything, or cannot be told.
    var prune: Prune?

    /// Looks at the history and, where no agent does, at the mirror; only what the settings give a reason to.
    ///
    /// - Parameters:
    ///   - agent: what the agent that watches now told last; nil where none does.
    ///   - listed: the places of all archived runs, where they were listed just now.
    static func read(_ place: LoopsPlace, _ global: GlobalOptions, agent: AgentStatus?, listed: [RunPlace]?)
        -> StatusOutlook
    {
        var outlook = StatusOutlook()
        // Settings that cannot be read are what `config check` is for; the agent's own problem with them is told anyway.
        guard let loaded = try? Settings.load(global, watched: [place.path]) else { return outlook }
        let mirror = place.mirrorPass(loaded)
        if let agent {
            if agent.mirror?.pending ?? 0 > 0, let mirror { outlook.lag = try? lag(of: mirror, in: place) }
        } else if let mirror, let seen = try? StatusMirror.read(mirror, in: place, listed: listed) {
            (outlook.mirror, outlook.lag) = seen
        }
        if !loaded.configuration.retention.keepsEverything {
            outlook.prune = try? prune(RetentionPass(place, loaded, mirror: mirror), in: place)
        }
        return outlook
    }

    private static func lag(of mirror: MirrorPass, in place: LoopsPlace) throws(PosixError) -> Lag {
        var lag = Lag()
        guard let history = try place.loops.history() else { return lag }
        for row in try mirror.preview() {
            guard let place = row.place, let run = try HistoryScan.read(place, in: history) else { continue }
            lag.count(run)
        }
        return lag
    }

    private static func prune(_ pass: RetentionPass, in place: LoopsPlace) throws(PosixError) -> Prune {
        var inventory = RetentionInventory(catalogue: place.catalogue, isRemembering: true, by: .directory)
        let plan = try pass.forecast(&inventory, at: .now())
        let removals = plan.removals
        return Prune(
            runs: removals.count,
            bytes: removals.reduce(into: 0) { $0 += $1.run.size },
            heldBack: plan.heldBack.count
        )
    }
}
