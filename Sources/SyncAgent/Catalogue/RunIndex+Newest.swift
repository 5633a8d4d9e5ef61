package import LoopModel
package import LoopStore
import RunCatalogue

extension RunIndex {
    /// Runs, newest first, each looked at by a stat of its files.
    ///
    /// - Parameters:
    ///   - limit: at most so many; nil for all.
    ///   - isWanted: which ones, by anything but their identity.
    /// - Returns: nil where the catalogue cannot be used.
    /// - Throws: the history itself cannot be listed.
    package func newest(_ limit: Int?, where isWanted: (ArchivedRun) -> Bool) throws(PosixError)
        -> (runs: [ArchivedRun], unreadable: [PosixError])?
    {
        guard var refreshed = try refresh(.listing) else { return nil }
        guard let history = try loops.history() else { return ([], []) }
        if limit == nil { try takePrunes() }
        for _ in 0..<Self.mostRounds {
            var found: [ArchivedRun] = []
            var looked: [Look] = []
            let looks = WorkBeside<Look, RunPlace> { runs in
                runs.filter { $0.differs(by: .contents, in: history) }.map(\.place)
            }
            let all: Void? = catalogue.forEachRunNewestFirst { run in
                let isFull = limit.map { found.count >= $0 } ?? false
                let isFound = !isFull && isWanted(run.run)
                if isFound { found.append(run.run) }
                // Where all are asked for, also one that is not wanted may be by now: executors copy over archives in place.
                if isFound || limit == nil { looked.append(Look(run)) }
                if looked.count == Self.batch {
                    looks.add(looked)
                    looked.removeAll(keepingCapacity: true)
                }
                return !isFull
            }
            let changed = looks.finish() + Self.changed(looked, by: .contents, in: history)
            guard all != nil else { return nil }
            if changed.isEmpty { return (found, refreshed.unreadable) }
            guard try readAgain(changed, in: history, &refreshed) else { return nil }
        }
        return nil
    }

    /// Each round reads what changed in the one before; who changes runs faster than that is not waited for.
    private static let mostRounds = 5

    /// Goes through all runs by place, each looked at by a stat, with some thousand in memory at a time.
    ///
    /// - Parameters:
    ///   - extent: of what of each run.
    ///   - body: takes a run.
    /// - Returns: what cannot be read; nil where the catalogue cannot be used, and then not every run was told.
    /// - Throws: the history itself cannot be listed.
    package func forEach(by extent: StampExtent, _ body: (ArchivedRun) -> Void) throws(PosixError) -> [PosixError]? {
        guard var refreshed = try refresh(.listing) else { return nil }
        guard let history = try loops.history() else { return [] }
        var last: RunPlace?
        repeat {
            guard let runs = catalogue.runs(after: last, count: Self.batch) else { return nil }
            let changed = Self.changed(runs, by: extent, in: history, isTrusting: true)
            guard try readAgain(changed, in: history, &refreshed), let again = catalogue.runs(at: changed) else {
                return nil
            }
            let stale = Set(changed)
            for known in runs {
                let isStale = stale.contains(known.run.place)
                if let run = isStale ? again[known.run.place]?.run : known.run { body(run) }
            }
            last = runs.count < Self.batch ? nil : runs.last?.run.place
        } while last != nil
        return refreshed.unreadable
    }
}

extension RunIndex {
    /// Takes over what became of single runs, in a time that does not grow with the history.
    package func take(_ place: RunPlace, moved: [(from: RunPlace, to: RunPlace)] = []) {
        guard let history = try? loops.history() else { return }
        var refreshed = Refreshed()
        catalogue.update([], forgetting: moved.map(\.from))
        _ = try? read(moved.map(\.to) + [place], in: history, &refreshed)
    }

    /// How many runs it knows.
    package var count: Int? { catalogue.count }

    /// What it knows of some runs.
    func known(_ places: [RunPlace]) -> [RunPlace: CataloguedRun] {
        catalogue.runs(at: places) ?? [:]
    }

    /// Looks through the whole file of the catalogue.
    ///
    /// - Returns: what is wrong; nil where it cannot be looked at.
    package func damage() -> [String]? { catalogue.damage() }

    /// Forgets runs that were removed.
    package func forget(_ places: [RunPlace]) {
        catalogue.update([], forgetting: places)
    }
}
