import LoopModel
import LoopStore
import SyncCore

/// Hears what became of the work that was done elsewhere.
extension RootAgent {
    /// Hears what became of an archive.
    ///
    /// - Parameter isToMirror: whether the mirror has something to do with it, even where nothing changed.
    /// - Returns: the line to tell people, where there is something to tell.
    func archived(_ job: ArchiveJob, _ outcome: ArchiveOutcome, isToMirror: Bool, at now: Moment) -> String? {
        guard let reader else { return nil }
        defer { evaluate(reader.tracker.stem(of: job.run), at: now) }
        switch outcome {
        case .archived(let place, let change, let conflicts, let moved, let absorbed):
            for move in moved { reader.tracker.moved(from: move.from, to: move.to) }
            reader.tracker.archived(job.run.identity, as: .init(place: place, signature: job.signature))
            // An executor may have copied it to where another run stood, which may still be in `.running` by another name.
            let taken = change == .unchanged ? absorbed : absorbed + [place]
            let lost = reader.tracker.lostArchives(at: taken, to: job.run.identity, isNews: change != .unchanged)
            for stem in lost {
                deadlines[stem] = min(deadlines[stem] ?? .max, now.steady)
            }
            for conflict in conflicts { tell(conflict, at: place.description) }
            if let remark = job.remark {
                tell(remark, at: job.run.stem.description)
            } else {
                told[job.run.stem.description] = nil
            }
            if job.run.isInRunning, !job.run.isSuperseded { live?.ended(job.run.stem, at: now) }
            guard change != .unchanged || !moved.isEmpty else {
                if isToMirror { history?.mirrorSoon() }
                return nil
            }
            archivedCount += 1
            history?.archived()
            // An executor's own copy of what was archived already is no news.
            guard change != .unchanged, change != .adopted || job.knownPlace == nil else { return nil }
            let facts = HookFacts.archived(
                job.run,
                at: place,
                change,
                reason: job.reason,
                loops: root.path,
                now: now.wall
            )
            for facts in facts { hands.hook(facts) }
            return job.line(change)
        case .wait:
            reader.tracker.postponed(job.run.identity, isFailure: false, at: now)
        case .failed(let error):
            reader.tracker.postponed(job.run.identity, isFailure: true, at: now)
            tell("\(error): the run is not archived yet; it is tried again", at: job.run.stem.description)
        }
        return nil
    }

    /// Hears what became of a clearing.
    func cleared(_ run: TrackedRun, _ outcome: Clearer.Outcome, at now: Moment) {
        guard let reader else { return }
        switch outcome {
        case .cleared:
            reader.tracker.finished(run.identity)
        case .changed:
            // What could not go back to its name is a pin now, which may have been forgotten meanwhile.
            try? reader.readPins(at: now)
            // Its archive may be gone, or somebody changed it.
            reader.tracker.lostArchive(run.identity)
            reader.tracker.postponed(run.identity, isFailure: true, at: now)
        case .wait:
            reader.tracker.postponed(run.identity, isFailure: true, at: now)
        case .failed(let error):
            reader.tracker.postponed(run.identity, isFailure: true, at: now)
            tell("\(error): the run stays in .running; it is tried again", at: run.stem.description)
        }
        evaluate(reader.tracker.stem(of: run), at: now)
    }

    /// Hears that a place was kept free.
    func madeRoom(_ job: ArchiveJob, _ outcome: ArchiveOutcome, at now: Moment) {
        guard case .archived(_, _, _, let moved, _) = outcome else {
            reader?.tracker.notReserved(job.run.identity, job.source.runID)
            var pause = Self.roomRetry
            if case .failed(let error) = outcome {
                pause = Self.failureRetry
                tell("\(error): another run's archive may be overwritten by its executor", at: job.run.stem.description)
            }
            let stem = reader?.tracker.stem(of: job.run) ?? job.run.stem
            deadlines[stem] = min(deadlines[stem] ?? .max, now.steady + pause)
            return
        }
        guard !moved.isEmpty else { return }
        for move in moved { reader?.tracker.moved(from: move.from, to: move.to) }
        history?.archived()
    }

    /// Hears what became of a piece of work on the history.
    func history(
        _ piece: HistorySchedule.Piece,
        _ report: HistoryWork.Report,
        of work: HistoryWork,
        next: Int64?,
        at now: Moment
    ) {
        let before = history?.problems[HistoryWork.suspended]
        history?.hear(piece, report, of: work, next: next)
        // With a live mirror it is told by that one, which sees it first.
        guard live == nil, before == nil, let problem = history?.problems[HistoryWork.suspended] else { return }
        let path = report.mirror?.path ?? ""
        let summary = report.mirror?.suspended ?? problem
        hands.hook(.suspended(mirror: path, summary, loops: root.path, now: now.wall))
    }

    /// How soon to try again to keep a place free, in milliseconds.
    private static let roomRetry: Int64 = 100
    private static let failureRetry: Int64 = 5000
}
