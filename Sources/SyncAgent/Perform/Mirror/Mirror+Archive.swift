package import LoopModel
package import LoopStore
package import SyncCore

extension Mirror {
    /// Compares the whole history with the mirror's again.
    package func rescan() {
        archive.rescan()
    }

    /// Keeps for later processes what was compared or written.
    package func saveBaseline() {
        archive.baseline?.save()
    }

    /// Takes over what archiving a run did; see `ArchiveMirror.archived`.
    package func archived(_ place: RunPlace, renamed: [(from: RunPlace, to: RunPlace)] = []) {
        archive.archived(place, renamed: renamed)
    }

    /// Hears that a run stands in the history, as it may for long; see `ArchiveMirror.stands`.
    package func stands(_ place: RunPlace) -> Bool {
        suspension == nil && archive.stands(place)
    }

    /// Does one unit of work on the archived runs; nil when nothing is to be done now.
    package func work(now: Timestamp) -> MirrorWorkOutcome? {
        guard let work = archive.nextWork(now: now) else { return nil }
        // Each unit may take long; each looks first.
        guard let root = work.changes ? lookAgain(now: now) : directory(now: now) else { return nil }
        let outcome = archive.perform(work, in: root, now: now)
        switch outcome {
        case .done: break
        case .retryLater, .failed: checked = nil
        }
        return outcome
    }

    private func lookAgain(now: Timestamp) -> (any Directory)? {
        if isWaiting(now) { return nil }
        return open(now: now)?.root
    }

    /// Deletes from the mirror's trash for good what was removed before a day; nothing while the mirror is suspended.
    package func emptyTrash(removedBefore time: Timestamp, now: Timestamp) -> MirrorTrash.Emptied {
        guard let root = open(now: now)?.root else { return MirrorTrash.Emptied() }
        return MirrorTrash.empty(in: root, before: String(time.iso.string.prefix(10)))
    }

    /// What would be done now, without doing it; nil while the mirror is suspended.
    package func plan(now: Timestamp) throws(PosixError) -> MirrorPlan? {
        guard let root = open(now: now)?.root else { return nil }
        return try archive.plan(in: root)
    }
}

extension PrunedRun {
    /// What this program removed from a history, by its record and its trash.
    package static func recorded(in loops: LoopsDirectory) throws(PosixError) -> [PrunedRun] {
        try PruneLog(loops).pruned().map { PrunedRun(place: $0.place, sums: $0.sums, identity: $0.identity) }
    }
}
