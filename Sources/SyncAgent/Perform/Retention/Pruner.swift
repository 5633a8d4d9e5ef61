package import LoopModel
package import LoopStore
package import RunCatalogue
package import SyncCore

/// What became of a plan.
package struct PruneOutcome: Sendable, Hashable {
    package var removed: [RetentionPlan.Decision] = []
    /// Runs that are not what the plan saw any more, with what changed; the next plan decides anew.
    package var skipped: [Skipped] = []
    package var failures: [Failure] = []
    /// Whether somebody said in between that the plan holds no more.
    package var isCutShort = false

    /// A run that stayed because of what was found right before its removal.
    package struct Skipped: Sendable, Hashable {
        package var run: RetentionRun
        package var reason: String

        /// One line for people.
        package var description: String {
            "kept \(run.place): \(reason)"
        }
    }

    /// A removal that the system refused.
    package struct Failure: Sendable, Hashable {
        package var run: RetentionRun
        package var error: PosixError
        /// How many further removals of the same cap were given up for it.
        package var stopped: Int

        /// One line for people.
        package var description: String {
            let more =
                stopped == 0 ? "" : "; \(stopped) further runs over the same limit stay too, until this one can go"
            return "cannot remove \(run.place): \(error)\(more)"
        }
    }

    /// An outcome in which nothing happened.
    package init() {}
}

/// Carries a retention plan out: looks at each run again, then moves it into the trash.
///
/// The caller holds the `HistoryLock` from before the plan was made until this returns.
package struct Pruner: Sendable {
    private let loops: LoopsDirectory

    /// For so many removals, which are milliseconds, one look at `.running` counts, and one at where the history is.
    private static let runningLife = 16
    /// So many runs are asked of the catalogue at once.
    private static let batch = 1024

    /// Names the loops directory to prune.
    package init(_ loops: LoopsDirectory) {
        self.loops = loops
    }

    /// Removes what the plan says, in its order.
    ///
    /// - Parameters:
    ///   - catalogued: what is known of runs by their stamps; a run without is read again before it goes.
    ///   - isMirrored: whether every mirror still holds the run, asked right before the removal; nil where that does not
    ///     matter.
    ///   - isOver: asked before each removal, whether the plan holds no more.
    package func carryOut(
        _ plan: RetentionPlan,
        catalogued: ([RunPlace]) -> [RunPlace: CataloguedRun] = { _ in [:] },
        isMirrored: ((ArchivedRun) -> Bool)? = nil,
        isOver: () -> Bool = { false }
    ) -> PruneOutcome {
        var outcome = PruneOutcome()
        var running = RunningRuns()
        var history: (any Directory)?
        var looks = 0
        let intake = TrashIntake(loops)
        var known: [RunPlace: CataloguedRun] = [:]
        var untold: [RetentionPlan.Decision] = []
        // What a power cut may bring back is not told of as removed.
        func settle() {
            do throws(PosixError) {
                try intake.sync()
                outcome.removed += untold
            } catch {
                outcome.failures += untold.map { PruneOutcome.Failure(run: $0.run, error: error, stopped: 0) }
            }
            untold = []
            // The disk may have taken its time: what was seen in `.running` is of before.
            looks = 0
        }
        // The failure that stopped a cap, so that counting what stays with it costs no search.
        var stopped: [RemovalCause: Int] = [:]
        let removals = plan.removals
        for (number, decision) in removals.enumerated() {
            if number.isMultiple(of: Self.batch) {
                known = catalogued(removals[number...].prefix(Self.batch).map(\.run.place))
            }
            guard case .remove(let cause) = decision.verdict else { continue }
            if let failure = stopped[cause] {
                outcome.failures[failure].stopped += 1
                continue
            }
            if isOver() {
                outcome.isCutShort = true
                break
            }
            do throws(PosixError) {
                if looks.isMultiple(of: Self.runningLife) {
                    running = try RunningRuns.read(loops)
                    history = try loops.history()
                }
                looks += 1
                let place = decision.run.place
                guard
                    let run = try history.flatMap({ (history) throws(PosixError) in
                        try run(at: place, known[place], in: history)
                    })
                else {
                    outcome.skipped.append(PruneOutcome.Skipped(run: decision.run, reason: "it is gone"))
                    continue
                }
                if !Defect.prunedUnseen.isMade, let reason = reasonToKeep(run, decision.run, running, isMirrored) {
                    outcome.skipped.append(PruneOutcome.Skipped(run: decision.run, reason: reason))
                    continue
                }
                let reasons = decision.reasons.map(\.description)
                _ = try intake.take(PruneRecord(.pruned, run, time: plan.now, reasons: reasons))
                untold.append(decision)
                if intake.isFull { settle() }
            } catch {
                outcome.failures.append(PruneOutcome.Failure(run: decision.run, error: error, stopped: 0))
                // The cap counted on this run's going. It is not made up for by a newer one.
                if cause.isCap { stopped[cause] = outcome.failures.count - 1 }
            }
        }
        settle()
        return outcome
    }

    /// The run as it is now; nil where there is none any more.
    ///
    /// - Parameter known: as the catalogue has it. Where a stat of all its files says the same, that is what a reading would
    ///   say.
    private func run(at place: RunPlace, _ known: CataloguedRun?, in history: any Directory) throws(PosixError)
        -> ArchivedRun?
    {
        if let known, known.isSettled,
            try FileStamps.now(of: place.components, known.names, in: history)?.bytes == known.stamps
        {
            return known.run
        }
        return try HistoryScan.read(place, in: history)
    }

    /// Looks at a run right before it goes.
    private func reasonToKeep(
        _ run: ArchivedRun,
        _ seen: RetentionRun,
        _ running: RunningRuns,
        _ isMirrored: ((ArchivedRun) -> Bool)?
    ) -> String? {
        if run.isPinned { return "it was pinned meanwhile" }
        guard run.fingerprint == seen.fingerprint else { return "it changed meanwhile" }
        // RACE: between the look at `.running`, which counts for some removals in a row, and the rename an executor may start
        // a run and archive it here: it needs the same loop and the same second of start as a run whose end is older than
        // min_age, so its clock went back by that much. What is renamed away is then the old directory with all it holds, in
        // the trash, and the executor's copy, if it was under way, is made again from `.running`, where its files still are.
        if running.contains(run) { return "a file of it is in .running" }
        if running.canonicalPlaces.contains(run.place) { return "an executor would archive a run in .running here" }
        if let isMirrored, !isMirrored(run) { return "the mirror does not hold it" }
        return nil
    }
}
