package import LoopModel
package import LoopStore
package import RunCatalogue

/// The runs of a history by its catalogue, which is brought up to date for that: what changed is found by a stat, and only
/// that is read.
package struct RunIndex: Sendable {
    /// How closely to look.
    package enum Depth: Sendable {
        /// At the directories that tell which runs there are, at the runs that somebody may be writing to, and at those
        /// that are asked for. A run that was changed in place by hand may be overlooked.
        case listing
        /// At every file of every run.
        case every
    }

    /// What of a known run is looked at.
    package enum StampExtent: Sendable {
        /// Each of its files.
        case files
        /// Its directory, and each of its files but the sums, which loopsync only ever replaces: the directory shows that.
        /// Enough for a list, which is wrong about a mirror where somebody else wrote into the sums.
        case contents
        /// Its directory, which shows whatever was made, replaced or removed in it. What somebody wrote into a file that
        /// was there is overlooked: enough for a forecast, at a quarter of the calls.
        case directory
    }

    let catalogue: Catalogue
    let loops: LoopsDirectory
    /// The time by the file system's clock.
    let clock: @Sendable () -> Timestamp
    /// So many runs are read before they are taken over: it bounds memory.
    static let batch = 2048

    /// Names the catalogue and whose it is.
    package init(
        _ catalogue: Catalogue,
        of loops: LoopsDirectory,
        clock: @escaping @Sendable () -> Timestamp = WallClock.now
    ) {
        self.catalogue = catalogue
        self.loops = loops
        self.clock = clock
    }

    /// What a look at the history found.
    package struct Refreshed: Sendable {
        /// What could not be read; such a run is not in the catalogue.
        package var unreadable: [PosixError] = []
        /// How many runs were read, since they were new or had changed.
        package var read = 0
        /// How many have gone.
        package var gone = 0
        /// Whether it was told not to go on.
        package var isCutShort = false
    }

    /// Brings the catalogue up to date.
    ///
    /// - Parameter progress: hears, between two batches, how many runs were read so far, and of how many; says whether to
    ///   go on. What was read by then is kept.
    /// - Returns: nil where the catalogue cannot be used.
    /// - Throws: the history itself cannot be listed.
    package func refresh(_ depth: Depth, progress: (Int, Int) -> Bool = { _, _ in true }) throws(PosixError)
        -> Refreshed?
    {
        guard let history = try loops.history() else {
            guard let known = catalogue.places(stamps: 0), catalogue.update([], forgetting: known.map(\.place)) != nil,
                catalogue.setDirectories([]) != nil
            else { return nil }
            return Refreshed(gone: known.count)
        }
        var refreshed = Refreshed()
        if try !isListed(history) {
            guard try list(history, progress, &refreshed) else { return nil }
            if refreshed.isCutShort { return refreshed }
        }
        guard try verify(depth, history, &refreshed) else { return nil }
        if depth == .every { try takePrunes() }
        return refreshed
    }

    /// Whether all directories that tell which runs there are, are what they were.
    private func isListed(_ history: any Directory) throws(PosixError) -> Bool {
        guard let directories = catalogue.directories(), !directories.isEmpty else { return false }
        for (path, stamp) in directories {
            guard try FileStamps.now(of: path, [], in: history)?.bytes == stamp else { return false }
        }
        return true
    }

    /// Makes the list of runs anew; false where the catalogue cannot be used.
    private func list(
        _ history: any Directory,
        _ progress: (Int, Int) -> Bool,
        _ refreshed: inout Refreshed
    ) throws(PosixError) -> Bool {
        let now = clock()
        let listing = try HistoryScan.listing(of: history)
        refreshed.unreadable += listing.unreadable
        guard let known = catalogue.places(stamps: FileStamps.directoryLength) else { return false }
        let standing = Set(listing.places)
        let gone = known.map(\.place).filter { !standing.contains($0) }
        refreshed.gone += gone.count
        guard catalogue.update([], forgetting: gone) != nil else { return false }
        let before = Dictionary(known.map { ($0.place, $0.stamp) }) { $1 }
        // Another run may have come to a known place.
        let isSame = Parallel.map(listing.places) { place -> Bool in
            guard let stamp = before[place] else { return false }
            return (try? FileStamps.now(of: place.components, [], in: history))?.bytes == stamp
        }
        let unknown = zip(listing.places, isSame).filter { !$0.1 }.map(\.0)
        guard let empty = try read(unknown, in: history, &refreshed, progress) else { return false }
        var directories = listing.looked.map { (path: $0.path, stamps: FileStamps($0.status, [])) }
        for place in empty {
            // It may become a run.
            guard let stamps = try? FileStamps.now(of: place.components, [], in: history) else { continue }
            directories.append((place.components, stamps))
        }
        let isSettled = directories.allSatisfy { $0.stamps.areSettled(at: now.microseconds &* 1000) }
        let isWhole = refreshed.unreadable.isEmpty && isSettled && !refreshed.isCutShort
        return catalogue.setDirectories(isWhole ? directories.map { ($0.path, $0.stamps.bytes) } : []) != nil
    }

    /// Reads runs and takes them over.
    ///
    /// - Returns: the places that hold no run; nil where the catalogue cannot be used.
    func read(
        _ places: [RunPlace],
        in history: any Directory,
        _ refreshed: inout Refreshed,
        _ progress: (Int, Int) -> Bool = { _, _ in true }
    ) throws(PosixError) -> [RunPlace]? {
        var empty: [RunPlace] = []
        for start in stride(from: 0, to: places.count, by: Self.batch) {
            let part = Array(places[start..<min(start + Self.batch, places.count)])
            let now = clock()
            let answers = Parallel.map(part) { place -> Result<RunRecord?, PosixError> in
                do throws(PosixError) {
                    return .success(try HistoryScan.record(place, in: history, now: now))
                } catch {
                    return .failure(error)
                }
            }
            var records: [RunRecord] = []
            var gone: [RunPlace] = []
            for (place, answer) in zip(part, answers) {
                switch answer {
                case .success(let record?): records.append(record)
                case .success(nil):
                    empty.append(place)
                    gone.append(place)
                case .failure(let error):
                    refreshed.unreadable.append(error)
                    gone.append(place)
                }
            }
            refreshed.read += records.count
            guard catalogue.update(records, forgetting: gone) != nil else { return nil }
            guard progress(start + part.count, places.count) else {
                refreshed.isCutShort = true
                break
            }
        }
        return empty
    }

    /// Reads again what changed among known runs; false where the catalogue cannot be used.
    func readAgain(_ places: [RunPlace], in history: any Directory, _ refreshed: inout Refreshed) throws(PosixError)
        -> Bool
    {
        guard !places.isEmpty else { return true }
        let before = refreshed.unreadable.count
        guard let empty = try read(places, in: history, &refreshed) else { return false }
        // What is no run any more, or cannot be read, is looked at again with the next list.
        guard !empty.isEmpty || refreshed.unreadable.count > before else { return true }
        return catalogue.setDirectories([]) != nil
    }

    /// Looks at known runs and reads those again that are not what they were; false where the catalogue cannot be used.
    private func verify(_ depth: Depth, _ history: any Directory, _ refreshed: inout Refreshed) throws(PosixError)
        -> Bool
    {
        if depth == .listing, let running = try? RunningRuns.read(loops) {
            guard let unsettled = catalogue.unsettledRuns() else { return false }
            // Executors write again to the archives of runs that are still in `.running`.
            let runs = unsettled + running.canonicalPlaces.compactMap(catalogue.run)
            return try readAgain(Self.changed(runs, in: history), in: history, &refreshed)
        }
        var last: RunPlace?
        repeat {
            guard let runs = catalogue.runs(after: last, count: Self.batch) else { return false }
            guard try readAgain(Self.changed(runs, in: history), in: history, &refreshed) else { return false }
            last = runs.count < Self.batch ? nil : runs.last?.run.place
        } while last != nil
        return true
    }

    /// Those of which a stat says something else than before, or that may hide a change.
    ///
    /// - Parameter isTrusting: whether they were read so shortly before that nothing can be hidden.
    static func changed(
        _ runs: [CataloguedRun],
        by extent: StampExtent = .files,
        in history: any Directory,
        isTrusting: Bool = false
    ) -> [RunPlace] {
        let isSame = Parallel.map(runs) { run -> Bool in
            (run.isSettled || isTrusting) && !Look(run).differs(by: extent, in: history)
        }
        return zip(runs, isSame).filter { !$0.1 }.map(\.0.run.place)
    }

    /// What a look at a run compares.
    struct Look: Sendable {
        let place: RunPlace
        private let names: [FileName]
        private let stamps: [UInt8]

        init(_ run: CataloguedRun) {
            place = run.run.place
            names = run.names
            stamps = run.stamps
        }

        /// Whether a stat of the run says something else than before.
        func differs(by extent: StampExtent, in history: any Directory) -> Bool {
            let kept: [FileName] =
                switch extent {
                case .files: names
                case .contents: names.filter { $0 != .sums }
                case .directory: []
                }
            guard let now = try? FileStamps.now(of: place.components, kept, in: history)?.bytes else { return true }
            return now != FileStamps.bytes(stamps, of: names, keeping: kept)
        }
    }

    /// Which of some runs differ from what they were.
    static func changed(_ looks: [Look], by extent: StampExtent, in history: any Directory) -> [RunPlace] {
        zip(looks, Parallel.map(looks) { $0.differs(by: extent, in: history) }).filter(\.1).map(\.0.place)
    }
}
