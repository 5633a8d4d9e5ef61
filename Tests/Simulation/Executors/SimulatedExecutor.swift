import LoopModel
import LoopStore

/// Runs one loop again and again, one operation on the disk at a time, as an executor does (executor protocol,
/// section 2).
class SimulatedExecutor {
    /// What became of a step.
    enum Progress { case done, wait }

    struct Step {
        var name: String
        var body: () throws(PosixError) -> Progress
    }

    let world: World
    let loop: String
    let version: ExecutorVersion
    private var plans: [RunPlan]
    /// What is to be done next is last.
    private var steps: [Step] = []
    private(set) var process: SimulatedProcess?
    private var operations = 0
    private var killAt: Int?
    var run: SimulatedRun?
    /// Whose files it is copying into the history.
    var copying: SimulatedRun?
    private(set) var plan: RunPlan?
    /// Steady milliseconds before which nothing is done.
    private(set) var wakeAt: Int64 = 0
    /// How many `stop` commands have sent their signal.
    var signals = 0
    var isSignalled: Bool { signals >= max(1, plan?.lateStops ?? 1) }
    /// Whether it waits for the moment that the scenario aims at.
    var isHeld = false
    private var count = 0
    /// Who runs the loop before.
    var predecessor: SimulatedExecutor?

    required init(world: World, loop: String, version: ExecutorVersion, plans: [RunPlan]) {
        self.world = world
        self.loop = loop
        self.version = version
        self.plans = plans
    }

    var files: ExecutorFiles { world.files }

    /// Whether nothing is left to do, now or later.
    var isOver: Bool { steps.isEmpty && plans.isEmpty }

    /// Whether there is something to do that waits for nothing but its time.
    var isDue: Bool { !isOver && !(isHeld && world.isHolding) && predecessor?.isOver ?? true }

    func isRunnable(at steady: Int64) -> Bool { isDue && wakeAt <= steady }

    /// Does the next operation.
    func step() {
        if steps.isEmpty { return beginNext() }
        if let process, !process.isAlive { return dieNow() }
        if let killAt, operations >= killAt, process != nil {
            return dieNow()
        }
        let step = steps[steps.count - 1]
        let depth = steps.count
        do throws(PosixError) {
            switch try step.body() {
            case .wait: return
            case .done:
                // A step may have put others before what follows.
                steps.remove(at: depth - 1)
                operations += 1
                world.trace("\(version.rawValue) \(loop): \(step.name)")
            }
        } catch {
            world.trace("\(version.rawValue) \(loop): \(step.name): \(error)")
            world.violated("an executor was disturbed: \(loop), \(step.name): \(error)")
            steps = []
            end()
        }
    }

    private func beginNext() {
        guard !plans.isEmpty else { return }
        let plan = plans.removeFirst()
        self.plan = plan
        wakeAt = world.steady + Int64(plan.pause)
        count += 1
        let run = SimulatedRun(loop: loop, version: version, number: count)
        self.run = run
        world.ledger.append(run)
        operations = 0
        if case .killed(let operation) = plan.ending { killAt = operation } else { killAt = nil }
        signals = 0
        // Version B starts up first.
        isHeld = plan.isHeld && version != .b
        then("start") { [unowned self] () throws(PosixError) in
            process = world.processes.start("python ll-loop run \(loop)")
            begin(run, plan)
            return .done
        }
    }

    /// The process is gone, at whatever point it was.
    private func dieNow() {
        world.trace("\(version.rawValue) \(loop): killed")
        run?.wasKilled = true
        copying?.wasCopyCut = true
        copying = nil
        steps = []
        end()
        guard let run, let plan, plan.isResumed, run.hasBegun else { return }
        resume(run, after: 500)
    }

    /// The process is gone in good order.
    func end() {
        if let process { world.files.unlock(process) }
        process?.die()
        process = nil
        killAt = nil
    }

    /// The machine stops; what was to come may come after its start.
    func losePower() {
        steps = []
        end()
    }

    func resume(_ run: SimulatedRun, after milliseconds: Int64) {
        wakeAt = world.steady + milliseconds
        then("resume") { [unowned self] () throws(PosixError) in
            // Others may have cleared it meanwhile.
            guard let file = world.files.running?.entries[world.files.name(run.stem, ".state.json")],
                isResumable(file.bytes, run)
            else { return .done }
            process = world.processes.start("python ll-loop resume \(loop)")
            resume(run)
            return .done
        }
    }

    private func isResumable(_ state: [UInt8], _ run: SimulatedRun) -> Bool {
        (state.contains("\"status\": \"running\"") || state.contains("awaiting_continuation"))
            && state.contains(text: run.startedAt)
    }

    func sleep(_ milliseconds: Int) { wakeAt = world.steady + Int64(milliseconds) }

    /// The last step: the process ends, and a run that was handed over goes on.
    func exit(after run: SimulatedRun) -> Step {
        Step(name: "exit") { [unowned self] in
            end()
            if plan?.ending == .handoff, plan?.isResumed == true { resume(run, after: 3000) }
            return .done
        }
    }

    // MARK: For the versions

    func begin(_ run: SimulatedRun, _ plan: RunPlan) {}
    func resume(_ run: SimulatedRun) {}

    /// Adds steps before all that is still to be done, the first one first.
    func then(_ new: [Step]) { steps += new.reversed() }
    func then(_ name: String, _ body: @escaping () throws(PosixError) -> Progress) {
        steps.append(Step(name: name, body: body))
    }

    // MARK: What both versions do

    func event(_ name: String, _ fields: String = "") -> [Step] {
        [
            Step(name: "event \(name)") { [unowned self] () throws(PosixError) in
                guard let run else { return .done }
                let line = run.line(name, at: world.iso, fields)
                try files.append(line, to: run.stem + ".events.jsonl", of: run)
                run.append(line)
                return .done
            }
        ]
    }

    func states(_ run: SimulatedRun, _ plan: RunPlan) -> [Step] {
        (0..<plan.states).flatMap { index -> [Step] in
            let name = "s\(index)"
            return [
                Step(name: "enter") {
                    run.iteration += 1; return .done
                }
            ]
                + event("state_enter", ", \"state\": \"\(name)\", \"iteration\": \(index + 1)")
                + save("running", current: name)
                + (plan.hasActions ? action(takes: index * 30) : [])
                + event("route", ", \"from\": \"\(name)\", \"to\": \"s\(index + 1)\"")
                + [
                    Step(name: "wait for a signal") { [unowned self] in
                        guard plan.ending == .stopped || plan.lateStops > 0, index + 1 == plan.states, !isSignalled
                        else { return .done }
                        sleep(20)
                        return .wait
                    }
                ]
        }
    }

    private func action(takes milliseconds: Int) -> [Step] {
        event("action_start", ", \"action\": \"x\", \"is_prompt\": false")
            + [
                Step(name: "work") { [unowned self] in
                    sleep(milliseconds); return .done
                }
            ]
            + event("action_output", ", \"line\": \"x\"")
            + event("action_complete", ", \"exit_code\": 0, \"duration_ms\": 1")
    }

    func save(_ status: String, current: String) -> [Step] { [] }
}
