import Glibc
package import LoopModel
package import LoopStore
package import SyncCore

/// Archives once what has ended, without waiting for it to settle; beside a running agent or without one.
package struct ArchivePass {
    /// Which runs, and what else to do.
    package struct Options: Sendable {
        /// Only runs of these loops.
        package var includes: @Sendable (JSONString) -> Bool
        /// Only tell what would be done.
        package var isDryRun: Bool
        /// Also runs without an end whose owner is not known.
        package var abandoned: Bool
        /// Take finished runs that are whole in the history out of `.running` at once.
        package var clear: Bool

        /// All runs, unless told otherwise.
        package init(
            includes: @escaping @Sendable (JSONString) -> Bool = { _ in true },
            isDryRun: Bool = false,
            abandoned: Bool = false,
            clear: Bool = false
        ) {
            self.includes = includes
            self.isDryRun = isDryRun
            self.abandoned = abandoned
            self.clear = clear
        }
    }

    /// One run and what became of it.
    package struct Row: Sendable {
        package enum Result: Sendable {
            /// A dry run found it due.
            case due
            case archived(RunPlace, ArchiveChange, conflicts: [String])
            case cleared
            /// Somebody was writing all the time.
            case busy(String)
            case failed(PosixError)
        }

        package var run: TrackedRun
        package var reason: ArchiveReason
        package var result: Result
    }

    /// Runs that executors had archived while no agent ran, and that got their sums now.
    package private(set) var adopted: [RunPlace] = []

    /// How many runs were left without an end and without a known owner.
    package private(set) var ownerless = 0

    /// What could not be read, by its place below `.running`.
    package var problems: [String: String] { reader.problems }

    private let reader: RunningReader
    private let keeper: RunKeeper
    private let options: Options
    private let settings: ArchiveSettings
    private let clock: @Sendable () -> Moment
    private let processes: any ProcessTable
    private let spreading: Spreading
    /// What became of the runs that were archived together, until each has its turn.
    private var together: [RunIdentity: (job: ArchiveJob, outcome: ArchiveOutcome)] = [:]
    /// Runs that are whole in the history and have left `.running`.
    private var left: [TrackedRun] = []

    /// So many runs and bytes are put together at a time, which share two syncs of some ten milliseconds: a second's work,
    /// since others who change the history wait for it.
    private static let batch = (runs: 1024, bytes: Int64(64 << 20))
    /// How long one run may keep others waiting while somebody writes it, in milliseconds.
    private static let patience: Int64 = 5000

    /// - Parameters:
    ///   - settings: the configuration's `archive`.
    ///   - process: this process's number.
    ///   - clock: both clocks.
    ///   - spreading: puts many runs together, by numbers.
    package init(
        loops: LoopsDirectory,
        settings: ArchiveSettings,
        options: Options,
        processes: any ProcessTable = SystemProcessTable(),
        process: Int32 = getpid(),
        clock: @escaping @Sendable () -> Moment = SystemClock.now,
        spreading: @escaping Spreading = Parallel.forEach
    ) throws(PosixError) {
        let tracker = TrackerSettings(
            settle: 0,
            abandonedAfter: options.abandoned ? 0 : settings.abandonedAfter?.milliseconds,
            clearAfter: options.clear ? 0 : nil,
            clearStatuses: settings.clearStatuses
        )
        let opened = WatchedRoot.Opened(loops: loops)
        reader = RunningReader(
            opened: opened,
            settings: tracker,
            processes: processes,
            runFiles: RunFiles(patterns: settings.runFiles)
        )
        keeper = RunKeeper(loops: loops, process: process, processes: processes)
        self.options = options
        self.settings = settings
        self.processes = processes
        self.clock = clock
        self.spreading = spreading
    }

    /// Does it.
    ///
    /// - Parameter progress: hears how many runs are done, and how many there are in all.
    /// - Returns: a row for each run that something was done for, or should have been, in order of their stems.
    package mutating func run(progress: (Int, Int) -> Void = { _, _ in }) throws -> [Row] {
        DescriptorLimit.raise()
        // What a dead agent left is a matter of its own; it does not keep the runs from being archived.
        inAgentsPlace { _ = try? keeper.recover(processes: processes, waiting: 0) }
        try reader.rescan(at: clock())
        var rows: [Row] = []
        let runs = reader.tracker.stems.flatMap(reader.tracker.runs).filter { options.includes($0.loop) }
        if !options.isDryRun { archiveTogether { progress($0, runs.count) } }
        let ahead = together.count
        for (number, run) in runs.enumerated() {
            attend(run, &rows)
            progress(max(ahead, number + 1), runs.count)
        }
        if !options.isDryRun { makeRoom() }
        if !options.isDryRun { adopted = keeper.adopt(now: clock().wall).runs }
        inAgentsPlace { for run in left { reader.forget(run) } }
        return rows
    }

    /// Does what only the agent may, if none is there; for a moment, so that one which starts now is not kept away.
    private func inAgentsPlace(_ work: () -> Void) {
        guard !options.isDryRun, let lock = try? AgentLock.acquire(keeper.loops) else { return }
        withExtendedLifetime(lock, work)
    }

    private mutating func attend(_ run: TrackedRun, _ rows: inout [Row]) {
        guard case .archive(let reason) = reader.tracker.verdict(on: run, at: clock()) else {
            if reader.tracker.isOfUnknownOwner(run) { ownerless += 1 }
            return
        }
        guard !options.isDryRun else {
            if isDue(run, reason) { rows.append(Row(run: run, reason: reason, result: .due)) }
            return
        }
        let result = archive(run, reason)
        if case .archived(_, .unchanged, let conflicts) = result, conflicts.isEmpty {
            // It stood there already, whole.
        } else {
            rows.append(Row(run: run, reason: reason, result: result))
        }
        guard case .archived(let place, _, _) = result else { return }
        switch reader.tracker.verdict(on: run, at: clock()) {
        case .clear:
            guard let request = reader.clearing(of: run) else { return }
            let clearer = Clearer(loops: keeper.loops, processes: processes)
            switch keeper.clear(request, archivedAt: place, with: clearer) {
            case .cleared: rows.append(Row(run: run, reason: reason, result: .cleared))
            case .wait: rows.append(Row(run: run, reason: reason, result: .busy("its executor's lock is taken")))
            case .changed: rows.append(Row(run: run, reason: reason, result: .busy("it changed meanwhile")))
            case .failed(let error): rows.append(Row(run: run, reason: reason, result: .failed(error)))
            }
        case .forget where !reader.tracker.standing(beside: run).contains { $0.runID == run.runID }:
            left.append(run)
        case .live, .reserve, .archive, .forget, .idle, .askAgain:
            break
        }
    }

    /// Whether a run that has ended is not whole in the history yet, or is to be cleared.
    private mutating func isDue(_ run: TrackedRun, _ reason: ArchiveReason) -> Bool {
        guard let job = try? job(run, reason), let place = keeper.standingPlace(of: job, now: clock().wall) else {
            return true
        }
        reader.tracker.archived(run.identity, as: .init(place: place, signature: job.signature))
        return reader.tracker.verdict(on: run, at: clock()) == .clear
    }

    /// Moves other runs' archives from where the executors of live runs will copy them.
    private func makeRoom() {
        for run in reader.tracker.runs where reader.tracker.verdict(on: run, at: clock()) == .reserve {
            guard let job = try? job(run, .ended) else { continue }
            _ = keeper.makeRoom(for: job, now: clock().wall)
        }
    }

    private func job(_ run: TrackedRun, _ reason: ArchiveReason) throws(PosixError) -> ArchiveJob {
        let others = reader.tracker.standing(beside: run).map(\.runID)
        var signature = reader.tracker.signature(of: run)
        signature.wasGone = !run.isInRunning || run.isSuperseded
        return ArchiveJob(
            run: run,
            reason: reason,
            source: try reader.source(of: run, layout: settings.layout, isFinished: !run.isInRunning),
            signature: signature,
            knownPlace: nil,
            otherRunIDs: Set(others)
        )
    }

    /// Archives in batches what is new and ended; what is left comes alone, one after the other.
    private mutating func archiveTogether(progress: (Int) -> Void) {
        var jobs: [ArchiveJob] = []
        var bytes: Int64 = 0
        for stem in reader.tracker.stems {
            for run in reader.tracker.runs(of: stem) where options.includes(run.loop) {
                guard case .archive(let reason) = reader.tracker.verdict(on: run, at: clock()) else { continue }
                if let job = try? job(run, reason) { jobs.append(job) }
                bytes += run.events.reduce(0) { $0 + (reader.tracker.position(of: $1) ?? 0) }
                guard jobs.count >= Self.batch.runs || bytes >= Self.batch.bytes else { continue }
                archiveTogether(jobs)
                progress(together.count)
                (jobs, bytes) = ([], 0)
            }
        }
        archiveTogether(jobs)
    }

    private mutating func archiveTogether(_ jobs: [ArchiveJob]) {
        guard jobs.count > 1 else { return }
        for (job, outcome) in zip(jobs, keeper.archiveTogether(jobs, now: clock().wall, spreading: spreading)) {
            if let outcome { together[job.run.identity] = (job, outcome) }
        }
    }

    private mutating func archive(_ run: TrackedRun, _ reason: ArchiveReason) -> Row.Result {
        if let (job, outcome) = together.removeValue(forKey: run.identity),
            case .archived(let place, let change, let conflicts, _, _) = outcome
        {
            reader.tracker.archived(run.identity, as: .init(place: place, signature: job.signature))
            return .archived(place, change, conflicts: conflicts)
        }
        let deadline = clock().steady + Self.patience
        while true {
            let job: ArchiveJob
            do throws(PosixError) {
                job = try self.job(run, reason)
            } catch {
                return .failed(error)
            }
            switch keeper.archive(job, now: clock().wall) {
            case .archived(let place, let change, let conflicts, _, _):
                reader.tracker.archived(run.identity, as: .init(place: place, signature: job.signature))
                return .archived(place, change, conflicts: conflicts)
            case .failed(let error):
                return .failed(error)
            case .wait(let reason):
                guard clock().steady < deadline else { return .busy(reason) }
                keeper.loops.root.rest(milliseconds: 20)
            }
        }
    }
}
