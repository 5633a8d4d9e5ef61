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
            var found: [ArchivedRun] = []
            var looks = Parallel.Follower<CataloguedRun, RunPlace?> { run in
                let isWhole = depth == .listing && limit != nil
                return Self.isSame(run, isWhole ? run.names : [], in: history) ? nil : run.run.place
            }
            let all: Void? = catalogue.forEachRunNewestFirst { run in
                let isFull = limit.map { found.count >= $0 } ?? false
                if !isFull, isWanted(run.run) {
                    found.append(run.run)
                    // All of them were looked at a moment ago.
                    if depth == .listing { looks.follow(run) }
                }
                return !isFull
            }
            guard all != nil else { return nil }
            let changed = looks.finish().compactMap(\.self)
            if changed.isEmpty { return (found, refreshed.unreadable) }
            guard try readAgain(changed, in: history, &refreshed) else { return nil }
        }
        return nil
    }

    /// Whether a stat of the run's directory, and of these of its entries, says what it did.
    private static func isSame(_ run: CataloguedRun, _ names: [FileName], in history: any Directory) -> Bool {
        let now = try? FileStamps.now(of: run.run.place.components, names, in: history)
        return now.map { run.stamps.starts(with: $0.bytes) } ?? false
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
