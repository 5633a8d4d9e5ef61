import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// `loopsync restore --from mirror`.
struct RestoreFromMirror {
    let verb: RestoreCommand
    let place: LoopsPlace

    func perform(_ selectors: [String]) throws -> ExitStatus {
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
            let runs = listed(mirrored, pass)
            try verb.show(
                RunRows.table(runs, isForPeople: verb.terminal.width != nil, now: WallClock.now()),
                json: RunRows.json(runs, in: [place.path])
            )
            return .done
        }
        let runs = try mirrored.runs(named: selectors, "run in the mirror", listing: Self.listing)
        let lock = try place.lock()
        defer { withExtendedLifetime(lock) {} }
        return try restore(runs, pass)
    }

    private static let listing = "loopsync restore --list --from mirror"

    /// Finds runs that are not in the trash.
    ///
    /// - Parameter failure: what to say of the first one where there is no such run either.
    func find(_ selectors: [String], _ pass: MirrorPass, otherwise failure: Failure) throws -> [ArchivedRun] {
        if let absence = pass.absence {
            throw Failure(.failed, "\(failure.message) The mirror cannot be asked: \(absence)")
        }
        do {
            return try History.read(pass.history())
                .runs(named: selectors, "run in the trash or in the mirror", listing: Self.listing)
        } catch let error as PosixError {
            throw Failure(.failed, "\(failure.message) The mirror cannot be asked: \(error)")
        }
    }

    /// Brings runs back; the caller holds the history's lock.
    ///
    /// - Parameter others: runs that are back already, from elsewhere.
    func restore(_ runs: [ArchivedRun], _ pass: MirrorPass, besides others: [RunPlace] = []) throws -> ExitStatus {
        var statuses: [ExitStatus] = []
        var restored = others
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
        return statuses.contains(.failed) && statuses.count < runs.count + others.count
            ? .partly : .worst(of: statuses)
    }

    private func listed(_ mirrored: History, _ pass: MirrorPass) -> [ListedRun] {
        guard let directory = mirrored.directory, let root = pass.path else { return [] }
        let site = RunSite(loops: place.path, root: root, isHere: false, history: directory, isMirrored: { _ in true })
        return mirrored.runs.map { ListedRun(run: $0, site: site) }
    }
}
