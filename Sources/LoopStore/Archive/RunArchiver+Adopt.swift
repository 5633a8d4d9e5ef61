package import LoopModel

extension RunArchiver {
    /// For how many nanoseconds nobody must have touched a run for it to count as archived whole.
    private static let quiet: Int64 = 10_000_000_000

    /// The runs that executors archived and nobody has summed yet, and whether somebody may still be writing others.
    ///
    /// They are from before loopsync came, or from a time when no agent ran; without sums they cannot be mirrored.
    package func unsummed(now: Timestamp) throws(PosixError) -> (whole: [RunPlace], hasOthers: Bool) {
        guard let history = try loops.history() else { return ([], false) }
        var found: [RunPlace] = []
        var hasOthers = false
        for place in try HistoryScan.places(in: history) {
            guard let run = try? HistoryScan.directory(of: place, in: history), try run.status(of: .sums) == nil else {
                continue
            }
            var touched = try run.status().changed
            for name in [FileName.state, .events] { touched = max(touched, try run.status(of: name)?.changed ?? 0) }
            if now.microseconds &* 1000 &- touched > Self.quiet { found.append(place) } else { hasOthers = true }
        }
        return (found, hasOthers)
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
