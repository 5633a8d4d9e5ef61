import LoopModel
import LoopStore
import SyncAgent

/// Runs that left the history and that the mirror still has.
struct MirroredRuns {
    let site: RunSite
    /// What stands in the mirror alone.
    let places: [RunPlace]

    /// Lists them by the names of their directories: the mirror may be on a slow disk.
    ///
    /// - Returns: nil where there is no mirror, or it is out of reach.
    init?(_ place: LoopsPlace, _ mirror: MirrorPass?) throws(PosixError) {
        guard let mirror, let copies = try mirror.history(), let root = mirror.path else { return nil }
        let here = Set(
            try place.loops.history().map { history throws(PosixError) in try HistoryScan.places(in: history) } ?? []
        )
        places = try HistoryScan.places(in: copies).filter { !here.contains($0) }
        site = RunSite(loops: place.path, root: root, isHere: false, history: copies, isMirrored: { _ in true })
    }

    /// Reads the runs of these places.
    func found(where isMeant: (RunPlace) -> Bool) throws(PosixError) -> [FoundRun] {
        var runs: [FoundRun] = []
        for place in places where isMeant(place) {
            guard let run = try HistoryScan.read(place, in: site.history) else { continue }
            var found = FoundRun(run, in: site.history)
            found.root = site.root
            runs.append(found)
        }
        return runs
    }

    /// Reads the runs that are wanted.
    ///
    /// - Parameter limit: at most so many, those that began last; nil for all.
    func newest(_ limit: Int?, where isWanted: (ArchivedRun) -> Bool) -> (runs: [ListedRun], unreadable: [String]) {
        var runs: [ListedRun] = []
        var unreadable: [String] = []
        let sorted = places.sorted { $1.start.lexicographicallyPrecedes($0.start) }
        for place in sorted {
            if let limit, runs.count >= limit { break }
            do throws(PosixError) {
                guard let run = try HistoryScan.read(place, in: site.history), isWanted(run) else { continue }
                runs.append(ListedRun(run: run, site: site))
            } catch {
                unreadable.append(error.description)
            }
        }
        return (runs, unreadable)
    }
}

extension RunPlace {
    /// The beginning of the run's name, which for names of the usual form is its start.
    var start: ArraySlice<UInt8> { runName.bytes.prefix(17) }
}
