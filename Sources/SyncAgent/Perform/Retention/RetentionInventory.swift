package import LoopModel
package import LoopStore
package import SyncCore

/// What the history holds, so that a pass reads only what changed.
///
/// Where there is a catalogue, that knows it from before this process began. Without one a run directory is read again
/// when its own status, its state's or its events' changed.
package struct RetentionInventory: Sendable {
    /// nil while nothing is remembered.
    private var known: [RunPlace: Known]?
    /// What knows the history from before; nil for nothing.
    let catalogue: CatalogueKeeper?
    private let isRemembering: Bool
    /// How much of each run is looked at that the catalogue knows.
    private let extent: RunIndex.StampExtent

    private struct Known: Sendable {
        /// nil for what the catalogue said.
        let stamps: [FileStatus?]?
        let run: ArchivedRun
    }

    /// So many runs that the catalogue knows are remembered; of more a look there is worth less than their memory.
    private static let most = 5000

    /// An inventory that knows nothing yet.
    ///
    /// - Parameters:
    ///   - catalogue: what knows the history from before; nil for nothing.
    ///   - isRemembering: whether what a look found is kept for the next one.
    ///   - extent: how much of each run is looked at that the catalogue knows.
    package init(
        catalogue: CatalogueKeeper? = nil,
        isRemembering: Bool = false,
        by extent: RunIndex.StampExtent = .files
    ) {
        self.catalogue = catalogue
        self.isRemembering = isRemembering
        self.extent = extent
    }

    /// Whether it remembers what the last look found.
    package var isListed: Bool { known != nil }

    /// About how many runs it will find; 0 where nothing is known of them.
    var expected: Int { known?.count ?? catalogue?.index()?.count ?? 0 }

    /// Goes through all runs, in no order.
    ///
    /// - Parameters:
    ///   - isRefreshing: whether to look through the history even where a look before is remembered.
    ///   - transform: what is wanted of a run. It may be asked of a run more than once.
    /// - Returns: what was made of each run, and what could not be read. That is left out, and so out of every plan.
    /// - Throws: the history itself cannot be listed.
    package mutating func map<Answer>(
        _ loops: LoopsDirectory,
        isRefreshing: Bool = true,
        _ transform: (ArchivedRun) -> Answer
    ) throws(PosixError) -> (answers: [Answer], unreadable: [PosixError]) {
        if !isRefreshing, let known { return (known.values.map { transform($0.run) }, []) }
        if let found = try mapByCatalogue(loops, transform) { return found }
        return try mapByReading(loops, transform)
    }

    private mutating func mapByCatalogue<Answer>(_ loops: LoopsDirectory, _ transform: (ArchivedRun) -> Answer)
        throws(PosixError) -> (answers: [Answer], unreadable: [PosixError])?
    {
        guard let index = catalogue?.index() else { return nil }
        var answers: [Answer] = []
        // No more than that: a plan of a long history is most of what is in memory then.
        let count = index.count ?? 0
        answers.reserveCapacity(count)
        var found: [RunPlace: Known]? = isRemembering && count <= Self.most ? [:] : nil
        let unreadable = try index.forEach(by: extent) { run in
            answers.append(transform(run))
            if answers.count > Self.most { found = nil }
            found?[run.place] = Known(stamps: nil, run: run)
        }
        guard let unreadable else { return nil }
        known = found
        return (answers, unreadable)
    }

    private mutating func mapByReading<Answer>(_ loops: LoopsDirectory, _ transform: (ArchivedRun) -> Answer)
        throws(PosixError) -> (answers: [Answer], unreadable: [PosixError])
    {
        var answers: [Answer] = []
        var found: [RunPlace: Known] = [:]
        var failures: [PosixError] = []
        if let history = try loops.history() {
            for place in try HistoryScan.places(in: history, unreadable: &failures) {
                do throws(PosixError) {
                    guard let run = try look(at: place, in: history) else { continue }
                    answers.append(transform(run.run))
                    if isRemembering { found[place] = run }
                } catch {
                    failures.append(error)
                }
            }
        }
        // Next time the catalogue may be there again.
        known = isRemembering && (found.count <= Self.most || catalogue?.index() == nil) ? found : nil
        return (answers, failures)
    }

    /// Looks at one place that changed.
    package mutating func update(_ place: RunPlace, in loops: LoopsDirectory) throws(PosixError) {
        guard isListed, let history = try loops.history() else { return }
        let run = try look(at: place, in: history)
        known?[place] = run
    }

    /// Forgets a run that was removed.
    package mutating func forget(_ place: RunPlace) {
        known?[place] = nil
    }

    private func look(at place: RunPlace, in history: any Directory) throws(PosixError) -> Known? {
        guard let directory = try HistoryScan.directory(of: place, in: history) else { return nil }
        let stamps = [
            try directory.status(), try directory.status(of: .state), try directory.status(of: .events),
        ]
        if let before = known?[place], before.stamps == stamps { return before }
        return try HistoryScan.read(place, in: history).map { Known(stamps: stamps, run: $0) }
    }
}

extension RetentionRun {
    /// A run of the history as retention sees it.
    ///
    /// - Parameters:
    ///   - running: what is in `.running`.
    ///   - isMirrored: whether every configured mirror holds it, verified.
    package init(_ run: ArchivedRun, running: RunningRuns, isMirrored: Bool) {
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
            isCanonicalForRunning: running.canonicalPlaces.contains(run.place),
            isMirrored: isMirrored,
            fingerprint: run.fingerprint
        )
    }
}

extension ArchivedRun {
    /// What shows that it is another run, or has grown, for as long as this process lives.
    ///
    /// Eight bytes instead of some hundred for each run of a plan. Nobody can make two alike: hashes have a secret, but where
    /// a test makes them deterministic.
    var fingerprint: Int {
        var hasher = Hasher()
        hasher.combine(identity)
        hasher.combine(sums)
        hasher.combine(endedAt)
        return hasher.finalize()
    }
}
