package import LoopModel
package import LoopStore
package import SyncCore

/// One evaluation of a policy over one loops directory: plan, carry out, empty the trash, remember.
///
/// The agent and `loopsync prune` go the same way; a dry run stops after `plan`.
package struct RetentionPass {
    package let loops: LoopsDirectory
    package let policy: RetentionPolicy
    package let zone: ZoneOffset
    /// How to go through what is deleted for good.
    private let spreading: Spreading
    /// Whether every mirror holds a run, verified; nil where no mirror is configured.
    package let isMirrored: ((ArchivedRun) -> Bool)?
    /// The same of about so many runs, for a plan, from what is known; nil where each is looked for.
    ///
    /// Before a run is removed it is looked for in any case.
    private let presumeMirrored: ((Int) -> (ArchivedRun) -> Bool)?
    /// Deletes what came into the mirror's trash before a time; nil where no mirror is configured.
    private let emptyMirrorTrash: ((Timestamp) -> MirrorTrash.Emptied)?

    /// Describes a pass.
    package init(
        _ loops: LoopsDirectory,
        policy: RetentionPolicy,
        zone: ZoneOffset,
        spreading: @escaping Spreading = Spread.inOrder,
        isMirrored: ((ArchivedRun) -> Bool)? = nil,
        presumeMirrored: ((Int) -> (ArchivedRun) -> Bool)? = nil,
        emptyMirrorTrash: ((Timestamp) -> MirrorTrash.Emptied)? = nil
    ) {
        self.loops = loops
        self.policy = policy
        self.zone = zone
        self.spreading = spreading
        self.isMirrored = isMirrored
        self.presumeMirrored = presumeMirrored
        self.emptyMirrorTrash = emptyMirrorTrash
    }

    /// A plan with what it was made from.
    package struct Prepared: Sendable {
        package let plan: RetentionPlan
        /// Runs and directories that could not be read; they stay.
        package let unreadable: [PosixError]
        /// How many runs each loop had.
        let counts: [JSONString: Int]
        let memory: RetentionMemory
        let reading: ClockReading
        let isWhole: Bool
        let isRefreshing: Bool
        /// What knows runs by their stamps; nil for nothing.
        let catalogue: CatalogueKeeper?
    }

    /// What a pass did.
    package struct Outcome: Sendable {
        package var prune = PruneOutcome()
        /// What went from the trash for good.
        package var emptied: [TrashEntry] = []
        /// The days whose runs went from the mirror's trash for good.
        package var emptiedInMirror: [String] = []
        /// What failed besides the removals themselves.
        package var failures: [PosixError] = []
    }

    /// Makes the plan; changes nothing.
    ///
    /// - Parameters:
    ///   - inventory: what is known of the history.
    ///   - isRefreshing: whether the whole history is looked through first, and the trash afterwards. An agent that
    ///     updates the inventory after each archive does so hourly only.
    ///   - isForced: whether a person said to go on in spite of the valve.
    ///   - asked: the loops to look at; empty means all.
    ///   - isTold: whether the plan tells also of the runs that stay.
    /// - Throws: `.running` or the history cannot be read, so that nothing may be removed.
    package func plan(
        _ inventory: inout RetentionInventory,
        at reading: ClockReading,
        isRefreshing: Bool = true,
        isForced: Bool = false,
        loops asked: [Glob] = [],
        isTold: Bool = true
    ) throws(PosixError) -> Prepared {
        // A policy that keeps everything needs no look at the history, however large it is.
        var (runs, unreadable): ([RetentionRun], [PosixError]) = ([], [])
        if !policy.keepsEverything {
            let running = try RunningRuns.read(loops)
            let holds = isMirrored.map { presumeMirrored?(inventory.expected) ?? $0 }
            (runs, unreadable) = try inventory.map(loops, isRefreshing: isRefreshing) { run in
                RetentionRun(run, running: running, isMirrored: holds.map { $0(run) } ?? true)
            }
        }
        let memory = RetentionState.load(loops)
        var circumstances = RetentionCircumstances(now: reading.wall, zone: zone)
        circumstances.hasMirror = isMirrored != nil
        circumstances.triggers = memory.triggers(for: policy, runs: runs, at: reading)
        circumstances.isForced = isForced
        circumstances.loops = asked
        if policy.minFreeSpace != nil {
            circumstances.freeBytes = try loops.history()?.freeBytes()
        }
        // The trash has many notes to read, and only matters where space is short.
        if let wanted = policy.minFreeSpace, let free = circumstances.freeBytes, free < wanted {
            circumstances.trashedBytes = try Trash(loops).entries().reduce(into: 0) { $0 += $1.record.size }
        }
        let counts = RetentionMemory.counts(of: runs)
        return Prepared(
            plan: policy.plan(runs: consume runs, in: circumstances, isTold: isTold),
            unreadable: unreadable,
            counts: counts,
            memory: memory,
            reading: reading,
            isWhole: asked.isEmpty,
            isRefreshing: isRefreshing,
            catalogue: inventory.catalogue
        )
    }

    /// What a plan would remove now and hold back, found with fewer looks than a plan that is carried out needs.
    ///
    /// Where nothing would go if the mirrors held every run, nothing goes, and they are not asked.
    ///
    /// - Parameter inventory: one that remembers, since it may be gone through twice.
    package func forecast(_ inventory: inout RetentionInventory, at reading: ClockReading) throws(PosixError)
        -> RetentionPlan
    {
        guard isMirrored != nil else { return try plan(&inventory, at: reading).plan }
        let presuming = RetentionPass(loops, policy: policy, zone: zone, isMirrored: { _ in true })
        let most = try presuming.plan(&inventory, at: reading).plan
        guard most.decisions.contains(where: { $0.verdict != .keep }) else { return most }
        return try plan(&inventory, at: reading, isRefreshing: false).plan
    }

    /// Whether no pass has anything to do: a policy that keeps everything, and no trash of an earlier one.
    package func isIdle() throws(PosixError) -> Bool {
        guard policy.keepsEverything, emptyMirrorTrash == nil else { return false }
        return try Trash(loops).isEmpty()
    }

    /// Carries a plan out.
    ///
    /// The caller holds the `HistoryLock` since before `plan`.
    ///
    /// - Parameter isOver: asked before each removal, whether the policy holds no more.
    package func carryOut(_ prepared: Prepared, isOver: () -> Bool = { false }) -> Outcome {
        var outcome = Outcome()
        let plan = prepared.plan
        // What nobody may have meant is not made final either. A plan of some loops says nothing about the others.
        let isHeld = !plan.heldBack.isEmpty || !(prepared.isWhole || plan.triggers.isEmpty)
        do throws(PosixError) {
            // Under pressure the trash goes first, before anything more is moved there.
            if let minFreeSpace = policy.minFreeSpace, !isHeld, !isOver() {
                let (deleted, failures) = try Trash(loops).deleteOldest(untilFree: minFreeSpace)
                outcome.emptied += deleted
                outcome.failures += failures
            }
        } catch {
            outcome.failures.append(error)
        }
        // A mirror may have lost the run since the plan was made.
        outcome.prune = Pruner(loops).carryOut(
            plan,
            catalogued: { prepared.catalogue?.index()?.known($0) ?? [:] },
            isMirrored: policy.requireMirrored ? isMirrored : nil,
            isOver: isOver
        )
        do throws(PosixError) {
            if prepared.isRefreshing, !isHeld, !isOver() { try emptyTrash(prepared, &outcome) }
            try remember(prepared, outcome.prune)
        } catch {
            outcome.failures.append(error)
        }
        return outcome
    }

    /// Deletes for good what has had its time in either trash.
    private func emptyTrash(_ prepared: Prepared, _ outcome: inout Outcome) throws(PosixError) {
        guard let trashFor = policy.trashFor, !prepared.memory.holdsTrash(for: trashFor, at: prepared.reading) else {
            return
        }
        let time = prepared.plan.now - trashFor
        if let emptied = emptyMirrorTrash?(time) {
            outcome.emptiedInMirror = emptied.days
            outcome.failures += emptied.failures
        }
        let trash = Trash(loops)
        let (deleted, failures) = try trash.deleteAll(trash.entries(removedBefore: time), by: spreading)
        outcome.emptied += deleted
        outcome.failures += failures
    }

    private func remember(_ prepared: Prepared, _ outcome: PruneOutcome) throws(PosixError) {
        var remaining = prepared.counts
        for decision in outcome.removed { remaining[decision.run.loop, default: 0] -= 1 }
        let memory = prepared.memory.after(
            prepared.plan,
            of: policy,
            remaining: remaining,
            at: prepared.reading,
            isWhole: prepared.isWhole && !outcome.isCutShort
        )
        guard memory != prepared.memory else { return }
        // Where nothing was ever removed the clock guards nothing.
        if policy.keepsEverything, prepared.memory == RetentionMemory(), try Trash(loops).isEmpty() { return }
        try RetentionState.save(memory, loops)
    }
}
