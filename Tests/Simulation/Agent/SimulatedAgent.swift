import Logging
import LoopModel
import LoopStore
import SyncCore

@testable import SyncAgent

/// The shipping agent on the simulated machine: its three threads take turns, each of its calls may be the last.
///
/// What is not the shipping one: the threads and queues themselves, and libinotifytools.
final class SimulatedAgent: SimulatedCaller {
    enum Thread: CaseIterable { case watch, conduct, work }

    let world: World
    let process: SimulatedProcess
    private let life: AgentLife
    private let root: WatchedRoot
    private var agent: RootAgent?
    private(set) var isAttached = false
    private var isWatching = false
    private var isConducting = false
    private var isWorking = false
    /// The name that the watching thread is about to pin.
    private var pinning: FileName?
    private var signals: [WatchSignal] = []
    private var outcomes: [AgentOutcome] = []
    private var urgent: [() -> Void] = []
    private var patient: [() -> Void] = []
    private var history: HistoryWork?
    private var locks: [Inode] = []
    private var hasStarted = false
    /// How many calls of those came that count for a kill, and for a fault.
    private var aimed = 0
    private var failing = 0

    init(world: World, life: AgentLife) {
        self.world = world
        self.life = life
        process = world.processes.start("loopsync --watch")
        root = WatchedRoot(index: 0, path: "/p/.loops")
        agent = RootAgent(root: root, settings: settings, processes: world.processes, hands: hands)
    }

    var disk: SimulatedDisk { world.disk }

    // MARK: Calls

    func will(_ call: SimulatedCall) throws(PosixError) {
        try beAlive(call)
        process.operations += 1
        if process.operations == life.killAt || isAimed(call) {
            die()
            world.agentDied(after: life)
        }
        try beAlive(call)
        if isFailing(call) {
            world.trace("agent \(call.name.rawValue) \(call.path)/\(call.entry.map(\.description) ?? ""): fails")
            throw PosixError(
                call: call.name.rawValue,
                path: "\(call.path)",
                code: PosixError.Code(rawValue: life.faultCode)
            )
        }
        world.pass(nanoseconds: 2000)
        world.interleave(call)
        try beAlive(call)
    }

    /// Whether it is to be killed before this call.
    private func isAimed(_ call: SimulatedCall) -> Bool {
        guard let aim = life.killAim, aim.counts(call, in: world) else { return false }
        aimed += 1
        return aimed == aim.number
    }

    private func isFailing(_ call: SimulatedCall) -> Bool {
        guard let faults = life.faults else { return false }
        guard let place = life.faultPlace else { return faults.contains(process.operations) }
        guard Aim(place: place, number: 0).counts(call, in: world) else { return false }
        failing += 1
        return faults.contains(failing)
    }

    private func beAlive(_ call: SimulatedCall) throws(PosixError) {
        guard process.isAlive else {
            throw PosixError(call: call.name.rawValue, path: "\(call.path)", code: .inputOutput)
        }
    }

    func did(_ call: SimulatedCall) {
        if world.isTracing {
            let to = call.target.map { " -> \($0.name)" } ?? ""
            world.trace("agent \(call.name.rawValue) \(call.path) \(call.entry.map(\.description) ?? "")\(to)")
        }
        if let problem = Conduct(world).problem(with: call) { world.violated(problem) }
    }

    func took(_ lock: Inode) { locks.append(lock) }

    func rest(milliseconds: Int32) { world.pass(nanoseconds: Int64(milliseconds) * 1_000_000) }

    /// kill -9: the kernel gives its locks back; what it had in mind is gone.
    func die() {
        process.die()
        for lock in locks {
            lock.exclusiveHolder = nil
            lock.sharedHolders = []
        }
        for (_, inode) in disk.root.sortedEntries { unwatch(inode) }
        disk.forgetChanges()
        isAttached = false
    }

    /// The simulation is over: what it opened knows it too.
    func end() {
        agent = nil
        history = nil
        outcomes = []
        urgent = []
        patient = []
        root.opened = nil
    }

    private func unwatch(_ inode: Inode) {
        inode.isWatched = false
        for (_, below) in inode.sortedEntries where below.isDirectory { unwatch(below) }
    }

    // MARK: Threads

