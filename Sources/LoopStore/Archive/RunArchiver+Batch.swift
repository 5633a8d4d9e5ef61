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
    /// - Parameter spreading: puts the runs together, by numbers; what comes before and after is done in order.
    /// - Returns: what became of each; nil for one that is not simple, or where something failed. It is to be archived
    ///   alone, which tells why.
    package func archiveTogether(
        _ requests: [ArchiveRequest],
        now: Timestamp,
        spreading: Spreading = Spread.inOrder
    ) -> [ArchiveOutcome?] {
        var outcomes = [ArchiveOutcome?](repeating: nil, count: requests.count)
        guard requests.count > 1, let published = try? publish(requests, now, spreading) else { return outcomes }
        for run in published {
            outcomes[run.index] = .archived(run.place, change: .created, conflicts: run.conflicts, moved: [])
        }
        return outcomes
    }

    /// A run that is put together and has no name yet.
    private struct Staged: Sendable {
        /// Among the requests.
        var index: Int
        var place: RunPlace
        /// In the slot.
        var name: FileName
        var conflicts: [String]
        /// Where other runs stand on names to step aside to.
        var others: [RunPlace]
        /// What is in its directory.
        var files: [FileName]
    }

    private func publish(_ requests: [ArchiveRequest], _ now: Timestamp, _ spreading: Spreading) throws -> [Staged] {
        let history = try openHistory()
        // There a sync of the whole file system reaches nobody, and says that all is well.
        guard FileSystemKind.name(of: history) != "fuse" else { return [] }
        let slot = try StagingArea(loops: loops, process: process).open(for: history)
        defer { slot.remove() }
        let mode = try history.status().mode
        let stages = Spread.map(requests, by: spreading) { index, request in
            try? stage(request, index, in: slot, mode, history, now)
        }
        var taken: Set<RunPlace> = []
        let staged = stages.compactMap(\.self).filter {
            taken.insert($0.place).inserted && areSummed($0.others, in: slot)
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
        _ index: Int,
        in slot: StagingSlot,
        _ mode: UInt32,
        _ history: any Directory,
        _ now: Timestamp
    ) throws -> Staged? {
        let opened = try OpenedSource(request.source)
        guard !opened.isEmpty, let name = FileName("run-\(index)") else { return nil }
        let (survey, plan) = try look(for: opened, in: history, now, request.runningStarts, request.knownPlace)
        // Other runs may stand on the names to step aside to, which nobody needs here: those of the seconds before.
        guard survey.standings.allSatisfy({ $0.kind == .other && $0.role == .aside }),
            case .create(survey.names.canonical, movingFirst: nil) = plan, try !isPruned(opened)
        else { return nil }
        let work = work(on: opened, in: slot)
        var merge = RunMerge(for: request.source)
        try merge.take(opened)
        try work.write(merge, into: slot, as: name, mode: mode, isDurable: false)
        return Staged(
            index: index,
            place: survey.names.canonical,
            name: name,
            conflicts: merge.conflicts,
            others: survey.standings.map(\.place),
            files: merge.writtenNames
        )
    }

    private func work(on source: OpenedSource?, in slot: StagingSlot) -> ArchiveWork {
        ArchiveWork(
            staging: StagingArea(loops: loops, process: process),
            stagingInside: slot.isInside,
            history: slot.history,
            gate: ExecutorGate(loops: loops, processes: processes),
            source: source,
            free: []
        )
    }

    /// Sums those of some runs that executors copied meanwhile; false where that fails.
    private func areSummed(_ places: [RunPlace], in slot: StagingSlot) -> Bool {
        (try? places.forEach(work(on: nil, in: slot).adoptCopy)) != nil
    }

    /// Gives a run its name; false where somebody took it meanwhile, or a part of the run, which comes alone then.
    private func show(_ run: Staged, from slot: StagingSlot, in history: any Directory) throws -> Bool {
        let parent =
            run.place.layout == .nested ? try history.ensureDirectory(run.place.components[0]) : history
        do throws(PosixError) {
            try slot.directory.rename(run.name, into: parent, as: run.place.runName, .notReplacing)
        } catch  where [.exists, .notEmpty].contains(error.code) {
            return false
        }
        let found = try history.statuses(below: run.place.components, run.files)
        return !found.contains(nil)
    }
}
