package import LoopModel

/// A run to archive, with what its caller knows of it.
package struct ArchiveRequest: Sendable {
    package var source: RunSource
    /// The ids under which executors would archive the other runs in `.running`.
    package var runningStarts: Set<RunID>
    /// Where the run was archived before, if the caller remembers; names that follow from its ids are found without.
    package var knownPlace: RunPlace?

    package init(_ source: RunSource, runningStarts: Set<RunID>, knownPlace: RunPlace? = nil) {
        self.source = source
        self.runningStarts = runningStarts
        self.knownPlace = knownPlace
    }
}

extension RunArchiver {
    /// Archives together those of many runs of which nothing stands in the history yet, with two syncs of its file system
    /// in place of six for each run.
    ///
    /// Each is as safe as one that comes alone: all its bytes and names are durable before the rename that shows it. What
    /// else there is on that file system is made durable with it, which can take as long as there is of it; so the agent,
    /// which has live runs to serve, does not work so. The caller holds the `HistoryLock`.
    ///
    /// - Returns: what became of each; nil for one that is not simple, or where something failed. It is to be archived
    ///   alone, which tells why.
    package func archiveTogether(_ requests: [ArchiveRequest], now: Timestamp) -> [ArchiveOutcome?] {
        var outcomes = [ArchiveOutcome?](repeating: nil, count: requests.count)
        guard requests.count > 1, let published = try? publish(requests, now) else { return outcomes }
        for run in published {
            outcomes[run.index] = .archived(run.place, change: .created, conflicts: run.conflicts, moved: [])
        }
        return outcomes
    }

    /// A run that is put together and has no name yet.
    private struct Staged {
        /// Among the requests.
        var index: Int
        var place: RunPlace
        /// In the slot.
        var name: FileName
        var conflicts: [String]
    }

    private func publish(_ requests: [ArchiveRequest], _ now: Timestamp) throws -> [Staged] {
        let history = try openHistory()
        // There a sync of the whole file system reaches nobody, and says that all is well.
        guard FileSystemKind.name(of: history) != "fuse" else { return [] }
        let slot = try StagingArea(loops: loops, process: process).open(for: history)
        defer { slot.remove() }
        let mode = try history.status().mode
        var staged: [Staged] = []
        var taken: Set<RunPlace> = []
        for (index, request) in requests.enumerated() {
            guard let name = FileName("run-\(index)"),
                let run = try? stage(request, as: name, index, in: slot, mode, history, now),
                taken.insert(run.place).inserted
            else { continue }
            staged.append(run)
        }
        guard !staged.isEmpty else { return [] }
        try slot.directory.syncFileSystem()
        var published: [Staged] = []
        for run in staged where try show(run, from: slot, in: history) { published.append(run) }
        try history.syncFileSystem()
        return published
    }

    /// Puts a run together; nil for one that is to come alone.
    private func stage(
        _ request: ArchiveRequest,
        as name: FileName,
        _ index: Int,
        in slot: StagingSlot,
        _ mode: UInt32,
        _ history: any Directory,
        _ now: Timestamp
    ) throws -> Staged? {
        let opened = try OpenedSource(request.source)
        guard !opened.isEmpty else { return nil }
        let (survey, plan) = try look(for: opened, in: history, now, request.runningStarts, request.knownPlace)
        // Other runs may stand on the names to step aside to, which nobody needs here: those of the seconds before.
        guard survey.standings.allSatisfy({ $0.kind == .other && $0.role == .aside }),
            case .create(survey.names.canonical, movingFirst: nil) = plan, try !isPruned(opened)
        else { return nil }
        let work = ArchiveWork(
            staging: StagingArea(loops: loops, process: process),
            stagingInside: slot.isInside,
            history: history,
            gate: ExecutorGate(loops: loops, processes: processes),
            source: opened,
            free: []
        )
        var merge = RunMerge(for: request.source)
        try merge.take(opened)
        _ = try work.write(merge, into: slot, as: name, mode: mode, isDurable: false)
        for standing in survey.standings { try work.adoptCopy(at: standing.place) }
        return Staged(index: index, place: survey.names.canonical, name: name, conflicts: merge.conflicts)
    }

    /// Gives a run its name; false where somebody took it meanwhile.
    private func show(_ run: Staged, from slot: StagingSlot, in history: any Directory) throws -> Bool {
        let parent =
            run.place.layout == .nested ? try history.ensureDirectory(run.place.components[0]) : history
        do throws(PosixError) {
            try slot.directory.rename(run.name, into: parent, as: run.place.runName, .notReplacing)
            return true
        } catch  where [.exists, .notEmpty].contains(error.code) {
            return false
        }
    }
}
