import LoopModel
import LoopStore

/// A moment in what the agent does: before its call with some number of those in one place.
struct Aim {
    /// Where a call is about something, or where it moves something to.
    enum Place: CaseIterable {
        case anywhere, running, pins, staging, clearing, history, trash, mirror
    }

    var place: Place
    /// Whether only calls count that change something: between two others it makes no difference who acts when.
    var isChange = true
    var number: Int

    /// Whether a call is one of those that count.
    func counts(_ call: SimulatedCall, in world: World) -> Bool {
        if isChange, !call.isChange { return false }
        guard place != .anywhere else { return true }
        guard let top = place.directory(in: world) else { return false }
        return call.directory?.isWithin(top) == true || call.target?.directory.isWithin(top) == true
    }
}

extension Aim.Place {
    fileprivate func directory(in world: World) -> Inode? {
        let own = world.files.loops.entries[.own]
        switch self {
        case .anywhere: return world.files.loops
        case .running: return world.files.running
        case .history: return world.files.history
        case .mirror: return world.sync
        case .pins: return own?.entries[OwnPart.pins.name]
        case .staging: return own?.entries[OwnPart.staging.name]
        case .clearing: return own?.entries[OwnPart.clearing.name]
        case .trash: return own?.entries[OwnPart.trash.name]
        }
    }
}

/// Somebody who waits for the moment that the scenario aims at.
final class Held: Actor {
    private let world: World
    private let actor: any Actor

    init(_ world: World, _ actor: any Actor) {
        self.world = world
        self.actor = actor
    }

    var wakeAt: Int64? { world.isHolding ? nil : actor.wakeAt }
    func step() { actor.step() }
}
