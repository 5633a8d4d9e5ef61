import Logging
import LoopModel
import LoopStore
import SyncCore

/// One loops directory under the agent's care; confined to the conducting thread.
final class RootAgent {
    /// What the agent does for it.
    struct Hands {
        /// Who changes the history of a directory.
        var keeper: (LoopsDirectory) -> RunKeeper
        /// Does slow work elsewhere and hands the outcome back to `archived(_:_:at:)`.
        var archive: (ArchiveJob, RunKeeper) -> Void
        var makeRoom: (ArchiveJob, RunKeeper) -> Void
        var clear: (TrackedRun, Clearer.Request, RunPlace, RunKeeper) -> Void
        /// The directory was opened anew: throw away what a dead process left.
        var recover: (RunKeeper) -> Void
        /// Tries again to watch where watches ran out.
        var watchAgain: () -> Void
        /// Mirroring and pruning of the history, begun anew.
        var history: (LoopsDirectory) -> HistorySchedule
        /// The mirror of live runs; nil where there is none.
        var mirror: (LoopsDirectory) -> Mirror?
        var log: Logger
        /// Runs the command that a person set for this, without waiting for it.
        var hook: (HookFacts) -> Void = { _ in }
    }

    let root: WatchedRoot
    private(set) var reader: RunningReader?
    private(set) var keeper: RunKeeper?
    private(set) var history: HistorySchedule?
    var archivedCount = 0
    private var lock: AgentLock?
    var live: LiveSession?
    var moment = Moment(wall: Timestamp(microseconds: 0), steady: 0)
    /// Why the mirror stands still; nil while it does not.
    private(set) var suspension: MirrorSuspension?
    let hands: Hands
    private let processes: any ProcessTable
    private var settings: Settings
    var deadlines: [Stem: Int64] = [:]
    /// Stems that wait for another one's run to leave, by that one.
    private var awaiting: [Stem: Set<Stem>] = [:]
    /// When everything is looked at again without a change: watches ran out, the lock was taken, or a look failed.
    private var lookAt: Int64?
    private var polls = 0
    /// Whether the last look opened the directory anew.
    private(set) var isNew = false
    var told: [String: String] = [:]

    /// What of the configuration matters here.
    struct Settings: Equatable {
        var tracker = TrackerSettings()
        /// nil: what the run's own executor reads.
        var layout: HistoryLayout?
        var runFiles: [String] = []
    }

    init(root: WatchedRoot, settings: Settings, processes: any ProcessTable, hands: Hands) {
        self.root = root
        self.settings = settings
        self.processes = processes
        self.hands = hands
    }

    /// Takes settings that were read again.
    func use(_ settings: Settings, at now: Moment) {
        self.settings = settings
        moment = now
        reader?.tracker.settings = settings.tracker
        reader?.runFiles = RunFiles(patterns: settings.runFiles)
        startLive()
        for stem in reader?.tracker.stems ?? [] { evaluate(stem, at: now) }
    }

    private func startLive() {
        guard let reader else { return }
        suspension = nil
        live = hands.mirror(reader.opened.loops).map { mirror in
            mirror.setArchived { [unowned self] line in
                self.reader?.tracker.archived(.loopStart(line)) != nil
            }
            return LiveSession(
                mirror: mirror,
                onStanding: { [unowned self] in stand($0) },
                onProblem: { [unowned self] in
                    if let text = $0 { tell(text, at: "live mirror") } else { told["live mirror"] = nil }
                }
            )
        }
        for change in reader.present() { take(change) }
        history = hands.history(reader.opened.loops)
    }

    private func take(_ change: LiveChange) {
        live?.take(change, at: moment) { [unowned self] stem in reader?.tracker.loop(of: stem) }
    }

    private func stand(_ suspension: MirrorSuspension?) {
        if let suspension {
            hands.log.warning("\(suspension)")
            hands.hook(
                .suspended(mirror: suspension.syncPath, suspension.summary, loops: root.path, now: moment.wall)
            )
        } else if self.suspension != nil {
            hands.log.notice("the mirror is back and catches up")
        }
        self.suspension = suspension
    }

    // MARK: What happened

