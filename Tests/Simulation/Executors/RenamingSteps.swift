import LoopModel
import LoopStore

/// What version B and looprun do alike: states come by a rename, tokens have the run's stem.
extension SimulatedExecutor {
    /// A state by another name and a rename, so that nobody sees half of it.
    func renamedSave(_ bytes: @escaping (SimulatedRun, String) -> [UInt8]) -> [Step] {
        let temporary = files.name("tmp\(loop)0000", ".tmp")
        var file: Inode?
        var written: [UInt8] = []
        return [
            Step(name: "state: create") { [unowned self] () throws(PosixError) in
                file = try files.truncate(temporary, in: files.existing(files.running, ".running"), mode: 0o600)
                return .done
            },
            Step(name: "state: write") { [unowned self] () throws(PosixError) in
                guard let run, let file, let running = files.running else { return .done }
                written = bytes(run, world.iso)
                file.owner = run
                files.write(written, to: file, named: temporary, in: running)
                return .done
            },
            Step(name: "state: rename") { [unowned self] () throws(PosixError) in
                guard let run, let running = files.running else { return .done }
                world.disk.move(temporary, from: running, to: running, as: files.name(run.stem, ".state.json"))
                run.saved(written)
                return .done
            },
        ]
    }

    /// Tells who runs the loop.
    func token(_ suffix: String) -> [Step] {
        var file: Inode?
        return [
            Step(name: "\(suffix): truncate") { [unowned self] () throws(PosixError) in
                guard let run else { return .done }
                file = try files.truncate(
                    files.name(run.stem, suffix),
                    in: files.existing(files.running, ".running")
                )
                return .done
            },
            Step(name: "\(suffix): write") { [unowned self] () throws(PosixError) in
                guard let run, let file, let running = files.running, let process else { return .done }
                let lock = "{\"loop_name\": \"\(loop)\", \"scope\": [], \"pid\": \(process.pid), \"started_at\": \"\"}"
                let text = suffix == ".lock" ? lock : "\(process.pid)"
                files.write(Array(text.utf8), to: file, named: files.name(run.stem, suffix), in: running)
                return .done
            },
        ]
    }

    /// Writes tokens under the lock that keeps executors from starting at once.
    func tokens(_ suffixes: [String]) -> [Step] {
        [
            Step(name: "flock .acquire.lock") { [unowned self] () throws(PosixError) in
                guard let process else { return .done }
                return try files.lock(process) ? .done : .wait
            }
        ] + suffixes.flatMap(token) + [
            Step(name: "unlock .acquire.lock") { [unowned self] in
                if let process { files.unlock(process) }
                return .done
            }
        ]
    }

    func unlink(_ suffixes: [String]) -> [Step] {
        suffixes.map { suffix in
            Step(name: "unlink \(suffix)") { [unowned self] in
                if let run { files.unlink(run.stem + suffix) }
                return .done
            }
        }
    }
}
