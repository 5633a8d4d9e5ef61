import LoopModel
import LoopStore
import SyncCore

/// A machine with its disk, clocks and processes, and the one thread on which all of them take their turns.
final class World {
    let disk: SimulatedDisk
    let files: ExecutorFiles
    let processes = SimulatedProcesses()
    let ledger = Ledger()
    let sync: Inode
    private(set) var executors: [SimulatedExecutor] = []
    private(set) var others: [any Actor] = []
    private(set) var agent: SimulatedAgent?
    /// All agents that ever were.
    private var agents: [SimulatedAgent] = []
    var chance: Chance
    let scenario: Scenario
    /// Nanoseconds since the machine's start.
    private var elapsed: Int64 = 0
    /// How far the wall's clock was set.
    var clockOffset: Int64 = 0
    private(set) var violations: [String] = []
    private(set) var log: [String] = []
    var isTracing = false
    private(set) var turns = 0
    var hasFaults = false
    var hasLostPins = false
    /// Whether a `stop` wrote that was suspended after its signal.
    var hasLateStop = false
    var hasLostPower = false
    /// Whether the wall's clock was set, so that nobody knows what was written last.
    var hasSetClock: Bool { clockOffset != 0 }
    var lives: [AgentLife]
    /// When the agent starts again; nil while it lives.
    private var restartAt: Int64? = 0
    /// It does not start before so many turns, or before nobody else has anything to do.
    private var agentAfter: Int
    var hasRestarted: Bool { agents.count > 1 }
    private var depth = 0
    /// Whether the moment that the scenario aims at is still to come.
    private(set) var isHolding: Bool
    private var aimed = 0
    /// Whether it never came.
    private(set) var isAimMissed = false
    /// Before so many more calls the others take turns more often.
    private var burst = 0

    private static let start: Int64 = 1_795_000_000_000_000_000

    init(_ scenario: Scenario) {
        self.scenario = scenario
        chance = Chance(seed: scenario.schedule)
        isHolding = scenario.aim != nil
        agentAfter = scenario.agentAfter
        if !scenario.hasAgent { restartAt = nil }
        disk = SimulatedDisk(now: Self.start)
        lives = scenario.lives
        let loops = disk.make(.directory, mode: 0o755)
        disk.add(loops, to: disk.root, as: FileName(literal: "loops"))
        sync = disk.make(.directory, mode: 0o755)
        disk.add(sync, to: disk.root, as: FileName(literal: "sync"))
        files = ExecutorFiles(disk: disk, loops: loops)
        if scenario.isUsed {
            for name in [FileName.running, .history] { files.makeDirectory(name, in: loops) }
        }
        if scenario.hasPowerLoss { disk.trackDurability() }
        disk.changeLimit = scenario.queueLimit
        disk.tick = scenario.tick
        processes.steady = { [unowned self] in steady }
        for plan in scenario.loops {
            let executor = plan.version.executor.init(
                world: self,
                loop: plan.name,
                version: plan.version,
                plans: plan.runs
            )
            if plan.isLater { executor.predecessor = executors.last { $0.loop == plan.name } }
            executors.append(executor)
        }
        others = scenario.others.map { $0.make(self) }
    }

    // MARK: Time

    /// Milliseconds of the clock that only goes forward.
    var steady: Int64 { elapsed / 1_000_000 }
    var moment: Moment { Moment(wall: Timestamp(nanoseconds: disk.now), steady: steady) }
    var iso: String { "\(Timestamp(nanoseconds: disk.now).iso.string)" }

    func pass(nanoseconds: Int64) {
        elapsed += nanoseconds
        disk.now = Self.start + elapsed + clockOffset
    }

    // MARK: What happened

    func trace(_ text: @autoclosure () -> String) {
        if isTracing { log.append("\(steady) \(text())") }
    }

    func violated(_ text: String) {
        trace("VIOLATED: \(text)")
        violations.append(text)
    }

    // MARK: The premise

    /// Whether the agent watches, so that nothing of what happens now may escape it.
    var isPromised: Bool { scenario.isPremiseHeld && isAgentSteady }
    var isAgentSteady: Bool { agent?.isAttached == true }

    /// Whether the watching thread has had its chance with a file that is about to go.
    func maySeeGo(_ file: Inode) -> Bool {
        guard isPromised, let agent else { return true }
        return !agent.hasUnseen(file)
    }

    func isUnderWay(_ run: SimulatedRun) -> Bool {
        executors.contains { $0.run === run && $0.process != nil }
    }

    // MARK: Turns

    /// Comes before each call of the agent: others may take their turns first.
    func interleave(_ call: SimulatedCall? = nil) {
        if isHolding, let call, let aim = scenario.aim, aim.counts(call, in: self) {
            aimed += 1
            if aimed == aim.number { letGo() }
        }
        guard depth < 6 else { return }
        let often = burst > 0 ? scenario.burst : scenario.preemption
        if burst > 0 { burst -= 1 }
        var limit = 64
        while limit > 0, violations.isEmpty, chance.happens(perMille: often) {
            limit -= 1
            depth += 1
            defer { depth -= 1 }
            if !turn() { return }
        }
    }

    /// The moment that the scenario aims at has come, or never will.
    private func letGo() {
        trace("aimed")
        isHolding = false
        burst = 12
    }

    /// Nothing else is left to do: the moment never comes.
    private func giveUpAim() {
        letGo()
        isAimMissed = true
    }