    /// Opens the directory where it is new and looks at everything in it.
    func lookAtEverything(at now: Moment) {
        moment = now
        isNew = false
        lookAt = root.isPolled ? now.steady + Self.pollInterval : nil
        guard let opened = root.opened else {
            reader = nil
            keeper = nil
            lock = nil
            live = nil
            history = nil
            deadlines = [:]
            awaiting = [:]
            return
        }
        do throws(PosixError) {
            if reader?.opened !== opened {
                reader = nil
                guard try takeLock(opened) else {
                    lookAt = now.steady + Self.lockInterval
                    return
                }
                isNew = true
                let reader = RunningReader(
                    opened: opened,
                    settings: settings.tracker,
                    processes: processes,
                    runFiles: RunFiles(patterns: settings.runFiles)
                )
                let keeper = hands.keeper(opened.loops)
                self.reader = reader
                self.keeper = keeper
                hands.recover(keeper)
                startLive()
                reader.onChange = { [unowned self] in take($0) }
            }
            try reader?.rescan(at: now)
            told[root.path] = nil
        } catch {
            tell("\(error): not all below it can be seen now; it is tried again", at: root.path)
            lookAt = now.steady + Self.pollInterval
        }
        live?.attend(at: now, listed: reader?.listed)
        for stem in reader?.tracker.stems ?? [] { evaluate(stem, at: now) }
        tellProblems()
    }

    /// How often a directory is looked at that cannot be watched, and how often another agent's lock is tried, in
    /// milliseconds.
    private static let pollInterval: Int64 = 2000
    private static let lockInterval: Int64 = 10_000

    private func takeLock(_ opened: WatchedRoot.Opened) throws(PosixError) -> Bool {
        // The lock of the directory before may be on the very same one, and would be taken for another agent's.
        lock = nil
        lock = try AgentLock.acquire(opened.loops)
        if lock == nil {
            tell("another agent watches this directory; this one leaves it alone and asks again", at: root.path)
        }
        return lock != nil
    }

    /// Whether this agent is the one for the directory.
    var isOurs: Bool { lock != nil }

    /// Looks at one name that changed.
    ///
    /// - Returns: the stem whose runs are to be decided on anew.
    func changed(_ name: FileName, in directories: [FileName], at now: Moment) -> Stem? {
        moment = now
        guard let reader, let stem = reader.look(at: name, in: directories, at: now) else { return nil }
        // The time at which the run is looked at anyway stays as it is.
        return reader.hadNothingNew && deadlines[stem] != nil ? nil : stem
    }

    // MARK: What is due

    /// When something is to be done without any change; milliseconds of the steady clock.
    func nextDeadline(at now: Moment) -> Int64? {
        let own = earlier(lookAt, deadlines.values.min())
        return earlier(own, earlier(live?.nextDeadline(at: now), history?.nextDeadline))
    }

    /// Looks again at what waits for its time.
    ///
    /// - Returns: whether what `status` shows may have changed.
    func attend(at now: Moment) -> Bool {
        moment = now
        let before = problems
        if let lookAt, lookAt <= now.steady {
            polls += 1
            if root.isPolled, polls % 15 == 0 {
                hands.watchAgain()
                history?.missed(at: now)
            }
            lookAtEverything(at: now)
        }
        live?.attend(at: now, listed: reader?.listed)
        if let history, history.isHour(now) {
            // An executor that dies while it copies a run over its archive leaves nothing in `.running` that says so.
            for run in reader?.tracker.runs ?? [] where run.isInRunning {
                reader?.tracker.lostArchive(run.identity)
                deadlines[run.stem] = now.steady
            }
        }
        history?.attend(at: now)
        for (stem, time) in deadlines where time <= now.steady {
            deadlines[stem] = nil
            reader?.checkOwner(of: stem, at: now)
            evaluate(stem, at: now)
        }
        tellProblems()
        return problems != before
    }

