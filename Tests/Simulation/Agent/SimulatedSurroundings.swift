import Logging
import LoopModel
import LoopStore
import SyncCore

@testable import SyncAgent

/// A log that nobody reads.
enum SimulatedLog {
    static let silent = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
}

/// Lets closures that the compiler takes for shared ones reach what belongs to the simulation's one thread.
///
/// World and agents live until the simulation's end, and no closure is called after it.
struct Confined<Value: AnyObject>: @unchecked Sendable {  // confined to the simulation's thread
    unowned let value: Value
}

/// What the mirror finds on the simulated machine.
enum SimulatedMirror {
    static let owner = MirrorOwner(machine: "machine", host: "host", user: "user", loopsPath: "/p/.loops")

    /// The sync directory and the processes as the agent of the moment sees them.
    static func environment(of agent: SimulatedAgent) -> MirrorEnvironment {
        let place = Confined(value: agent)
        var environment = MirrorEnvironment(
            open: { (path) throws(PosixError) -> (any Directory)? in
                path == "/sync" ? SimulatedDirectory(place.value, place.value.world.sync, .top(path)) : nil
            },
            fileSystem: { _, status in
                FileSystemSeen(device: status.identity.device, type: "simulated", mountPoint: "/")
            },
            makeID: { String(place.value.world.chance.next(), radix: 16) },
            process: agent.process.pid,
            isAlive: { place.value.world.processes.isAlive($0) }
        )
        environment.patience = 0
        return environment
    }

    static func clocks(_ world: World) -> @Sendable () -> ClockReading {
        let place = Confined(value: world)
        return {
            ClockReading(
                wall: place.value.moment.wall,
                sinceBoot: .milliseconds(place.value.steady),
                bootID: "boot"
            )
        }
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
