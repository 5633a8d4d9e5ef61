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
                let files = [try run.status(of: .state), try run.status(of: .events)].compactMap(\.self)
                // An executor that was killed right after it made the directory.
                guard !files.isEmpty else { continue }
                let touched = try files.map(\.changed).reduce(run.status().changed, max)
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
        guard try loops.history() != nil else { return false }
        let history = try openHistory()
        let work = ArchiveWork(
            staging: StagingArea(loops: loops, process: process),
            stagingInside: false,
            history: history,
            gate: ExecutorGate(loops: loops, processes: processes),
            source: nil,
            free: []
        )
        do {
            if let home = try home(of: place, in: history) {
                _ = try work.bringUpToDate(home, absorbing: [place])
                return true
            }
            return try work.adopt(StandingRun(place, in: history))
        } catch is SourceChanged {
            return false
        } catch is ExecutorGate.Busy {
            return false
        }
    }

    /// Where a run stands already that an executor archived once more under another name.
    ///
    /// Version A names what it clears without a state that it can read after the second in which it does so, and the
    /// sweep of version B puts what A has archived into its own layout.
    ///
    /// - Returns: nil for a run that stands nowhere else.
    private func home(of place: RunPlace, in history: any Directory) throws -> RunPlace? {
        guard let directory = try HistoryScan.directory(of: place, in: history) else { return nil }
        let reading = RunReading(of: directory)
        let state = try reading.state().state
        guard let start = try reading.loopStart(),
            let loop = state?.loopName ?? start.event.loop, let text = state?.startedAt ?? start.event.timestamp,
            let events = try reading.regularFile(.events)
        else { return nil }
        // Without a state nobody knows under which of its segments it was archived.
        let starts = state == nil ? try EventsEnds.segments(in: events).compactMap(\.timestamp) : []
        let source = RunSource(
            identity: .loopStart(start.line),
            loop: loop,
            runID: RunID(startedAt: text),
            layout: place.layout,
            isInRunning: false,
            events: [.file(directory, .events, try events.status().identity)],
            state: nil,
            stateIsReadable: false,
            isFinished: true,
            earlierRunIDs: starts.map { RunID(startedAt: $0) }
        )
        let survey = try HistorySurvey(
            OpenedSource(source),
            names: RunNames(loop: loop, runID: source.runID, layout: source.layout),
            knownPlace: nil,
            runningStarts: [],
            history: history,
            now: Timestamp(microseconds: .max)
        )
        return survey.standings.first { $0.kind == .same && $0.place != place }?.place
    }
}
