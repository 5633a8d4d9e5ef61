package import LoopModel
package import LoopStore
import RunCatalogue

extension RunIndex {
    /// Runs, newest first.
    ///
    /// - Parameters:
    ///   - limit: at most so many; nil for all.
    ///   - depth: how closely to look. With `listing`, each of at most `limit` runs is looked at by a stat of its files, and
    ///     of all runs the directories are: whoever puts a file in place by a rename shows there, and who writes into an
    ///     archived file by hand is found by the next `mirror`, `prune`, `--once` or start of the agent.
    ///   - isWanted: which ones, by anything but their identity.
    /// - Returns: nil where the catalogue cannot be used.
    /// - Throws: the history itself cannot be listed.
    package func newest(_ limit: Int?, looking depth: Depth = .listing, where isWanted: (ArchivedRun) -> Bool)
        throws(PosixError)
        -> (runs: [ArchivedRun], unreadable: [PosixError])?
    {
        guard var refreshed = try refresh(depth) else { return nil }
        guard let history = try loops.history() else { return ([], []) }
        for _ in 0..<Self.mostRounds {
            var found: [CataloguedRun] = []
            let all: Void? = catalogue.forEachRunNewestFirst { run in
                let isFull = limit.map { found.count >= $0 } ?? false
                if !isFull, isWanted(run.run) { found.append(run) }
                return !isFull
            }
            guard all != nil else { return nil }
            let changed =
                switch (depth, limit) {
                // All of them were looked at a moment ago.
                case (.every, _): [RunPlace]()
                case (.listing, nil): Self.moved(found, in: history)
                case (.listing, _): Self.changed(found, in: history, isTrusting: true)
                }
            if changed.isEmpty { return (found.map(\.run), refreshed.unreadable) }
            guard try readAgain(changed, in: history, &refreshed) else { return nil }
        }
        return nil
    }

    /// Those whose directory is another, or has other entries.
    private static func moved(_ runs: [CataloguedRun], in history: any Directory) -> [RunPlace] {
        let isSame = Parallel.map(runs) { run -> Bool in
            let stamps = try? FileStamps.now(of: run.run.place.components, [], in: history)
            return stamps?.bytes.elementsEqual(run.stamps.prefix(FileStamps.directoryLength)) ?? false
        }
        return zip(runs, isSame).filter { !$0.1 }.map(\.0.run.place)
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

    /// Looks through the whole file of the catalogue.
    ///
    /// - Returns: what is wrong; nil where it cannot be looked at.
    package func damage() -> [String]? { catalogue.damage() }

    /// Forgets runs that were removed.
    package func forget(_ places: [RunPlace]) {
        catalogue.update([], forgetting: places)
    }
}
