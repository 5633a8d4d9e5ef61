import LoopModel

extension Trash {
    /// Deletes one run for good.
    ///
    /// The directory gets a name first under which it is no run any more, so that nobody restores a part of one.
    private static func delete(_ run: FileName, in runs: Runs) throws(PosixError) {
        guard let doomed = TrashName.appending(TrashName.deleting, to: run),
            let note = TrashName.appending(TrashName.note, to: run)
        else { return }
        do {
            try runs.directory.rename(run, into: runs.directory, as: doomed, .notReplacing)
        } catch {
            guard error.code == .exists || error.code == .notEmpty else { throw error }
            // What an interrupted deletion left of another run that had this name.
            try runs.directory.removeTree(doomed)
            try runs.directory.rename(run, into: runs.directory, as: doomed, .notReplacing)
        }
        try runs.directory.removeDirectoryTree(doomed)
        if runs.notes.contains(note) { try runs.directory.unlink(note) }
    }

    /// The directory of the runs of a loop and a day.
    private struct Runs {
        let directory: any Directory
        /// What earlier versions noted of single runs.
        let notes: Set<FileName>

        init(_ directory: any Directory) throws(PosixError) {
            self.directory = directory
            notes = Set(try directory.entries().map(\.name).filter { $0.hasSuffix(TrashName.note) })
        }
    }

    /// Deletes runs for good, and what interrupted deletions left.
    ///
    /// - Parameters:
    ///   - count: how many at once.
    ///   - spreading: how to go through so many.
    ///   - isWanted: asked before each so many, with how many came before, whether to go on.
    /// - Returns: what was deleted; what could not be is in `failures`.
    package func deleteAll(
        _ entries: [TrashEntry],
        atOnce count: Int = 256,
        by spreading: Spreading = Spread.inOrder,
        while isWanted: (Int) throws(PosixError) -> Bool = { (_) throws(PosixError) in true }
    ) throws(PosixError) -> (deleted: [TrashEntry], failures: [PosixError]) {
        var deleted: [TrashEntry] = []
        var failures: [PosixError] = []
        var last: (area: TrashArea, path: ArraySlice<FileName>, runs: Runs)?
        for start in stride(from: 0, to: entries.count, by: count) {
            guard try isWanted(start) else { break }
            var present: [(entry: TrashEntry, runs: Runs)] = []
            for entry in entries[start...].prefix(count) {
                do throws(PosixError) {
                    if last?.area != entry.area || last?.path != entry.path.dropLast() {
                        last = try directory(of: entry).map { (directory) throws(PosixError) in
                            (entry.area, entry.path.dropLast(), try Runs(directory))
                        }
                    }
                    if let last { present.append((entry, last.runs)) } else { deleted.append(entry) }
                } catch {
                    failures.append(error)
                }
            }
            let results = Spread.map(present, by: spreading) { _, run in
                Result { () throws(PosixError) in
                    if let name = run.entry.path.last { try Self.delete(name, in: run.runs) }
                    return run.entry
                }
            }
            for result in results {
                switch result {
                case .success(let entry): deleted.append(entry)
                case .failure(let error): failures.append(error)
                }
            }
        }
        // Also the directories that are empty by now.
        try tidy()
        return (deleted, failures)
    }

    /// Deletes the oldest until so many bytes are free on the history's file system, or nothing is left to delete.
    package func deleteOldest(untilFree bytes: Int64) throws(PosixError)
        -> (deleted: [TrashEntry], failures: [PosixError])
    {
        guard let history = try loops.history(), try history.freeBytes() < bytes else { return ([], []) }
        return try deleteAll(
            entries(),
            atOnce: 1,
            while: { (_) throws(PosixError) in try history.freeBytes() < bytes }
        )
    }

    /// Finishes deletions that were interrupted, and drops notes without a run.
    private func tidy() throws(PosixError) {
        for area in TrashArea.allCases {
            guard let trash = try directory(of: area) else { continue }
            for date in try trash.entries() where date.kind == .directory {
                guard TrashName.start(of: date.name) != nil, let dated = try trash.subdirectory(date.name) else {
                    continue
                }
                for loop in try dated.entries() where loop.kind == .directory {
                    if let runs = try dated.subdirectory(loop.name) { try tidy(runs) }
                    _ = try? dated.removeDirectory(loop.name)
                }
                _ = try? trash.removeDirectory(date.name)
            }
        }
    }

    private func tidy(_ runs: any Directory) throws(PosixError) {
        let entries = try runs.entries()
        let names = Set(entries.map(\.name))
        for entry in entries {
            if entry.kind == .directory, entry.name.hasSuffix(TrashName.deleting) {
                try runs.removeTree(entry.name)
            } else if let run = entry.name.dropping(suffix: TrashName.note), !names.contains(run) {
                try runs.unlink(entry.name)
            }
        }
        try dropNotes(of: runs)
    }

    /// Drops the list of notes once nothing stands beside it.
    func dropNotes(of runs: any Directory) throws(PosixError) {
        guard try runs.entries().map(\.name) == [TrashName.notes] else { return }
        try runs.unlink(TrashName.notes)
    }

    func directory(of entry: TrashEntry) throws(PosixError) -> (any Directory)? {
        var directory = try directory(of: entry.area)
        for name in entry.path.dropLast() { directory = try directory?.subdirectory(name) }
        return directory
    }

    /// Directories of the trash are this program's own, so that they may go; those of the history never do, since an
    /// executor may be about to write into one.
    func removeEmptyDirectories(of entry: TrashEntry) throws(PosixError) {
        guard let trash = try directory(of: entry.area), let dated = try trash.subdirectory(entry.path[0]) else {
            return
        }
        if let runs = try dated.subdirectory(entry.path[1]) { try dropNotes(of: runs) }
        _ = try? dated.removeDirectory(entry.path[1])
        _ = try? trash.removeDirectory(entry.path[0])
    }
}
