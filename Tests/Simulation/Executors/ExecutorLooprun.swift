import LoopModel
import LoopStore

/// looprun: the tokens of version A and the states of B, and leftovers that get another name instead of a copy.
final class ExecutorLooprun: SimulatedExecutor {
    override func begin(_ run: SimulatedRun, _ plan: RunPlan) {
        run.stem = loop
        then(
            makeRunning() + tokens([".lock", ".pid"]) + setAside() + [
                Step(name: "begin") { [unowned self] in
                    run.startedAt = world.iso
                    return .done
                }
            ] + event("loop_start", ", \"loop\": \"\(loop)\"") + states(run, plan)
                + endingWithoutCopy(run, plan, cutShort: save("interrupted", current: "s\(plan.states)"))
        )
    }

    /// The start of the run stays what it was.
    override func resume(_ run: SimulatedRun) {
        let plan = RunPlan(states: 1, ending: .complete, pause: 0)
        then(
            makeRunning() + tokens([".lock", ".pid"]) + event("loop_resume", ", \"loop\": \"\(loop)\"")
                + event("loop_start", ", \"loop\": \"\(loop)\"") + states(run, plan) + endingWithoutCopy(run, plan)
        )
    }

    override func save(_ status: String, current: String) -> [Step] {
        renamedSave { run, time in run.state(status, current: current, at: time) }
    }

    private func makeRunning() -> [Step] {
        [
            Step(name: "mkdir .running") { [unowned self] in
                files.makeDirectory(.running, in: files.loops)
                return .done
            }
        ]
    }

    // MARK: Leftovers

    private func setAside() -> [Step] {
        let events = files.name(loop, ".events.jsonl")
        let state = files.name(loop, ".state.json")
        return [
            Step(name: "look for leftovers") { [unowned self] in
                guard let running = files.running, let first = running.entries[events] ?? running.entries[state]
                else { return .done }
                let start =
                    world.ledger.startedAt(inState: running.entries[state]?.bytes ?? []) ?? first.owner?.startedAt
                let stem = freeStem(
                    from: start.flatMap { Timestamp(iso: JSONString($0)) } ?? Timestamp(nanoseconds: world.disk.now)
                )
                then([".events.jsonl", ".state.json"].map { rename($0, to: stem) })
                return .done
            }
        ]
    }

    /// The name of the second in which a run began, or of the next one that no other run has.
    private func freeStem(from start: Timestamp) -> String {
        var start = start
        while true {
            let stem = loop + "-" + SimulatedRun.runID("\(start.iso.string)").filter { $0 != "-" }
            if isFree(stem) { return stem }
            start = start.adding(seconds: 1)
        }
    }

    private func isFree(_ stem: String) -> Bool {
        guard let running = files.running, running.entries[files.name(stem, ".state.json")] == nil else { return false }
        guard let events = running.entries[files.name(stem, ".events.jsonl")] else { return true }
        // Whoever set it aside was killed before the second rename.
        return running.entries[files.name(loop, ".events.jsonl")] == nil
            && events.owner === running.entries[files.name(loop, ".state.json")]?.owner
    }

    private func rename(_ suffix: String, to stem: String) -> Step {
        Step(name: "rename \(suffix) to \(stem)") { [unowned self] in
            guard let running = files.running, let file = running.entries[files.name(loop, suffix)] else {
                return .done
            }
            world.disk.move(files.name(loop, suffix), from: running, to: running, as: files.name(stem, suffix))
            file.owner?.stem = stem
            return .done
        }
    }
}

extension ExecutorVersion {
    /// Who does what it does.
    var executor: SimulatedExecutor.Type {
        switch self {
        case .a: ExecutorA.self
        case .b: ExecutorB.self
        case .looprun: ExecutorLooprun.self
        }
    }
}
