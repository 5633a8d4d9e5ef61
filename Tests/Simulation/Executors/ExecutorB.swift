import LoopModel
import LoopStore

/// Version B, as traced: sweep, pid, lock, states by rename, an archive of its own at the end (2.2, 2.4, 2.5, 2.10).
final class ExecutorB: SimulatedExecutor {
    override func begin(_ run: SimulatedRun, _ plan: RunPlan) {
        then(
            [
                Step(name: "start up") { [unowned self] in
                    // Half a second and more until the first file is touched.
                    sleep(500 + world.chance.below(700))
                    isHeld = plan.isHeld
                    return .done
                },
                Step(name: "begin") { [unowned self] in
                    run.startedAt = world.iso
                    run.label = SimulatedRun.runID(run.startedAt) + "-" + loop
                    run.stem = loop + "-" + SimulatedRun.runID(run.startedAt).filter { $0 != "-" }
                    return .done
                },
                Step(name: "mkdir .running") { [unowned self] in
                    files.makeDirectory(.running, in: files.loops)
                    return .done
                },
            ] + sweep() + token(".pid") + tokens([".lock"]) + clearNamesake() + event("loop_start") + states(run, plan)
                + ending(run, plan)
        )
    }

    override func resume(_ run: SimulatedRun) {
        let plan = RunPlan(states: 1, ending: .complete, pause: 0)
        then(
            token(".pid") + event("loop_resume") + event("loop_start") + states(run, plan) + ending(run, plan)
        )
    }

    override func save(_ status: String, current: String) -> [Step] {
        renamedSave { run, time in run.state(status, current: current, at: time) }
    }

    /// A run of the same second has the same stem: what stands there is archived and cleared, as version A does.
    private func clearNamesake() -> [Step] {
        [
            Step(name: "clear") { [unowned self] in
                guard let run else { return .done }
                let state = files.running?.entries[files.name(run.stem, ".state.json")]
                guard let state, let startedAt = world.ledger.startedAt(inState: state.bytes) else {
                    if files.running?.entries[files.name(run.stem, ".events.jsonl")] != nil {
                        then(unlinkSwept(run.stem))
                    }
                    return .done
                }
                let steps = archive(stem: run.stem, at: ["\(SimulatedRun.runID(startedAt))-\(loop)"])
                then(steps + unlinkSwept(run.stem))
                return .done
            }
        ]
    }

    // MARK: Sweep

    /// Archives and clears what others left, by what their states say and without asking whether they live.
    private func sweep() -> [Step] {
        [
            Step(name: "sweep") { [unowned self] in
                guard let running = files.running else { return .done }
                for (name, inode) in running.sortedEntries.reversed() {
                    guard let stem = name.dropping(suffix: ".state.json") else { continue }
                    sweep(stem: String(decoding: stem.bytes, as: UTF8.self), state: inode.bytes)
                }
                return .done
            }
        ]
    }

    private func sweep(stem: String, state: [UInt8]) {
        let finals: [StaticString] = [
            "\"status\": \"completed\"", "\"status\": \"failed\"", "\"status\": \"timed_out\"",
        ]
        let isFinal = finals.contains { state.contains($0) }
        let isLeft = state.contains("\"status\": \"running\"") && isOwned(stem) == false
        guard isFinal || isLeft, let startedAt = world.ledger.startedAt(inState: state),
            let other = world.ledger.loop(inState: state)
        else { return }
        let steps = archive(stem: stem, at: ["\(SimulatedRun.runID(startedAt))-\(other)"])
        then(steps + unlinkSwept(stem))
    }

    /// Whether its process lives; nil where none is known, which is left alone.
    private func isOwned(_ stem: String) -> Bool? {
        var isKnown = false
        for suffix in [".pid", ".lock"] {
            guard let file = files.running?.entries[files.name(stem, suffix)] else { continue }
            let pid =
                suffix == ".pid"
                ? Int32(String(decoding: file.bytes, as: UTF8.self)) : world.ledger.pid(inLock: file.bytes)
            guard let pid else { continue }
            if world.processes.isAlive(pid) { return true }
            isKnown = true
        }
        return isKnown ? false : nil
    }

    private func unlinkSwept(_ stem: String) -> [Step] {
        [".state.json", ".events.jsonl", ".pid"].map { suffix in
            Step(name: "sweep \(stem)\(suffix)") { [unowned self] in
                guard let file = files.running?.entries[files.name(stem, suffix)] else { return .done }
                if suffix != ".pid" {
                    guard world.maySeeGo(file) else { return .wait }
                    world.ledger.goes(file, isState: suffix == ".state.json", in: world)
                }
                files.unlink(stem + suffix)
                return .done
            }
        }
    }

    // MARK: End

    private func ending(_ run: SimulatedRun, _ plan: RunPlan) -> [Step] {
        let last = "s\(plan.states)"
        var steps: [Step] = []
        if plan.hasCapHandler {
            // Terminal by name and with an action: the saver says `completed` while the run goes on.
            steps += event("max_steps_summary") + event("state_enter", ", \"state\": \"summary\", \"iteration\": 9")
            steps += save("completed", current: "summary") + event("action_start", ", \"action\": \"report\"")
            steps += [
                Step(name: "work on") { [unowned self] in
                    sleep(4000); return .done
                }
            ]
        }
        switch plan.ending {
        case .complete, .killed:
            steps += event("loop_complete", ", \"terminated_by\": \"terminal\"")
            steps += save("completed", current: last) + save("completed", current: last)
        case .cap, .stopped:
            steps += event("loop_complete", ", \"terminated_by\": \"interrupted\"")
            steps += save("running", current: last) + save("interrupted", current: last)
        case .handoff:
            steps += event("handoff_detected", ", \"state\": \"\(last)\"")
            steps += save("awaiting_continuation", current: last)
        case .cutShort:
            steps += unlink([".pid"]) + save("interrupted", current: last)
            run.wasCutShort = true
        }
        steps.append(
            Step(name: "archive") { [unowned self] in
                then(archive(stem: run.stem, at: [run.label]))
                return .done
            }
        )
        steps += unlink([".lock", ".pid"])
        steps.append(exit(after: run))
        return steps
    }
}
