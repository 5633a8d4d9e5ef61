import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// `loopsync restore --from mirror`.
struct RestoreFromMirror {
    let verb: RestoreCommand
    let place: LoopsPlace

    func perform() throws -> ExitStatus {
        let loaded = try Settings.load(verb.global, watched: [place.path])
        guard let pass = place.mirrorPass(loaded) else {
            throw Failure(.usage, "no sync directory is set: give --sync DIR, or mirror.to in the configuration")
        }
        switch pass.look() {
        case .made: break
        case .unmade: throw Failure(.mirrorUnavailable, "nothing was mirrored there yet")
        case .suspended(let suspension): throw Failure(.mirrorUnavailable, suspension.description)
        }
        if let suspension = pass.open() { throw Failure(.mirrorUnavailable, suspension.description) }
        let mirrored = try History.read(pass.history())
        if verb.list {
            try verb.show(
                RunRows.table(mirrored.runs, isForPeople: verb.terminal.width != nil, now: WallClock.now()),
                json: RunRows.json(mirrored.runs, in: place.path)
            )
            return .done
        }
        let command = "loopsync restore --list --from mirror"
        let runs = try mirrored.runs(named: verb.selectors, "run in the mirror", listing: command)
        let lock = try place.lock()
        defer { withExtendedLifetime(lock) {} }
        var statuses: [ExitStatus] = []
        var restored: [RunPlace] = []
        for run in runs {
            let outcome = pass.restore(run.place, process: getpid())
            Output.talk(outcome.message(for: run.place))
            switch outcome {
            case .restored: restored.append(run.place)
            case .taken, .absent, .failed: statuses.append(.failed)
            case .damaged, .foreign: statuses.append(.damage)
            }
        }
        if verb.global.json { try verb.tell(restored, in: place.path) }
        return statuses.contains(.failed) && statuses.count < runs.count ? .partly : .worst(of: statuses)
    }
}
