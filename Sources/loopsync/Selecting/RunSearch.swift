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
        if let here = places.first, !here.isConfigured, !selectors.contains(where: isCounted),
            let runs = try? RunCollection.runs(named: selectors, in: here)
        {
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
        if isCounted(selector), let mirror = place.usedMirror(global),
            let mirrored = (try? MirroredRuns(place, mirror)) ?? nil, !mirrored.places.isEmpty
        {
            return try RunCollection.runs(named: [selector], in: place, besides: mirrored)[0]
        }
        do {
            return try RunCollection.runs(named: [selector], in: place)[0]
        } catch let failure as Failure where failure.isNotFound {
            guard let mirror = place.usedMirror(global) else { throw failure }
            do {
                guard let mirrored = try MirroredRuns(place, mirror) else {
                    let why = mirror.absence.map { "; the mirror cannot be asked: \($0)" } ?? ""
                    throw Failure(failure.status, failure.message + why, isNotFound: true)
                }
                return try RunCollection.runs(named: [selector], in: place, besides: mirrored)[0]
            } catch let other as Failure where other.isNotFound {
                // What may have been meant is more likely among those here.
                throw other.message.hasPrefix(failure.message) ? other : failure
            } catch let error as PosixError {
                throw Failure(.failed, "\(failure.message). The mirror cannot be asked: \(error)", isNotFound: true)
            }
        }
    }

    /// Whether a selector counts runs back, as `history` lists them: those too that only the mirror still has.
    ///
    /// The newest one is here, live or archived last, and no mirror need be asked.
    private static func isCounted(_ selector: String) -> Bool {
        if case .recent(_, let number)? = RunSelector(selector) { number > 1 } else { false }
    }
}