    /// Whether a thread has something to do and is not waiting for a call to return.
    func isReady(_ thread: Thread) -> Bool {
        guard process.isAlive else { return false }
        switch thread {
        case .watch: return !isWatching && (!hasStarted || !disk.changes.isEmpty)
        case .conduct:
            return !isConducting && (!signals.isEmpty || !outcomes.isEmpty || (nextDeadline ?? .max) <= world.steady)
        case .work: return !isWorking && (!urgent.isEmpty || !patient.isEmpty)
        }
    }

    var nextDeadline: Int64? { isConducting ? nil : agent?.nextDeadline(at: world.moment) }

    func run(_ thread: Thread) {
        switch thread {
        case .watch:
            isWatching = true
            defer { isWatching = false }
            watch()
        case .conduct:
            isConducting = true
            defer { isConducting = false }
            conduct()
        case .work:
            isWorking = true
            defer { isWorking = false }
            let work = urgent.isEmpty ? patient.removeFirst() : urgent.removeFirst()
            work()
        }
    }

    // MARK: Watching

    /// Whether a file's name has come up and was not looked at yet.
    func hasUnseen(_ file: Inode) -> Bool {
        guard let running = world.files.running else { return false }
        for change in disk.changes {
            if change.kind == .overflow || change.directory === world.files.loops { return true }
            guard change.hasAppeared, change.directory === running, let name = change.name else { continue }
            if running.entries[name] === file { return true }
        }
        return pinning.map { running.entries[$0] === file } ?? false
    }

    private func watch() {
        guard hasStarted else {
            hasStarted = true
            return attach(.started)
        }
        guard let change = disk.takeChange() else { return }
        if change.kind == .overflow { return Defect.overflowDropped.isMade ? () : attach(.overflow) }
        if change.directory === world.files.loops {
            if change.name == .running {
                attach(change.hasAppeared ? .appeared : .vanished)
            } else if change.name == .own, !change.hasAppeared {
                attach(.ownRemoved)
            }
            return
        }
        guard change.kind != .selfGone else { return attach(.vanished) }
        guard let name = change.name, let directory = runningDirectory(change.directory) else { return }
        if change.isDirectory { return attach(.appeared) }
        pinning = name
        defer { pinning = nil }
        let seen: WatchedRoot.Change =
            Defect.notPinned.isMade
            ? .written : change.kind == .created ? .made : change.kind == .movedTo ? .movedHere : .written
        post(root.changed(name, [], in: directory, seen))
    }

    private func runningDirectory(_ inode: Inode) -> SimulatedDirectory? {
        SimulatedDirectory(self, inode, .top(".running"))
    }

    /// Watches first, pins what is there, then has everything looked at.
    private func attach(_ reason: LossReason) {
        isAttached = false
        world.files.loops.isWatched = true
        if root.opened == nil {
            root.opened = WatchedRoot.Opened(
                loops: LoopsDirectory(root: SimulatedDirectory(self, world.files.loops, .top(".loops")))
            )
        }
        if let running = world.files.running, let directory = runningDirectory(running) {
            running.isWatched = true
            if let entries = try? directory.entries() {
                for entry in entries where !Defect.notPinned.isMade { _ = root.pin(entry.name, [], in: directory) }
            }
        }
        isAttached = process.isAlive
        post(.lost(root: 0, reason))
    }

    private func post(_ signal: WatchSignal) {
        if !signals.contains(signal) { signals.append(signal) }
    }

    // MARK: Conducting

    private func conduct() {
        guard let agent else { return }
        let signals = signals
        self.signals = []
        let now = world.moment
        var touched: [Stem] = []
        for signal in signals {
            switch signal {
            case .changed(_, let directories, let name):
                guard let stem = agent.changed(name, in: directories, at: now), !touched.contains(stem) else {
                    continue
                }
                touched.append(stem)
            case .lost(_, let reason):
                agent.lookAtEverything(at: now)
                if reason != .started { agent.history?.missed(at: now) }
            case .configuration:
                break
            }
        }
        for stem in touched { agent.evaluate(stem, at: now) }
        let outcomes = outcomes
        self.outcomes = []
        for outcome in outcomes { hear(outcome, agent, now) }
        if (agent.nextDeadline(at: now) ?? .max) <= now.steady { _ = agent.attend(at: now) }
    }

