package import LoopModel

extension RunArchiver {
    /// Frees the names that executors will copy a live run to, where another run's archive stands on them.
    ///
    /// Two runs of one second have one name. The executor overwrites what is there, so that it has to move in time:
    /// while the later run is alive, long before the executor archives it.
    ///
    /// - Parameters:
    ///   - source: the live run; what is known of it decides whether the archive is another's.
    ///   - runningStarts: the ids under which executors would archive the other runs in `.running`.
    /// - Returns: what moved, as an outcome without a change.
    package func makeRoom(for source: RunSource, runningStarts: Set<RunID>, now: Timestamp) -> ArchiveOutcome {
        let names = RunNames(loop: source.loop, runID: source.runID, layout: source.layout)
        do {
            guard let history = try loops.history(), !runningStarts.contains(source.runID) else {
                return .archived(names.canonical, change: .unchanged, conflicts: [], moved: [])
            }
            let opened = try OpenedSource(source)
            let moved = try [names, names.sweptInto].compactMap(\.self).compactMap { names in
                try makeWay(for: opened, at: names, runningStarts, in: history, now)
            }
            return .archived(names.canonical, change: .unchanged, conflicts: [], moved: moved)
        } catch let error as PosixError {
            return .failed(error)
        } catch {
            return .wait("\(error)")
        }
    }

    /// Moves another run's archive aside from the canonical one of these names, where one stands there.
    func makeWay(
        for source: OpenedSource,
        at names: RunNames,
        _ runningStarts: Set<RunID>,
        in history: any Directory,
        _ now: Timestamp
    ) throws -> (from: RunPlace, to: RunPlace)? {
        let survey = try HistorySurvey(
            source,
            names: names,
            knownPlace: nil,
            runningStarts: runningStarts,
            history: history,
            now: now
        )
        guard survey.standings.contains(where: { $0.place == names.canonical && $0.kind == .other }),
            let aside = survey.free.first
        else { return nil }
        let work = ArchiveWork(
            staging: StagingArea(loops: loops, process: process),
            stagingInside: false,
            history: history,
            gate: ExecutorGate(loops: loops, processes: processes),
            source: source,
            free: survey.free
        )
        try work.rename(names.canonical, to: aside)
        return (from: names.canonical, to: aside)
    }
}

extension RunNames {
    /// The names in the other layout that a run in `.running` may get: version B sweeps what version A left there into
    /// its own, over what stands there.
    var sweptInto: RunNames? { layout == .nested ? inOtherLayout : nil }
}