    /// Lets somebody do the next thing.
    ///
    /// - Returns: false where nobody has anything to do now.
    func turn() -> Bool {
        turns += 1
        pass(nanoseconds: Int64(chance.within(1...40)) * 1000)
        if agent == nil, let restartAt, restartAt <= steady, turns > agentAfter { startAgent() }
        let now = steady
        let executing = executors.count { $0.isRunnable(at: now) }
        let acting = others.count { $0.isRunnable(at: now) }
        let isWatching = agent?.isReady(.watch) ?? false
        let isWorking = agent?.isReady(.work) ?? false
        var isConducting = agent?.isReady(.conduct) ?? false
        let count = executing + acting + (isWatching ? 1 : 0) + (isWorking ? 1 : 0)
        if isConducting, scenario.lag > 0, count > 0, chance.happens(perMille: scenario.lag) { isConducting = false }
        guard count > 0 || isConducting else { return false }
        var choice = chance.below(count + (isConducting ? 1 : 0))
        if choice < executing {
            for executor in executors where executor.isRunnable(at: now) {
                if choice == 0 {
                    executor.step()
                    break
                }
                choice -= 1
            }
        } else if choice < executing + acting {
            choice -= executing
            for other in others where other.isRunnable(at: now) {
                if choice == 0 {
                    other.step()
                    break
                }
                choice -= 1
            }
        } else {
            let threads: [(SimulatedAgent.Thread, Bool)] = [
                (.watch, isWatching), (.conduct, isConducting), (.work, isWorking),
            ]
            agent?.run(threads.filter(\.1)[choice - executing - acting].0)
        }
        return true
    }

    // MARK: The agent

    /// The agent says that a run is in the history.
    func kept(at path: String) {
        guard scenario.hasPowerLoss else { return }
        for archive in AtRest.archives(files.history) where archive.path == path {
            for run in ledger.runs where run.hasBegun && run.events == archive.events { run.kept = run.events }
        }
    }

    private func startAgent() {
        restartAt = nil
        let life = lives.isEmpty ? AgentLife() : lives.removeFirst()
        if life.faults != nil { hasFaults = true }
        trace("agent starts")
        if let race = scenario.race { trace("race: \(race)") }
        let started = SimulatedAgent(world: self, life: life)
        agent = started
        agents.append(started)
    }

    /// The agent's process is gone.
    func agentDied(after life: AgentLife) {
        trace("agent killed")
        agent = nil
        restartAt = steady + Int64(life.downtime)
    }

    /// The machine stops, and starts again with what was durable.
    func losePower() {
        trace("power lost")
        if let agent {
            agent.die()
            agentDied(after: AgentLife(downtime: 100))
        }
        for executor in executors { executor.losePower() }
        for process in processes.all.values { process.die() }
        // What executors did not sync may be gone; what the agent archived may not.
        for run in ledger.runs where run.hasBegun && run.kept != run.events { run.wasTorn = true }
        hasLostPower = true
        disk.losePower(&chance)
    }

    // MARK: The whole

    /// Runs until nobody has anything to do any more, and sees what came of it.
    func run() {
        comeToRest()
        guard violations.isEmpty else { return }
        if hasFaults, let agent {
            // What could not be removed while the disk failed goes at the next start.
            agent.die()
            agentDied(after: AgentLife())
            lives = []
            comeToRest()
            guard violations.isEmpty else { return }
        }
        var problems = AtRest(self).problems()
        if problems.contains(where: \.isHourly) {
            // What nobody tells is found when everything is compared, once an hour.
            comeToRest(until: steady + 7_300_000)
            guard violations.isEmpty else { return }
            problems = AtRest(self).problems()
        }
        for problem in problems { violated(problem.text) }
    }

    /// Lets go of everybody, since each of them knows the world.
    func end() {
        for agent in agents { agent.end() }
        agents = []
        agent = nil
        executors = []
        others = []
        disk.root.orphanAll()
    }

    private func comeToRest(until end: Int64 = 0) {
        var idle = 0
        while violations.isEmpty {
            if turn() {
                if turns > scenario.patience {
                    violated("the agent does not come to rest")
                    return
                }
                continue
            }
            let wakes = executors.filter(\.isDue).map(\.wakeAt) + others.compactMap(\.wakeAt)
            let due = [turns < agentAfter ? nil : restartAt, agent?.nextDeadline].compactMap { $0 } + wakes
            guard let next = due.min(), next > steady else {
                if turns < agentAfter {
                    agentAfter = 0
                    continue
                }
                if isHolding {
                    giveUpAim()
                    continue
                }
                idle += 1
                if idle > 3 { break }
                pass(nanoseconds: 1_000_000)
                continue
            }
            // Nobody acts any more, and the agent waits for its hour: it is at rest.
            // With an empty `.pid` that a dead executor left, clearing asks again every minute, and so does a run of one
            // version whose namesake of the other one stays.
            let rest: Int64 = scenario.clears || scenario.hasBothVersions ? 50_000 : 1_500_000
            if wakes.isEmpty, restartAt == nil, next - steady > rest, next > end {
                guard isHolding else { break }
                giveUpAim()
                continue
            }
            pass(nanoseconds: (next - steady) * 1_000_000)
        }
    }
}

/// Somebody other than agent and executors.
protocol Actor: AnyObject {
    /// When there is something to do again; nil for never.
    var wakeAt: Int64? { get }
    func step()
}

extension Actor {
    func isRunnable(at steady: Int64) -> Bool { (wakeAt ?? .max) <= steady }
}
