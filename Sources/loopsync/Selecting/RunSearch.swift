import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// Finds runs by name wherever `history` lists them: here, else in the mirror, else in the other watched directories.
enum RunSearch {
    /// Finds the run that each selector means.
    ///
    /// - Parameter places: those that are looked at, the one at hand first.
    /// - Throws: a `Failure` that names what was not found, or all that could be meant.
    static func runs(named selectors: [String], in places: [LoopsPlace], _ global: GlobalOptions) throws -> [FoundRun] {
        if let here = places.first, !here.isConfigured, let runs = try? RunCollection.runs(named: selectors, in: here) {
            return runs
        }
        return try selectors.map { try run(named: $0, in: places, global) }
    }

    private static func run(named selector: String, in places: [LoopsPlace], _ global: GlobalOptions) throws -> FoundRun
    {
        var (place, run) = try PlaceSearch.find(selector, in: places, called: \.selector) { place in
            try find(selector, in: place, global)
        }
        if place.isConfigured, run.root == nil { run.root = place.path }
        return run
    }

    /// In one directory, and where it is not there in the mirror of it.
    private static func find(_ selector: String, in place: LoopsPlace, _ global: GlobalOptions) throws -> FoundRun {
        do {
            return try RunCollection.runs(named: [selector], in: place)[0]
        } catch let failure as Failure where failure.isNotFound {
            guard let mirror = place.usedMirror(global) else { throw failure }
            do {
                guard let mirrored = try MirroredRuns(place, mirror) else {
                    let why = mirror.absence.map { "; the mirror cannot be asked: \($0)" } ?? ""
                    throw Failure(failure.status, failure.message + why, isNotFound: true)
                }
                return try choose(selector, in: place, mirrored, failure)
            } catch let error as PosixError {
                throw Failure(.failed, "\(failure.message). The mirror cannot be asked: \(error)", isNotFound: true)
            }
        }
    }

    /// Among the runs here and those of the mirror, so that `LOOP@-5` counts as `history` lists them.
    private static func choose(
        _ selector: String,
        in place: LoopsPlace,
        _ mirrored: MirroredRuns,
        _ failure: Failure
    ) throws -> FoundRun {
        let history = try place.loops.history()
        let here = try history.map { try HistoryScan.places(in: $0) } ?? []
        let meant = NamedPlaces.candidates(for: [selector], among: here + mirrored.places).map { Set($0) }
        var runs: [FoundRun] = []
        for place in here where meant?.contains(place) ?? true {
            if let history, let run = try HistoryScan.read(place, in: history) {
                runs.append(FoundRun(run, in: history))
            }
        }
        for place in mirrored.places where meant?.contains(place) ?? true {
            guard let run = try HistoryScan.read(place, in: mirrored.site.history) else { continue }
            var found = FoundRun(run, in: mirrored.site.history)
            found.root = mirrored.site.root
            runs.append(found)
        }
        do {
            return try RunCollection(runs: runs, unreadable: []).runs(named: [selector])[0]
        } catch let other as Failure where other.isNotFound {
            // What may have been meant is more likely among those here.
            throw failure
        }
    }
}