    /// Decides what is to be done with a stem's runs, and has it done.
    func evaluate(_ stem: Stem, at now: Moment) {
        guard let reader, let keeper else { return }
        var next: Int64?
        var runs = reader.tracker.runs(of: stem)
        if runs.contains(where: { reader.tracker.verdict(on: $0, at: now).isArchive }) {
            // What led to the verdict may be older than what is there by now; a second archive would follow at once.
            reader.refresh(stem, at: now)
            runs = reader.tracker.runs(of: stem)
        }
        for run in runs {
            for stranger in reader.tracker.newStrangers(beside: run) {
                guard var job = job(run, .ended, reader) else {
                    reader.tracker.notReserved(run.identity, stranger)
                    next = earlier(next, now.steady + RunTracker.ownerCheck)
                    continue
                }
                job.source.runID = stranger
                job.otherRunIDs.remove(stranger)
                hands.makeRoom(job, keeper)
            }
            switch reader.tracker.verdict(on: run, at: now) {
            case .live where reader.tracker.ownerVerdict(run) == .unknown:
                // Nobody to look after; what happens to the files is seen.
                break
            case .live:
                next = earlier(next, now.steady + RunTracker.ownerCheck)
            case .reserve:
                next = earlier(next, now.steady + RunTracker.ownerCheck)
                reader.tracker.reserved(run)
                if let job = job(run, .ended, reader) {
                    hands.makeRoom(job, keeper)
                } else {
                    reader.tracker.notReserved(run.identity, run.runID)
                }
            case .archive(let reason):
                guard let job = job(run, reason, reader) else {
                    next = earlier(next, now.steady + RunTracker.ownerCheck)
                    continue
                }
                if job.source.events.isEmpty, job.source.state == nil, job.source.siblings.isEmpty {
                    // Nothing of it is left anywhere but what the history has.
                    if !run.isInRunning { forget(run) }
                    continue
                }
                reader.tracker.began(run.identity)
                hands.archive(job, keeper)
            case .forget:
                wake(at: now, waitingFor: stem)
                let namesake = reader.tracker.standing(beside: run).first { $0.runID == run.runID }
                if let patience = reader.tracker.patience(with: run.identity, at: now) {
                    next = earlier(next, patience)
                } else if reader.tracker.endDoubt(run.identity, hasNamesake: namesake != nil) {
                    next = earlier(next, now.steady)
                } else if let namesake {
                    // Until it has gone its executor may overwrite this one's archive, and the pins are all that is left.
                    // Every change of its own stem leads here; the pins stay for as long as it does.
                    if namesake.stem != stem { awaiting[namesake.stem, default: []].insert(stem) }
                } else {
                    forget(run)
                }
            case .clear:
                guard let request = reader.clearing(of: run), let place = reader.tracker.archived(run.identity)?.place
                else { continue }
                reader.tracker.began(run.identity)
                hands.clear(run, request, place, keeper)
            case .idle:
                break
            case .askAgain(let time):
                next = earlier(next, time)
            }
        }
        deadlines[stem] = next
    }

    private func forget(_ run: TrackedRun) {
        reader?.forget(run)
        // What was odd about it is no problem any more; version B's stems never come again.
        if reader?.tracker.runs(of: run.stem).isEmpty == true { told[run.stem.description] = nil }
    }

    /// A run of a stem has left: who waited for that is looked at.
    private func wake(at now: Moment, waitingFor stem: Stem) {
        for waiting in awaiting.removeValue(forKey: stem) ?? [] {
            deadlines[waiting] = min(deadlines[waiting] ?? .max, now.steady)
        }
    }

    private func job(_ run: TrackedRun, _ reason: ArchiveReason, _ reader: RunningReader) -> ArchiveJob? {
        let known = reader.tracker.archived(run.identity)
        let others = reader.tracker.standing(beside: run).map(\.runID)
        var signature = reader.tracker.signature(of: run)
        signature.wasGone = !run.isInRunning || run.isSuperseded
        do throws(PosixError) {
            return ArchiveJob(
                run: run,
                reason: reason,
                source: try reader.source(of: run, layout: settings.layout, isFinished: !run.isInRunning),
                signature: signature,
                knownPlace: known?.place,
                otherRunIDs: Set(others)
            )
        } catch {
            tell("\(error): the run is not archived yet; it is tried again", at: run.stem.description)
            return nil
        }
    }

    // MARK: What people should know

    /// What is wrong at the moment, by place.
    var problems: [String: String] {
        (reader?.problems ?? [:]).merging(told) { first, _ in first }.merging(history?.problems ?? [:]) { first, _ in
            first
        }
    }

    func tell(_ text: String, at place: String) {
        guard told.updateValue(text, forKey: place) != text else { return }
        hands.log.warning("\(place): \(text)")
    }

    private var toldFiles: [String: String] = [:]

    private func tellProblems() {
        let problems = reader?.problems ?? [:]
        for (place, text) in problems.sorted(by: { $0.key < $1.key }) where toldFiles[place] != text {
            hands.log.warning(".running/\(place) \(text)")
            hands.hook(.unreadable(place, text, loops: root.path, now: moment.wall))
        }
        toldFiles = problems
    }
}
