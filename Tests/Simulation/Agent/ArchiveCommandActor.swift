import LoopModel
import LoopStore
import SyncCore

@testable import SyncAgent

/// `loopsync archive` beside the agent: a process of its own that begins at some time and works its way through.
final class ArchiveCommandActor: Actor, SimulatedCaller {
    private let world: World
    private(set) var wakeAt: Int64?
    private var process: SimulatedProcess?

    init(_ world: World, at time: Int64) {
        self.world = world
        wakeAt = time
    }

    var disk: SimulatedDisk { world.disk }

    func step() {
        wakeAt = nil
        let process = world.processes.start("loopsync archive")
        self.process = process
        world.trace("loopsync archive begins")
        let loops = LoopsDirectory(root: SimulatedDirectory(self, world.files.loops, .top(".loops")))
        let clock = Confined(value: world)
        if var pass = try? ArchivePass(
            loops: loops,
            settings: world.scenario.configuration.archive,
            options: ArchivePass.Options(),
            processes: world.processes,
            process: process.pid,
            clock: { clock.value.moment },
            spreading: Spread.inOrder
        ) {
            _ = try? pass.run()
        }
        process.die()
        world.trace("loopsync archive ends")
    }

    func will(_ call: SimulatedCall) throws(PosixError) {
        guard process?.isAlive == true else {
            throw PosixError(call: call.name.rawValue, path: "\(call.path)", code: .inputOutput)
        }
        world.pass(nanoseconds: 2000)
        world.interleave(call)
    }

    func did(_ call: SimulatedCall) {
        if world.isTracing {
            let to = call.target.map { " -> \($0.name)" } ?? ""
            world.trace("one-shot \(call.name.rawValue) \(call.path) \(call.entry.map(\.description) ?? "")\(to)")
        }
        if let problem = Conduct(world).problem(with: call) { world.violated(problem) }
    }

    func took(_ lock: Inode) {}

    func rest(milliseconds: Int32) {
        world.pass(nanoseconds: Int64(milliseconds) * 1_000_000)
        world.interleave()
    }
}
