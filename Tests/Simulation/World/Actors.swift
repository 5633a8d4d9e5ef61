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

extension World {
    /// `loopsync pin`, or a person who knows what it does.
    func pinOldest() {
        guard let run = AtRest.archives(files.history).first(where: { $0.inode.entries[.keep] == nil }) else { return }
        trace("pin \(run.path)")
        disk.add(disk.make(.file, mode: 0o644), to: run.inode, as: .keep)
    }
}

/// `ll-loop stop`: reads the state, signals, waits for the end, and writes the state as it was (section 2.9).
final class StopCommand: Actor {
    private enum Phase { case reading, waiting, truncating, writing }

    private let world: World
    private let loop: String
    private let isHeld: Bool
    private var phase = Phase.reading
    private var due: Int64?
    private var old: [UInt8] = []
    private var run: SimulatedRun?
    private var stopped: SimulatedExecutor?
    private var signalled: SimulatedProcess?
    private var file: Inode?

    init(_ world: World, loop: String, at time: Int64, isHeld: Bool) {
        self.world = world
        self.loop = loop
        self.isHeld = isHeld
        due = time
    }

    /// It looks once a second for the end; held, it does so when the moment has come that the scenario aims at, and not at
    /// all without that: an hour later nobody waits for it any more.
    var wakeAt: Int64? {
        guard isHeld, phase == .waiting, signalled?.isAlive != true else { return due }
        return world.isHolding || world.isAimMissed ? nil : world.steady
    }

    /// Who runs the loop at the moment, or ran it when it was stopped.
    private var executor: SimulatedExecutor? {
        stopped ?? world.executors.first { $0.loop == loop && !$0.isOver } ?? world.executors.last { $0.loop == loop }
    }

    func step() {
        guard let executor else { return due = nil }
        guard let running = world.files.running else {
            due = executor.isOver ? nil : world.steady + 50
            return
        }
        switch phase {
        case .reading:
            guard let run = executor.run, let plan = executor.plan, plan.ending == .stopped || plan.lateStops > 0,
                !executor.isSignalled, let process = executor.process,
                let state = running.entries[world.files.name(run.stem, ".state.json")],
                state.bytes.contains("\"status\": \"running\""), !run.startedAt.isEmpty,
                state.bytes.contains(text: run.startedAt)
            else {
                // Nothing runs yet: a person tries again, for as long as there is something to wait for.
                due = executor.isOver || interrupted(executor, running) ? nil : world.steady + 50
                return
            }
            old = state.bytes
            self.run = run
            stopped = executor
            signalled = process
            executor.signals += 1
            world.trace("stop \(loop): signal")
            phase = .waiting
            due = world.steady + 1000
        case .waiting:
            due = world.steady + 1000
            if signalled?.isAlive != true {
                phase = .truncating
                // That of looprun leaves to the run what is to be said.
                due = executor.version == .looprun ? nil : world.steady
            }
        case .truncating:
            guard let run else { return }
            let name = world.files.name(run.stem, executor.version == .a ? ".state.json" : ".stop.tmp")
            file = try? world.files.truncate(name, in: running)
            world.trace("stop \(loop): truncate")
            if isHeld { world.hasLateStop = true }
            phase = .writing
        case .writing:
            due = nil
            write(executor, running)
        }
    }

    /// Ends by Ctrl-C what `stop` refuses: a run over whose state an earlier, late `stop` wrote that of the run before.
    private func interrupted(_ executor: SimulatedExecutor, _ running: Inode) -> Bool {
        guard let run = executor.run, executor.plan?.ending == .stopped, !executor.isSignalled,
            executor.process != nil, !run.startedAt.isEmpty,
            let state = running.entries[world.files.name(run.stem, ".state.json")], !state.bytes.isEmpty,
            !state.bytes.contains(text: run.startedAt)
        else { return false }
        world.trace("Ctrl-C \(loop)")
        executor.signals += 1
        return true
    }

    private func write(_ executor: SimulatedExecutor, _ running: Inode) {
        guard let run, let file else { return }
        let status = executor.version == .a ? "interrupted" : "user_stopped"
        let bytes = old.replacing("\"status\": \"", by: status).replacing("\"updated_at\": \"", by: world.iso)
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
            guard let run = inode.owner, inode.bytes.contains("\"status\": \"running\""),
                inode.bytes.contains(text: run.startedAt), !world.isUnderWay(run), world.files.hasToken(run.stem)
            else { continue }
            let bytes = inode.bytes.replacing("\"status\": \"", by: "interrupted")
                .replacing("\"updated_at\": \"", by: world.iso)
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
    /// The same JSON with another text behind what begins a key's value.
    fileprivate func replacing(_ key: StaticString, by value: String) -> [UInt8] {
        guard let place = end(of: key) else { return self }
        return Array(self[..<place]) + Array(value.utf8) + self[place...].drop { $0 != 0x22 }
    }
}
