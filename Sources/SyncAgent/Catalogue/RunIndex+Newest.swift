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
            var looked: [CataloguedRun] = []
            let all: Void? = catalogue.forEachRunNewestFirst { run in
                let isFull = limit.map { found.count >= $0 } ?? false
                let isFound = !isFull && isWanted(run.run)
                if isFound { found.append(run.run) }
                // Where all are asked for, also one that is not wanted may be by now: executors copy over archives in place.
                if isFound || limit == nil { looked.append(run) }
                return !isFull
            }
            guard all != nil else { return nil }
            let changed = Self.changed(looked, in: history, isTrusting: true)
            if changed.isEmpty { return (found, refreshed.unreadable) }
            guard try readAgain(changed, in: history, &refreshed) else { return nil }
        }
        return nil
    }

    /// Each round reads what changed in the one before; who changes runs faster than that is not waited for.
    private static let mostRounds = 5
}

extension RunIndex {
    /// Takes over what became of single runs, in a time that does not grow with the history.
    package func take(_ place: RunPlace, moved: [(from: RunPlace, to: RunPlace)] = []) {
        guard let history = try? loops.history() else { return }
        var refreshed = Refreshed()
        catalogue.update([], forgetting: moved.map(\.from))
        _ = try? read(moved.map(\.to) + [place], in: history, &refreshed)
    }

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
