import LoopModel

extension ArchiveWork {
    /// Brings an archive up to date that stands already.
    func bringUpToDate(_ base: RunPlace, absorbing others: [RunPlace]) throws -> (ArchiveChange, conflicts: [String]) {
        let standing = try StandingRun(base, in: history)
        let doubles = try others.map { try StandingRun($0, in: history) }
        var merge = RunMerge(for: source?.source)
        try merge.take(standing.directory, isBase: true)
        for double in doubles { try merge.take(double.directory, isBase: false) }
        if let source { try merge.take(source) }

        var change = ArchiveChange.unchanged
        if merge.isChange || !doubles.isEmpty {
            let slot = try staging.open(for: history, insideHistory: stagingInside)
            defer { slot.remove() }
            if merge.isChange {
                try replace(standing, with: merge, in: slot)
                change = .extended
            } else if try adopt(standing) {
                change = .adopted
            }
            for (number, double) in doubles.enumerated() {
                guard let name = FileName("double-\(number)") else { continue }
                if !double.others.isEmpty { try slot.noteHome(base) }
                do {
                    let permit = try gate.enter(source?.source.loop)
                    defer { withExtendedLifetime(permit) {} }
                    try double.parent.rename(double.place.runName, into: slot.directory, as: name, .notReplacing)
                }
                try double.parent.sync()
                try retire(double, in: slot, as: name, into: base)
                if change == .unchanged { change = .adopted }
            }
        } else {
            try source?.checkUnchanged()
            if try adopt(standing) {
                change = .adopted
            } else {
                // Who gave it its name may have been killed before that was durable.
                try makeDurable(standing)
            }
        }
        return (change, merge.conflicts)
    }

    /// Gives a run other contents for some of its files, and leaves the others.
    func replaceFiles(_ files: [FileName: Ingredient], of place: RunPlace) throws {
        let standing = try StandingRun(place, in: history)
        var all = files
        for entry in try standing.directory.entries()
        where entry.kind == .file && entry.name != .sums && files[entry.name] == nil {
            guard let status = try standing.directory.status(of: entry.name) else { continue }
            all[entry.name] = Ingredient([.file(standing.directory, entry.name, status.identity)])
        }
        let slot = try staging.open(for: history, insideHistory: stagingInside)
        defer { slot.remove() }
        try replace(standing, with: RunMerge(files: all), in: slot)
    }

    /// Swaps a whole new directory in, and the old one out.
    private func replace(_ standing: StandingRun, with merge: RunMerge, in slot: StagingSlot) throws {
        // Asked once more when it counts; where it is not the moment, nothing has to be copied for that.
        _ = try gate.enter(source?.source.loop)
        let files = try write(merge, into: slot, mode: standing.directory.status().mode)
        if !standing.others.isEmpty { try slot.noteHome(standing.place) }
        if try exchange(standing, in: slot) {
            do {
                try files.putBack()
            } catch {
                _ = try? exchange(standing, in: slot)
                throw error
            }
            try makeDurable(standing)
        } else {
            try replaceWithoutExchange(standing, in: slot, files)
        }
        try retire(standing, in: slot, as: Self.run, into: standing.place)
    }

    /// Swaps in one step; false where the file system cannot.
    private func exchange(_ standing: StandingRun, in slot: StagingSlot) throws -> Bool {
        let permit = try gate.enter(source?.source.loop)
        defer { withExtendedLifetime(permit) {} }
        do throws(PosixError) {
            try slot.directory.rename(Self.run, into: standing.parent, as: standing.place.runName, .exchanging)
            return true
        } catch  where [.invalid, .notSupported, .operationNotSupported].contains(error.code) {
            return false
        }
    }

    /// Swaps in three steps, for file systems that cannot do it in one.
    ///
    /// The old directory steps aside under a name where it is still found as the same run, the new one takes its place,
    /// and then the old one goes. At no moment is the run nowhere.
    private func replaceWithoutExchange(
        _ standing: StandingRun,
        in slot: StagingSlot,
        _ files: StagedFiles
    ) throws {
        guard let aside = free.first else {
            throw PosixError(call: "rename", path: standing.directory.path, code: .exists)
        }
        try rename(standing.place, to: aside)
        try slot.directory.rename(Self.run, into: standing.parent, as: standing.place.runName, .notReplacing)
        try files.putBack()
        try standing.parent.sync()
        let old = try ensureParent(of: aside)
        try old.rename(aside.runName, into: slot.directory, as: Self.run, .notReplacing)
        try old.sync()
    }

    /// Gives up a directory whose files are all in the archive now.
    ///
    /// What is no file (a person's directory, a link) moves over as it is. Where an executor wrote into it meanwhile,
    /// it goes back into the history beside the archive, for the next call to take in.
    private func retire(_ old: StandingRun, in slot: StagingSlot, as name: FileName, into place: RunPlace) throws {
        // RACE: a kill in here leaves a retired directory to `discardStaging`. Its files are in the archive; what an
        // executor wrote into it within these microseconds comes from `.running`, where the pins hold it; the slot
        // knows whose the rest is. Only a directory that a person made since `old` was read goes with a kill.
        if let new = try HistoryScan.directory(of: place, in: history) {
            for other in try old.directory.entries() where other.kind != .file {
                try old.directory.move(other.name, into: new)
            }
        }
        guard try !old.isUntouched() else { return }
        guard let aside = try unused() else { return }
        let parent = try ensureParent(of: aside)
        try slot.directory.rename(name, into: parent, as: aside.runName, .notReplacing)
        try parent.sync()
        throw SourceChanged(path: "\(history.path)/\(place)")
    }

