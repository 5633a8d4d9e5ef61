package import LoopModel
package import LoopStore
package import SyncCore

/// What the history holds, remembered between passes so that a pass reads only what changed.
///
/// A run directory is read again when its own status, its state's or its events' changed. Where there is a catalogue, that knows it from before this process began.
package struct RetentionInventory: Sendable {
    private var known: [RunPlace: Known] = [:]
    /// What knows the history from before; nil for nothing.
    let catalogue: CatalogueKeeper?

    private struct Known: Sendable {
        /// nil for what the catalogue said.
        let stamps: [FileStatus?]?
        let run: ArchivedRun
    }

    /// An inventory that knows nothing yet.
    package init(catalogue: CatalogueKeeper? = nil) {
        self.catalogue = catalogue
    }

    /// The runs that were found, sorted by place.
    package var runs: [ArchivedRun] {
        known.keys.sorted().compactMap { known[$0]?.run }
    }

    /// How many runs it knows.
    package var count: Int { known.count }

    /// Looks through the whole history.
    ///
    /// - Returns: what could not be read. Such a run is left out of the inventory, and so out of every plan.
    /// - Throws: the history itself cannot be listed.
    @discardableResult
    package mutating func refresh(_ loops: LoopsDirectory) throws(PosixError) -> [PosixError] {
        if let index = catalogue?.index(), let listed = try index.newest(nil, where: { _ in true }) {
            known = Dictionary(listed.runs.map { ($0.place, Known(stamps: nil, run: $0)) }) { $1 }
            return listed.unreadable
        }
        guard let history = try loops.history() else {
            known = [:]
            return []
        }
        var found: [RunPlace: Known] = [:]
        var failures: [PosixError] = []
        for place in try HistoryScan.places(in: history, unreadable: &failures) {
            do throws(PosixError) {
                found[place] = try look(at: place, in: history)
            } catch {
                failures.append(error)
            }
        }
        known = found
        return failures
    }

    /// Looks at one place that changed.
    package mutating func update(_ place: RunPlace, in loops: LoopsDirectory) throws(PosixError) {
        guard let history = try loops.history() else { return }
        known[place] = try look(at: place, in: history)
    }

    /// Forgets a run that was removed.
    package mutating func forget(_ place: RunPlace) {
        known[place] = nil
    }

    private func look(at place: RunPlace, in history: any Directory) throws(PosixError) -> Known? {
        guard let directory = try HistoryScan.directory(of: place, in: history) else { return nil }
        let stamps = [
            try directory.status(), try directory.status(of: .state), try directory.status(of: .events),
        ]
        if let before = known[place], before.stamps == stamps { return before }
        return try HistoryScan.read(place, in: history).map { Known(stamps: stamps, run: $0) }
    }
}

extension RetentionRun {
    /// A run of the history as retention sees it.
    ///
    /// - Parameters:
    ///   - running: what is in `.running`.
    ///   - isMirrored: whether every configured mirror holds it, verified.
    package init(_ run: ArchivedRun, running: RunningRuns, canonicalPlaces: Set<RunPlace>, isMirrored: Bool) {
        self.init(
            place: run.place,
            loop: run.loop,
            runID: run.runID,
            status: run.status,
            // Where neither events nor state tell a time, the directory's name may.
            endedAt: run.endedAt ?? run.runID.second,
            startedAt: run.startedAt.flatMap(Timestamp.init(iso:)),
            size: run.size,
            isPinned: run.isPinned,
            isInRunning: running.contains(run),
            isCanonicalForRunning: canonicalPlaces.contains(run.place),
            isMirrored: isMirrored
        )
    }
}
