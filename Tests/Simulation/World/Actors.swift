import LoopModel
import LoopStore

/// Something that happens once.
final class Once: Actor {
    private let world: World
    private let action: (World) -> Void
    private(set) var wakeAt: Int64?

    init(_ world: World, at time: Int64, _ action: @escaping (World) -> Void) {
        self.world = world
        self.action = action
        wakeAt = time
    }

    func step() {
        wakeAt = nil
        action(world)
    }
}

extension World {
    /// `git clean -dx` takes the agent's own directory away, all at once.
    func clean() {
        guard let own = files.loops.entries[.own] else { return }
        trace("git clean")
        // With the pins goes what would tell that an executor rewrites an archive while no agent runs.
        if agent == nil { hasLostPins = true }
        for (_, pin) in own.entries[OwnPart.pins.name]?.sortedEntries ?? [] where pin.links == 1 {
            // Whatever only a pin held is gone, by a person's own hand.
            pin.owner?.wasUnseen = true
        }
        func remove(_ directory: Inode) {
            for (name, inode) in directory.sortedEntries {
                if inode.isDirectory { remove(inode) }
                disk.remove(name, from: directory)
            }
        }
        remove(own)
        disk.remove(.own, from: files.loops)
    }
}

/// `ll-loop stop`: reads the state, signals, waits for the end, and writes the state as it was (section 2.9).
final class StopCommand: Actor {
    private enum Phase { case reading, waiting, truncating, writing }

    private let world: World
    private let loop: String
    private var phase = Phase.reading
    private(set) var wakeAt: Int64?
    private var old: [UInt8] = []
    private var run: SimulatedRun?
    private var stopped: SimulatedExecutor?
    private var signalled: SimulatedProcess?
    private var file: Inode?

    init(_ world: World, loop: String, at time: Int64) {
        self.world = world
        self.loop = loop
        wakeAt = time
    }

    /// Who runs the loop at the moment, or ran it when it was stopped.
    private var executor: SimulatedExecutor? {
        stopped ?? world.executors.first { $0.loop == loop && !$0.isOver } ?? world.executors.last { $0.loop == loop }
    }

    func step() {
        guard let executor else { return wakeAt = nil }
        guard let running = world.files.running else {
            wakeAt = executor.isOver ? nil : world.steady + 50
            return
        }
        switch phase {
        case .reading:
            guard let run = executor.run, executor.plan?.ending == .stopped, !executor.isSignalled,
                let process = executor.process,
                let state = running.entries[world.files.name(run.stem, ".state.json")],
                String(decoding: state.bytes, as: UTF8.self).contains("\"status\": \"running\""),
                String(decoding: state.bytes, as: UTF8.self).contains(run.startedAt), !run.startedAt.isEmpty
            else {
                // Nothing runs yet: a person tries again, for as long as there is something to wait for.
                wakeAt = executor.isOver || interrupted(executor, running) ? nil : world.steady + 50
                return
            }
            old = state.bytes
            self.run = run
            stopped = executor
            signalled = process
            executor.isSignalled = true
            world.trace("stop \(loop): signal")
            phase = .waiting
            wakeAt = world.steady + 1000
        case .waiting:
            wakeAt = world.steady + 1000
            if signalled?.isAlive != true {
                phase = .truncating
                // That of looprun leaves to the run what is to be said.
                wakeAt = executor.version == .looprun ? nil : world.steady
            }
        case .truncating:
            guard let run else { return }
            let name = world.files.name(run.stem, executor.version == .a ? ".state.json" : ".stop.tmp")
            file = try? world.files.truncate(name, in: running)
            world.trace("stop \(loop): truncate")
            phase = .writing
        case .writing:
            wakeAt = nil
            write(executor, running)
        }
    }

    /// Ends by Ctrl-C what `stop` refuses: a run over whose state an earlier, late `stop` wrote that of the run before.
    private func interrupted(_ executor: SimulatedExecutor, _ running: Inode) -> Bool {
        guard let run = executor.run, executor.plan?.ending == .stopped, !executor.isSignalled,
            executor.process != nil, !run.startedAt.isEmpty,
            let state = running.entries[world.files.name(run.stem, ".state.json")], !state.bytes.isEmpty,
            !String(decoding: state.bytes, as: UTF8.self).contains(run.startedAt)
        else { return false }
        world.trace("Ctrl-C \(loop)")
        executor.isSignalled = true
        return true
    }

    private func write(_ executor: SimulatedExecutor, _ running: Inode) {
        guard let run, let file else { return }
        let status = executor.version == .a ? "interrupted" : "user_stopped"
        let bytes = old.replacing("status", by: status).replacing("updated_at", by: world.iso)
        world.trace("stop \(loop): write \(status)")
        if executor.version == .a {
            let name = world.files.name(run.stem, ".state.json")
            if running.entries[name] === file, file.owner == nil || file.owner === run {
                file.owner = run
                run.saved(bytes)
            } else {
                run.strays.append(bytes)
                // Whose file it is has lost its state to `stop`; the agent may have seen it before, or not.
                file.owner?.wasStateUnseen = true
            }
            world.files.write(bytes, to: file, named: name, in: running)
        } else {
            let name = world.files.name(run.stem, ".stop.tmp")
            // The next run of that second has the same stem; before it has saved a state nothing tells that this is not its.
            for other in world.ledger.runs where other !== run && other.stem == run.stem { other.wasStateUnseen = true }
            file.owner = run
            world.files.write(bytes, to: file, named: name, in: running)
            world.disk.move(name, from: running, to: running, as: world.files.name(run.stem, ".state.json"))
            run.saved(bytes)
        }
        world.files.unlink(run.stem + ".pid")
    }
}

/// B's `status`: rewrites what says `running` and has no living process (section 5).
final class Reader: Actor {
    private let world: World
    private(set) var wakeAt: Int64?

    init(_ world: World, at time: Int64) {
        self.world = world
        wakeAt = time
    }

    func step() {
        wakeAt = nil
        guard let running = world.files.running, world.executors.contains(where: { $0.version == .b }) else { return }
        for (name, inode) in running.sortedEntries where name.hasSuffix(".state.json") {
            let text = String(decoding: inode.bytes, as: UTF8.self)
            guard let run = inode.owner, text.contains("\"status\": \"running\""), text.contains(run.startedAt),
                !world.isUnderWay(run), world.files.hasToken(run.stem)
            else { continue }
            let bytes = inode.bytes.replacing("status", by: "interrupted").replacing("updated_at", by: world.iso)
            world.trace("status rewrites \(name)")
            let temporary = FileName(literal: "tmpreader.tmp")
            guard let file = try? world.files.truncate(temporary, in: running, mode: 0o600) else { return }
            file.owner = run
            world.files.write(bytes, to: file, named: temporary, in: running)
            world.disk.move(temporary, from: running, to: running, as: name)
            run.saved(bytes)
        }
    }
}

extension [UInt8] {
    /// The same JSON with another text for one key.
    fileprivate func replacing(_ key: String, by value: String) -> [UInt8] {
        let text = String(decoding: self, as: UTF8.self)
        guard let place = text.range(ofText: "\"\(key)\": \"") else { return self }
        return Array((String(text[..<place]) + value + text[place...].drop { $0 != "\"" }).utf8)
    }
}