    private func changed(_ standing: StandingRun) -> SourceChanged {
        SourceChanged(path: "\(history.path)/\(standing.place)")
    }

    private func unused() throws -> RunPlace? {
        for place in free where try parent(of: place)?.status(of: place.runName) == nil { return place }
        return nil
    }

    /// Sums a run that an executor copied over the archive of a namesake while nobody looked.
    ///
    /// The sums that stand there are the namesake's, and nobody else would come back for a run whose files have left
    /// `.running`. An executor writes both files; what is damaged by other hands stays to be found.
    func adoptCopy(at place: RunPlace) throws {
        guard let directory = try HistoryScan.directory(of: place, in: history),
            let summed = try directory.status(of: .sums)
        else { return }
        for name in [FileName.state, .events] {
            guard let status = try directory.status(of: name), status.changed > summed.changed else { return }
        }
        if case .success(let sums)? = try SumsFile.stored(in: directory), try sums.damage(in: directory).isEmpty {
            return
        }
        do {
            _ = try adopt(StandingRun(place, in: history))
        } catch is SourceChanged {
            // It is being written this moment: the one who writes is seen.
        }
    }

    /// Makes durable what an executor archived, and sums it; its bytes stay untouched.
    ///
    /// - Returns: false where its sums were right already.
    func adopt(_ standing: StandingRun) throws -> Bool {
        if try SumsFile.areCurrent(in: standing.directory) { return false }
        for entry in try standing.directory.entries() where entry.kind == .file {
            try standing.directory.openFile(entry.name, for: .reading)?.sync()
        }
        let sums = try SumsFile.computed(for: standing.directory)
        guard !sums.checksums.isEmpty else { return false }
        // An executor that copies here meanwhile leaves bytes that nobody summed, under sums that are younger than they.
        let before = try StandingRun.files(in: standing.directory)
        guard try standing.isUntouched() else { throw changed(standing) }
        if case .success(sums)? = try SumsFile.stored(in: standing.directory) { return false }
        // RACE: an executor that copies between this look and the rename, and a kill before the next look, leave sums that
        // look current and are not. Nothing of the run is lost: `verify` tells of it, and the executor's next copy mends it.
        let lastChange = sums.checksums.keys.compactMap { before[$0]?.changed }.max() ?? 0
        try staging.replaceSums(in: standing.directory, with: sums, lastChange: lastChange, history: history)
        guard try StandingRun.files(in: standing.directory).areUnchanged(since: before, but: .sums) else {
            try standing.directory.unlink(.sums)
            throw changed(standing)
        }
        try makeDurable(standing)
        return true
    }

    /// Makes the names that lead to a run durable, also that of a loop's directory, which an executor may have made.
    private func makeDurable(_ standing: StandingRun) throws(PosixError) {
        try standing.parent.sync()
        try history.sync()
    }
}

extension StagingArea {
    /// Writes a run's sums anew, so that at any moment the old or the new ones stand there.
    ///
    /// - Parameter lastChange: of the files as they were summed.
    func replaceSums(in directory: any Directory, with sums: SumsFile, lastChange: Int64, history: any Directory)
        throws(PosixError)
    {
        do {
            try replaceSums(in: directory, with: sums, lastChange, from: open(for: history))
        } catch  where error.code == .crossDevice {
            try replaceSums(in: directory, with: sums, lastChange, from: open(for: history, insideHistory: true))
        }
    }

    private func replaceSums(
        in directory: any Directory,
        with sums: SumsFile,
        _ lastChange: Int64,
        from slot: StagingSlot
    ) throws(PosixError) {
        defer { slot.remove() }
        var mode: UInt32 = 0
        for name in sums.checksums.keys { mode |= try directory.status(of: name)?.mode ?? 0 }
        try sums.write(into: slot.directory, mode: mode, lastChange: lastChange)
        try slot.directory.rename(.sums, into: directory, as: .sums, .replacing)
        try directory.sync()
    }
}

/// A run's directory in the history, as it was when its files were first looked at.
struct StandingRun {
    let place: RunPlace
    let parent: any Directory
    let directory: any Directory
    /// Entries that are no files.
    let others: [FileName]
    private let files: [FileName: FileStatus]

    init(_ place: RunPlace, in history: any Directory) throws {
        guard let parent = place.layout == .flat ? history : try history.subdirectory(place.components[0]),
            let directory = try parent.subdirectory(place.runName)
        else { throw SourceChanged(path: "\(history.path)/\(place)") }
        self.place = place
        self.parent = parent
        self.directory = directory
        others = try directory.entries().filter { $0.kind != .file }.map(\.name)
        files = try Self.files(in: directory)
    }

    /// Whether its files are what they were.
    func isUntouched() throws -> Bool {
        try Self.files(in: directory).areUnchanged(since: files)
    }

    static func files(in directory: any Directory) throws -> [FileName: FileStatus] {
        var files: [FileName: FileStatus] = [:]
        for entry in try directory.entries() where entry.kind == .file {
            files[entry.name] = try directory.status(of: entry.name)
        }
        return files
    }
}

extension [FileName: FileStatus] {
    /// Whether these are the same files with the same contents.
    ///
    /// - Parameter excluded: a name that does not count.
    fileprivate func areUnchanged(since earlier: Self, but excluded: FileName? = nil) -> Bool {
        let (now, before) = (filter { $0.key != excluded }, earlier.filter { $0.key != excluded })
        return now.count == before.count
            && before.allSatisfy { name, status in now[name]?.isUnchanged(since: status) == true }
    }
}
