import LoopModel
import LoopStore

/// What loopsync must never do, checked at each of its calls.
///
/// - Nothing is put into `.running`, and no file there is written, cut or given other attributes; without `clear_after`
///   nothing is taken out either.
/// - What `clear_after` takes out for good stands in the history, and what goes back replaces nothing.
/// - No pin is written to: it is the executor's own file.
/// - What appears in `.history` and in the mirror's history comes by a rename, whole and synced.
/// - No run is pruned that is in `.running`, is not mirrored, or was seen to be pinned.
/// - A state in the mirror is replaced by a rename.
struct Conduct {
    private let world: World

    init(_ world: World) {
        self.world = world
    }

    func problem(with call: SimulatedCall) -> String? {
        guard call.isChange, call.name != .fsync, call.name != .syncfs, let directory = call.directory else {
            return nil
        }
        let name = call.name
        // Described only where something is wrong.
        var what: String { "\(name.rawValue) \(call.path) \(call.entry.map(\.description) ?? "")" }
        if name == .write || name == .truncate || name == .chmod {
            if isBelow(directory, world.files.running) { return "a live run was disturbed: \(what)" }
            if isBelow(directory, own(.pins)) { return "a pin was written to: \(what)" }
            if let file = call.file, file.owner != nil, file.links > 1 || file.entriesOfOwner(in: world) {
                return "an executor's own file was written to: \(what)"
            }
            if name == .write, let file = call.file, let live = mirrorRunning?.sortedEntries,
                live.contains(where: { $0.inode === file && $0.name.hasSuffix(".events.jsonl") }), !isOfSomebody(file)
            {
                return "live events in the mirror are of no run: \(what)"
            }
            if isBelow(directory, mirrorRunning), call.entry?.hasSuffix(".state.json") == true {
                return "a state in the mirror was written in place: \(what)"
            }
        }
        if name == .mkdir || name == .create, isBelow(directory, world.files.running) {
            return "something was put into .running: \(what)"
        }
        if name == .unlink, isBelow(directory, own(.clearing)), let file = call.file, !isCleared(file) {
            return "what is not in the history was cleared: \(what)"
        }
        if let target = call.target {
            if isBelow(target.directory, own(.clearing)), isBelow(directory, world.files.running),
                let stem = call.entry?.dropping(suffix: ".state.json"),
                let moved = target.directory.entries[target.name],
                let events = directory.entries[
                    world.files.name(String(decoding: stem.bytes, as: UTF8.self), ".events.jsonl")
                ],
                events.owner === moved.owner
            {
                // An executor that starts now archives the events under the next run's name.
                return "a state was cleared before its events: \(what)"
            }
            if call.replaced != nil, name == .rename, isBelow(target.directory, world.files.running) {
                return "an executor's file was replaced: \(what)"
            }
            if isBelow(target.directory, own(.trash)), isBelow(directory, world.files.history),
                let problem = removed(target.directory.entries[target.name])
            {
                return "\(problem): \(what)"
            }
            if isBelow(target.directory, world.files.running), !isBelow(directory, own(.clearing)) {
                return "something was put into .running: \(what)"
            }
            if isBelow(target.directory, world.files.history), name == .rename,
                !isBelow(directory, world.files.history)
            {
                return unfinished(target.directory.entries[target.name], what)
            }
            if isBelow(target.directory, mirrorHistory), name == .rename, !isBelow(directory, mirrorHistory) {
                return unfinished(target.directory.entries[target.name], what)
            }
        }
        if name == .unlink || name == .rename, isBelow(directory, world.files.running), !world.scenario.clears {
            return "something was taken out of .running: \(what)"
        }
        return nil
    }

    /// Whether a file that was taken out of `.running` may go.
    private func isCleared(_ file: Inode) -> Bool {
        // Of what a dead agent moved nobody knows whether it had been looked at, and a pin holds it.
        guard let run = file.owner, !file.bytes.isEmpty, !world.hasRestarted, !world.hasFaults else { return true }
        // With another file under its name it stays as a pin.
        let names = [".events.jsonl", ".state.json"].map { world.files.name(run.stem, $0) }
        if file.links > 0, names.contains(where: { world.files.running?.entries[$0] != nil }) { return true }
        return AtRest.archives(world.files.history).contains { archive in
            archive.inode.entries.values.contains { $0.bytes == file.bytes }
        }
    }

    /// What speaks against the removal of a run.
    private func removed(_ inode: Inode?) -> String? {
        // Of what a loss of power tore nobody can tell whose it is.
        guard !world.hasLostPower, let inode, let events = inode.entries[.events]?.bytes else { return nil }
        if let run = world.ledger.runs.first(where: { $0.hasBegun && $0.events == events }),
            world.files.running?.entries.values.contains(where: { $0.owner === run }) ?? false
        {
            return "a run that is in .running was pruned"
        }
        let keep = inode.entries[.keep]
        if let keep, keep.birth < inode.listed, !world.hasSetClock {
            return "a run that was seen to be pinned was pruned"
        }
        guard world.scenario.hasMirror else { return nil }
        let copies = AtRest.archives(mirrorHistory)
        return copies.contains { $0.events == events } ? nil : "a run that is not mirrored was pruned"
    }

    /// Whether what just came under its final name could be less than whole after a loss of power.
    private func unfinished(_ inode: Inode?, _ what: @autoclosure () -> String) -> String? {
        guard let inode else { return nil }
        if !inode.isDirectory { return inode.isDirty ? "not synced before its rename: \(what())" : nil }
        // A place for runs, or an executor's own copy that went aside.
        guard inode.isOurs, inode.entries.values.allSatisfy(\.isOurs),
            inode.entries[.events] != nil || inode.entries[.state] != nil
        else { return nil }
        if inode.isDirty { return "its entries were not synced before its rename: \(what())" }
        for (name, file) in inode.sortedEntries where file.isDirty {
            return "\(name) in it was not synced before its rename: \(what())"
        }
        return nil
    }

    /// Whether the bytes are the beginning of a file that an executor wrote.
    private func isOfSomebody(_ file: Inode) -> Bool {
        let originals = [world.files.running, own(.pins)].compactMap { $0?.entries.values }.joined()
        return originals.contains { $0.bytes.starts(with: file.bytes) }
            || world.ledger.runs.contains { $0.events.starts(with: file.bytes) }
    }

    private func isBelow(_ directory: Inode, _ top: Inode?) -> Bool {
        guard let top else { return false }
        return directory.isWithin(top)
    }

    private func own(_ part: OwnPart) -> Inode? { world.files.loops.entries[.own]?.entries[part.name] }
    private var mirror: Inode? { world.mirror }
    private var mirrorHistory: Inode? { mirror?.entries[.history] }
    private var mirrorRunning: Inode? { mirror?.entries[.running] }
}

extension Inode {
    /// Whether this file stands in `.running` under any name.
    fileprivate func entriesOfOwner(in world: World) -> Bool {
        world.files.running?.entries.values.contains { $0 === self } ?? false
    }
}

extension World {
    /// The project's directory in the sync directory.
    var mirror: Inode? {
        sync.entries[FileName(literal: "host")]?.entries[FileName(literal: "p")]
    }
}
