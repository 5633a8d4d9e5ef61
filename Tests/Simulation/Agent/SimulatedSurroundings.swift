import Logging
import LoopModel
import LoopStore
import SyncCore

@testable import SyncAgent

/// A log that nobody reads.
enum SimulatedLog {
    static let silent = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
}

/// What the mirror finds on the simulated machine.
enum SimulatedMirror {
    static let owner = MirrorOwner(machine: "machine", host: "host", user: "user", loopsPath: "/p/.loops")

    /// The sync directory and the processes as the agent of the moment sees them.
    static func environment(of agent: SimulatedAgent) -> MirrorEnvironment {
        let place = Confined(agent)
        var environment = MirrorEnvironment(
            open: { (path) throws(PosixError) -> (any Directory)? in
                guard let agent = place.agent, path == "/sync" else { return nil }
                return SimulatedDirectory(agent, agent.world.sync, path: "/sync")
            },
            fileSystem: { _, status in
                FileSystemSeen(device: status.identity.device, type: "simulated", mountPoint: "/")
            },
            makeID: { place.agent.map { String($0.world.chance.next(), radix: 16) } ?? "" },
            process: agent.process.pid,
            isAlive: { place.agent?.world.processes.isAlive($0) ?? false }
        )
        environment.patience = 0
        return environment
    }

    static func clocks(_ world: World) -> @Sendable () -> ClockReading {
        let place = Confined(world)
        return {
            guard let world = place.world else {
                return ClockReading(wall: Timestamp(microseconds: 0), sinceBoot: .zero, bootID: "")
            }
            return ClockReading(wall: world.moment.wall, sinceBoot: .milliseconds(world.steady), bootID: "boot")
        }
    }

    /// Lets closures that the compiler takes for shared ones reach what belongs to the simulation's one thread.
    private final class Confined: @unchecked Sendable {  // confined to the simulation's thread
        weak var agent: SimulatedAgent?
        weak var world: World?

        init(_ agent: SimulatedAgent) { self.agent = agent }
        init(_ world: World) { self.world = world }
    }
}

extension Scenario {
    /// What the agent is told.
    var configuration: Configuration {
        var configuration = Configuration()
        if hasMirror {
            configuration.mirror = MirrorSettings(to: "/sync", namespace: NamespaceTemplate.standard)
        }
        if let keepsLast {
            configuration.retention = RetentionPolicy(
                minAge: .zero,
                keepMin: .exactly(0),
                retention: LoopRetention(keep: KeepRules(last: .exactly(keepsLast)))
            )
        }
        return configuration
    }
}
