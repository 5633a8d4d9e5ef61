import LoopModel

extension RunTracker {
    /// Takes a look at the owner of a stem's newest run.
    package mutating func owner(
        of stem: Stem,
        tokens: [OwnerEvidence.Token],
        statePid: OwnerEvidence.Token?,
        processes: [Int32: OwnerEvidence.Process]
    ) {
        guard let run = runs(of: stem).last else { return }
        memories[run.identity, default: Memory()].owner.look(tokens: tokens, statePid: statePid, processes: processes)
    }

    /// The pids to ask the system about before `owner(of:…)`.
    package func pids(of stem: Stem) -> Set<Int32> {
        guard let run = runs(of: stem).last else { return [] }
        var pids = memories[run.identity]?.owner.pids ?? []
        if let pid = run.state?.facts.pid { pids.insert(pid) }
        return pids
    }

    /// What is known of a run's owner.
    package func ownerVerdict(_ run: TrackedRun) -> OwnerEvidence.Verdict {
        memories[run.identity]?.owner.verdict ?? .unknown
    }

    /// Whether the owner of a stem's newest run is as it was at the last look.
    ///
    /// - Parameter start: when a process started, in milliseconds since boot; nil where it is dead.
    package func isOwnerUnchanged(of stem: Stem, start: (Int32) -> Int64?) -> Bool {
        guard let run = runs(of: stem).last else { return false }
        return memories[run.identity]?.owner.isStill(start) ?? false
    }
}
