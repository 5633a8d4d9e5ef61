package import LoopModel

extension RunArchiver {
    /// For how many nanoseconds nobody must have touched a run for it to count as archived whole.
    private static let quiet: Int64 = 10_000_000_000

    /// The runs that executors archived and nobody has summed yet, and whether somebody may still be writing others.
    ///
    /// They are from before loopsync came, or from a time when no agent ran; without sums they cannot be mirrored.
    ///
    /// - Throws: the history itself cannot be listed.
    package func unsummed(now: Timestamp) throws(PosixError) -> Unsummed {
        var found = Unsummed()
        guard let history = try loops.history() else { return found }
        for place in try HistoryScan.places(in: history, unreadable: &found.unreadable) {
            do throws(PosixError) {
                guard let run = try HistoryScan.directory(of: place, in: history), try run.status(of: .sums) == nil
                else { continue }
                var touched = try run.status().changed
                for name in [FileName.state, .events] { touched = max(touched, try run.status(of: name)?.changed ?? 0) }
                // What was written in the future was written before the clock was set back.
                let isWhole = (now.microseconds &* 1000 &- touched).magnitude > Self.quiet
                if isWhole { found.whole.append(place) } else { found.hasOthers = true }
            } catch {
                found.unreadable.append(error)
            }
        }
        return found
    }

    /// Runs without sums.
    package struct Unsummed {
        package var whole: [RunPlace] = []
        /// Whether somebody may still be writing to others.
        package var hasOthers = false
        /// What could not be looked at.
        package var unreadable: [PosixError] = []
    }

    /// Makes such a run durable and sums it, while the caller holds the `HistoryLock`; its bytes stay as they are.
    ///
    /// - Returns: false where it has sums by now, or has gone.
    package func adopt(_ place: RunPlace) throws -> Bool {
        guard let history = try loops.history() else { return false }
        let work = ArchiveWork(
            staging: StagingArea(loops: loops, process: process),
            stagingInside: false,
            history: history,
            gate: ExecutorGate(loops: loops, processes: processes),
            source: nil,
            free: []
        )
        do {
            return try work.adopt(StandingRun(place, in: history))
        } catch is SourceChanged {
            return false
        }
    }
}
