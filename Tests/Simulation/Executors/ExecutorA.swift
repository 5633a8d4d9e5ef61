import LoopModel
import LoopStore

/// Version A, as traced: pid, lock under the flock, archive of the leftovers, both files in place (sections 2.1, 2.3, 2.4).
final class ExecutorA: SimulatedExecutor {
    override func begin(_ run: SimulatedRun, _ plan: RunPlan) {
        run.stem = loop
        then(
            writeToken(".pid") + takeLock() + archiveLeftovers() + [
                Step(name: "begin") { [unowned self] in
                    run.startedAt = world.iso
                    return .done
                }
            ] + event("loop_start", ", \"loop\": \"\(loop)\"") + states(run, plan) + endingWithoutCopy(run, plan)
        )
    }

    override func resume(_ run: SimulatedRun) {
        let plan = RunPlan(states: 1, ending: .complete, pause: 0)
        then(
            writeToken(".pid")
                + [
                    Step(name: "begin anew") { [unowned self] in
                        run.startedAt = world.iso
                        return .done
                    }
                ] + event("loop_resume", ", \"loop\": \"\(loop)\"") + event("loop_start", ", \"loop\": \"\(loop)\"")
                + states(run, plan) + endingWithoutCopy(run, plan)
        )
    }

    override func save(_ status: String, current: String) -> [Step] {
        var file: Inode?
        let name = files.name(loop, ".state.json")
        return [
            Step(name: "state: truncate") { [unowned self] () throws(PosixError) in
                let running = try files.existing(files.running, ".running")
                if let before = running.entries[name], before.owner !== run, !before.isRead {
                    // A late `stop` wrote it for the run before, and no pin keeps what is written over in place.
                    before.owner?.wasStateOverwritten = true
                }
                file = try files.truncate(name, in: running)
                // Whoever dies now leaves an empty state.
                file?.owner = run
                run?.saved([])
                return .done
            },
            Step(name: "state: write \(status)") { [unowned self] () throws(PosixError) in
                guard let run, let file, let running = files.running else { return .done }
                let bytes = run.state(status, current: current, at: world.iso)
                file.owner = run
                files.write(bytes, to: file, named: name, in: running)
                run.saved(bytes)
                return .done
            },
        ]
    }

    private func writeToken(_ suffix: String) -> [Step] {
        let name = files.name(loop, suffix)
        var file: Inode?
        return [
            Step(name: "mkdir .running") { [unowned self] in
                files.makeDirectory(.running, in: files.loops)
                return .done
            },
            Step(name: "\(suffix): truncate") { [unowned self] () throws(PosixError) in
                file = try files.truncate(name, in: files.existing(files.running, ".running"))
                return .done
            },
            Step(name: "\(suffix): write") { [unowned self] () throws(PosixError) in
                guard let file, let running = files.running, let process else { return .done }
                let lock = "{\"loop_name\": \"\(loop)\", \"scope\": [], \"pid\": \(process.pid), \"started_at\": \"\"}"
                let text = suffix == ".lock" ? lock : "\(process.pid)"
                files.write(Array(text.utf8), to: file, named: name, in: running)
                return .done
            },
        ]
    }

    private func takeLock() -> [Step] {
        [
            Step(name: "flock .acquire.lock") { [unowned self] () throws(PosixError) in
                guard let process else { return .done }
                return try files.lock(process) ? .done : .wait
            }
        ] + writeToken(".lock").dropFirst() + [
            Step(name: "unlock .acquire.lock") { [unowned self] in
                if let process { files.unlock(process) }
                return .done
            }
        ]
    }

    private func archiveLeftovers() -> [Step] {
        let state = files.name(loop, ".state.json")
        let events = files.name(loop, ".events.jsonl")
        return [
            Step(name: "read the leftovers") { [unowned self] in
                guard let running = files.running, running.entries[state] != nil || running.entries[events] != nil
                else { return .done }
                let id = world.ledger.startedAt(inState: running.entries[state]?.bytes ?? []) ?? world.iso
                then(archive(stem: loop, at: [loop, SimulatedRun.runID(id)]) + unlinkLeftovers(state, events))
                return .done
            }
        ]
    }

    private func unlinkLeftovers(_ state: FileName, _ events: FileName) -> [Step] {
        [state, events].map { name in
            Step(name: "unlink \(name)") { [unowned self] in
                guard let file = files.running?.entries[name] else { return .done }
                guard world.maySeeGo(file) else { return .wait }
                world.ledger.goes(file, isState: name == state, in: world)
                files.unlink(loop + (name == state ? ".state.json" : ".events.jsonl"))
                return .done
            }
        }
    }
}
