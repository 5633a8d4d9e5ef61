import LoopModel
import LoopStore

/// What an executor copies into `.history`: in place, with truncation, file by file (executor protocol, section 1.2).
extension SimulatedExecutor {
    /// `shutil.copy2`: read, truncate, write, set the times.
    private func copy(_ source: @escaping () -> FileName, as newName: FileName, into target: @escaping () -> Inode?)
        -> [Step]
    {
        var bytes: [UInt8] = []
        var times: (modified: Int64, mode: UInt32) = (0, 0o644)
        var copy: Inode?
        return [
            Step(name: "copy \(newName): open") { [unowned self] () throws(PosixError) in
                let running = try files.existing(files.running, ".running")
                guard let file = running.entries[source()] else {
                    throw PosixError(call: "open", path: "\(source())", code: .noEntry)
                }
                bytes = file.bytes
                copying = file.owner
                times = (file.modified, file.mode)
                let directory = try files.existing(target(), "the run's archive")
                if directory.entries[newName] === file {
                    // Python's SameFileError: this loop can never start again.
                    world.violated("an executor was disturbed: \(newName) of its archive is its own file")
                }
                world.ledger.overwritten(directory.entries[.events]?.bytes ?? [])
                file.owner?.kept = nil
                copy = try files.truncate(newName, in: directory, mode: times.mode)
                return .done
            },
            Step(name: "copy \(newName): write") { [unowned self] () throws(PosixError) in
                guard let copy, let directory = target() else { return .done }
                files.write(bytes, to: copy, named: newName, in: directory)
                return .done
            },
            Step(name: "copy \(newName): utime") { [unowned self] () throws(PosixError) in
                // By path: what stands there must still be what was copied.
                let directory = try files.existing(target(), "the run's archive")
                guard let there = directory.entries[newName] else {
                    throw PosixError(call: "utime", path: "\(newName)", code: .noEntry)
                }
                there.modified = times.modified
                there.mode = times.mode
                there.changed = world.disk.stamp
                if newName == .events { copying = nil }
                return .done
            },
        ]
    }

    /// Copies what stands at a stem into its place in the history.
    ///
    /// - Parameter components: the place below `.history`.
    func archive(stem: String, at components: [String]) -> [Step] {
        let names = components.map(files.name)
        let place: () -> Inode? = { [unowned self] in
            names.reduce(files.history) { $0?.entries[$1] }
        }
        let state = files.name(stem, ".state.json")
        let events = files.name(stem, ".events.jsonl")
        var steps = [
            Step(name: "mkdir .history/\(components.joined(separator: "/"))") {
                [unowned self] () throws(PosixError) in
                var directory = files.makeDirectory(.history, in: files.loops)
                for name in names { directory = files.makeDirectory(name, in: directory) }
                return .done
            }
        ]
        steps += ifThere(state) { [unowned self] in copy({ state }, as: .state, into: place) }
        steps += ifThere(events) { [unowned self] in copy({ events }, as: .events, into: place) }
        return version == .a ? steps : steps.map(Self.forgiving)
    }

    /// What fails when B copies is logged and skipped.
    private static func forgiving(_ step: Step) -> Step {
        Step(name: step.name) {
            do throws(PosixError) { return try step.body() } catch { return .done }
        }
    }

    /// Does something only if the file is there by then.
    func ifThere(_ name: FileName, _ steps: @escaping () -> [Step]) -> [Step] {
        [
            Step(name: "test \(name)") { [unowned self] in
                if files.running?.entries[name] != nil {
                    then(version == .a ? steps() : steps().map(Self.forgiving))
                }
                return .done
            }
        ]
    }
}
