package import LoopModel

extension RunArchiver {
    /// Frees the name that a live run's executor will copy it to, where another run's archive stands on it.
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
        let nothing = ArchiveOutcome.archived(names.canonical, change: .unchanged, conflicts: [], moved: [])
        do {
            guard let history = try loops.history(), !runningStarts.contains(source.runID) else { return nothing }
            let opened = try OpenedSource(source)
            let survey = try HistorySurvey(
                opened,
                names: names,
                knownPlace: nil,
                runningStarts: runningStarts,
                history: history,
                now: now
            )
            guard survey.standings.contains(where: { $0.place == names.canonical && $0.kind == .other }),
                let aside = survey.free.first
            else { return nothing }
            let work = ArchiveWork(
                staging: StagingArea(loops: loops, process: process),
                stagingInside: false,
                history: history,
                gate: ExecutorGate(loops: loops, processes: processes),
                source: opened,
                free: survey.free
            )
            try work.rename(names.canonical, to: aside)
            return .archived(
                names.canonical,
                change: .unchanged,
                conflicts: [],
                moved: [(from: names.canonical, to: aside)]
            )
        } catch let error as PosixError {
            return .failed(error)
        } catch {
            return .wait("\(error)")
        }
    }
}