    private func hear(_ outcome: AgentOutcome, _ agent: RootAgent, _ now: Moment) {
        switch outcome {
        case .archived(_, let job, let outcome, let isToMirror):
            if case .archived(let place, _, _, _, _) = outcome { world.kept(at: place.description) }
            _ = agent.archived(job, outcome, isToMirror: isToMirror, at: now)
        case .cleared(_, let run, let outcome): agent.cleared(run, outcome, at: now)
        case .madeRoom(_, let job, let outcome): agent.madeRoom(job, outcome, at: now)
        case .history(_, let work, let piece, let report, let next):
            agent.history?.hear(piece, report, of: work, next: next)
        case .failed: break
        }
    }

    // MARK: Work

    private var settings: RootAgent.Settings {
        RootAgent.Settings(
            tracker: TrackerSettings(
                settle: 2000,
                abandonedAfter: 86_400_000,
                clearAfter: world.scenario.clears ? 0 : nil,
                clearStatuses: [.completed, .failed, .timedOut]
            )
        )
    }

    private var hands: RootAgent.Hands {
        RootAgent.Hands(
            keeper: { [unowned self] in
                RunKeeper(loops: $0, process: process.pid, processes: world.processes)
            },
            archive: { [unowned self] job, keeper in
                urgent.append { [unowned self] in
                    let outcome = keeper.archive(job, now: world.moment.wall)
                    let isToMirror = history?.took(outcome) ?? false
                    outcomes.append(.archived(root: 0, job, outcome, isToMirror: isToMirror))
                }
            },
            makeRoom: { [unowned self] job, keeper in
                urgent.append { [unowned self] in
                    let outcome = keeper.makeRoom(for: job, now: world.moment.wall)
                    history?.madeRoom(outcome)
                    outcomes.append(.madeRoom(root: 0, job, outcome))
                }
            },
            clear: { [unowned self] run, request, place, keeper in
                patient.append { [unowned self] in
                    let clearer = Clearer(loops: keeper.loops, processes: world.processes)
                    let outcome = keeper.clear(request, archivedAt: place, with: clearer)
                    outcomes.append(.cleared(root: 0, run, outcome))
                }
            },
            recover: { [unowned self] keeper in recover(keeper, isUrgent: true) },
            watchAgain: {},
            history: { [unowned self] in schedule($0) },
            mirror: { [unowned self] loops in
                world.scenario.hasMirror ? mirror(loops) : nil
            },
            log: SimulatedLog.silent
        )
    }

    private func recover(_ keeper: RunKeeper, isUrgent: Bool) {
        let again: () -> Void = { [unowned self] in
            if let isDone = try? keeper.recover(processes: world.processes), !isDone {
                recover(keeper, isUrgent: false)
            }
        }
        if isUrgent { urgent.append(again) } else { patient.append(again) }
    }

    private func schedule(_ loops: LoopsDirectory) -> HistorySchedule {
        let history = HistoryWork(
            keeper: RunKeeper(loops: loops, process: process.pid, processes: world.processes),
            configuration: world.scenario.configuration,
            zone: .utc,
            owner: SimulatedMirror.owner,
            environment: SimulatedMirror.environment(of: self),
            clocks: SimulatedMirror.clocks(world)
        )
        self.history?.end()
        self.history = history
        return HistorySchedule(
            work: history,
            log: SimulatedLog.silent,
            isLive: true,
            submit: { [unowned self] piece, history in
                // SQLite knows no simulated disk.
                guard piece != .catalogue else { return }
                patient.append { [unowned self] in perform(piece, history) }
            },
            at: world.moment
        )
    }

    private func perform(_ piece: HistorySchedule.Piece, _ history: HistoryWork) {
        let isWanted = { [unowned self] in !urgent.isEmpty }
        let clock = { [unowned self] in world.moment }
        var answer: (report: HistoryWork.Report, next: Int64?)
        switch piece {
        case .adopt: answer = history.adopt(isWanted: isWanted, clock: clock)
        case .mirror: answer = history.mirror(isWanted: isWanted, clock: clock)
        case .prune(let isRefreshing): answer = (history.prune(isRefreshing: isRefreshing), nil)
        case .catalogue: return
        }
        outcomes.append(.history(root: 0, history, piece, answer.report, next: answer.next))
    }

    private func mirror(_ loops: LoopsDirectory) -> Mirror? {
        Mirror(
            loops: loops,
            settings: world.scenario.configuration.mirror,
            owner: SimulatedMirror.owner,
            environment: SimulatedMirror.environment(of: self)
        )
    }
}
