package import LoopModel
import Synchronization

/// Puts runs into the history, whole and once, whatever stands there already.
///
/// Every call expects that the caller holds the `HistoryLock`. Each step leaves a state from which the same call, made
/// again by another process, comes to the same end.
package struct RunArchiver: Sendable {
    let loops: LoopsDirectory
    let process: Int32
    let processes: any ProcessTable
    private let durable = DurableHistory()

    /// - Parameters:
    ///   - process: the process id, for the names of its staging places.
    ///   - processes: tells live executors from dead ones.
    package init(loops: LoopsDirectory, process: Int32, processes: any ProcessTable = SystemProcessTable()) {
        self.loops = loops
        self.process = process
        self.processes = processes
    }

    /// Brings the history up to date with one run.
    ///
    /// - Parameters:
    ///   - request: the run, and what the caller knows of it.
    ///   - now: the present, to tell an executor's copy under way from one that was given up.
    package func archive(_ request: ArchiveRequest, now: Timestamp) -> ArchiveOutcome {
        do {
            do {
                return try archive(request, now, stagingInside: false)
            } catch let error as PosixError where error.code == .crossDevice {
                // The same device, but another mount: only what lies inside the history can be renamed into it.
                return try archive(request, now, stagingInside: true)
            }
        } catch let error as PosixError {
            switch error.code {
            case .exists, .notEmpty:
                return .wait("another process took the name meanwhile: \(error)")
            default:
                return .failed(error)
            }
        } catch {
            return .wait("\(error)")
        }
    }

    /// Removes what dead processes left in the staging places.
    ///
    /// Only the holder of the agent lock does this, while it also holds the history lock: then whatever is there has no
    /// owner.
    package func discardStaging() throws(PosixError) {
        try StagingArea(loops: loops, process: process).discard()
    }

    private func archive(_ request: ArchiveRequest, _ now: Timestamp, stagingInside: Bool) throws -> ArchiveOutcome {
        let source = request.source
        let runningStarts = request.runningStarts
        let opened = try OpenedSource(source)
        guard !opened.isEmpty else { return .wait("the run has no file left to archive") }
        let history = try openHistory()
        let (survey, plan) = try look(for: opened, in: history, now, runningStarts, request.knownPlace)
        if case .create(let place, _) = plan, try isPruned(opened) {
            return .archived(place, change: .unchanged, conflicts: [], moved: [])
        }
        var work = ArchiveWork(
            staging: StagingArea(loops: loops, process: process),
            stagingInside: stagingInside,
            history: history,
            gate: ExecutorGate(loops: loops, processes: processes),
            source: opened,
            free: survey.free
        )
        var outcome = try work.carryOut(plan)
        if case .archived(let place, let change, let conflicts, var moved, let absorbed) = outcome {
            if source.isInRunning, !runningStarts.contains(source.runID), let names = survey.names.sweptInto,
                survey.standings.contains(where: { $0.place == names.canonical && $0.kind == .other }),
                let move = try makeWay(for: opened, at: names, runningStarts, in: history, now)
            {
                moved.append(move)
                outcome = .archived(place, change: change, conflicts: conflicts, moved: moved, absorbed: absorbed)
            }
            let standing = survey.standings.filter { $0.kind == .other }.map(\.place)
            for place in standing.map({ place in moved.first { $0.from == place }?.to ?? place }) {
                try work.adoptCopy(at: place)
            }
        }
        return outcome
    }

    /// Where the history has all that a run would bring, so that archiving it would change nothing.
    ///
    /// For whoever asks without doing it; needs no lock.
    ///
    /// - Returns: nil where something would change, or nobody can tell yet.
    package func standingPlace(of request: ArchiveRequest, now: Timestamp) throws -> RunPlace? {
        guard let history = try loops.history() else { return nil }
        let opened = try OpenedSource(request.source)
        switch try look(for: opened, in: history, now, request.runningStarts, request.knownPlace).1 {
        case .wait:
            return nil
        case .create(let place, _):
            return try isPruned(opened) ? place : nil
        case .change(let base, let others, let target, let move):
            guard others.isEmpty, base == target, move == nil else { return nil }
            let standing = try StandingRun(base, in: history)
            var merge = RunMerge(for: request.source)
            try merge.take(standing.directory, isBase: true)
            try merge.take(opened)
            return try !merge.isChange && SumsFile.areCurrent(in: standing.directory) ? base : nil
        }
    }

    /// Looks at what stands where a run may stand, and decides.
    func look(
        for opened: OpenedSource,
        in history: any Directory,
        _ now: Timestamp,
        _ runningStarts: Set<RunID>,
        _ knownPlace: RunPlace?
    ) throws -> (HistorySurvey, ArchivePlan) {
        let source = opened.source
        var names = RunNames(loop: source.loop, runID: source.runID, layout: source.layout)
        // A file or link where the loop's directory should be: the other layout has its runs elsewhere.
        if names.layout == .nested, let there = try history.status(of: names.canonical.components[0]),
            there.kind != .directory
        {
            names = names.inOtherLayout
        }
        let survey = try HistorySurvey(
            opened,
            names: names,
            knownPlace: knownPlace,
            runningStarts: runningStarts,
            history: history,
            now: now
        )
        let plan = ArchivePlan.decide(
            canonical: names.canonical,
            standings: survey.standings,
            free: survey.free,
            isInRunning: source.isInRunning,
            isContested: runningStarts.contains(source.runID)
        )
        return (survey, plan)
    }

    /// Whether a run is missing on purpose: its pins outlived the archive, by a kill or for the sake of a namesake.
    func isPruned(_ opened: OpenedSource) throws -> Bool {
        guard !opened.source.isInRunning else { return false }
        return try PruneLog(loops).hasPruned(opened.source.identity, endedAt: opened.endedAt())
    }

    /// Opens the history, whose own name is durable from then on: an executor that made it syncs nothing.
    func openHistory() throws(PosixError) -> any Directory {
        let history = try loops.ensureHistory()
        let identity = try history.status().identity
        if durable.identity != identity {
            try loops.root.sync()
            durable.identity = identity
        }
        return history
    }
}

/// Which history's name in `.loops` is known to be durable.
private final class DurableHistory: Sendable {
    private let known = Mutex<FileIdentity?>(nil)

    var identity: FileIdentity? {
        get { known.withLock(\.self) }
        set { known.withLock { $0 = newValue } }
    }
}
