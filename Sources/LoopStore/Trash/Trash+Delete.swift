import LoopModel

extension Trash {
    /// Deletes one run for good.
    ///
    /// The directory gets a name first under which it is no run any more, so that nobody restores a part of one.
    private static func delete(_ run: FileName, in runs: any Directory) throws(PosixError) {
        guard let doomed = TrashName.appending(TrashName.deleting, to: run) else { return }
        do {
            try runs.rename(run, into: runs, as: doomed, .notReplacing)
        } catch {
            guard error.code == .exists || error.code == .notEmpty else { throw error }
            // What an interrupted deletion left of another run that had this name.
            try runs.removeTree(doomed)
            try runs.rename(run, into: runs, as: doomed, .notReplacing)
        }
        try runs.removeDirectoryTree(doomed)
    }

    /// Deletes runs for good, and what interrupted deletions left.
    ///
    /// - Parameters:
    ///   - batch: how many are deleted between two questions.
    ///   - spreading: how to go through a batch.
    ///   - isWanted: asked before each batch, with how many runs came before it, whether to go on.
    /// - Returns: what was deleted; what could not be is in `failures`.
    package func deleteAll(
        _ entries: [TrashEntry],
        batch: Int = Self.batch,
        by spreading: Spreading = Spread.inOrder,
        while isWanted: (Int) throws(PosixError) -> Bool = { (_) throws(PosixError) in true }
    ) throws(PosixError) -> (deleted: [TrashEntry], failures: [PosixError]) {
        var deleted: [TrashEntry] = []
        var failures: [PosixError] = []
        var holders = Holders()
        for start in stride(from: 0, to: entries.count, by: batch) {
            guard try isWanted(start) else { break }
            holders.forgetMany()
            var present: [(entry: TrashEntry, runs: any Directory)] = []
            for entry in entries[start...].prefix(batch) {
                do throws(PosixError) {
                    if let runs = try holders.directory(of: entry, in: self) {
                        present.append((entry, runs))
                    } else {
                        deleted.append(entry)
                    }
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
        tidy { error in
            // What could not be deleted is met once more.
            if !failures.contains(error) { failures.append(error) }
        }
        return (deleted, failures)
    }

    /// What two threads share well, and no more than so many directories are open for it.
    package static let batch = 64

    /// The directories of the runs of a loop and a day, open from one run to the next: runs of several loops that were
    /// removed one by one come in turns.
    private struct Holders {
        private var open: [Address: any Directory] = [:]

        private struct Address: Hashable {
            let area: TrashArea
            let path: ArraySlice<FileName>
        }

        mutating func directory(of entry: TrashEntry, in trash: Trash) throws(PosixError) -> (any Directory)? {
            let address = Address(area: entry.area, path: entry.path.dropLast())
            if let known = open[address] { return known }
            let found = try trash.directory(of: entry)
            open[address] = found
            return found
        }

        /// Leaves no more than a batch's open.
        mutating func forgetMany() {
            if open.count > Trash.batch { open = [:] }
        }
    }

    /// Deletes the oldest until so many bytes are free on the history's file system, or nothing is left to delete.
    package func deleteOldest(untilFree bytes: Int64) throws(PosixError)
        -> (deleted: [TrashEntry], failures: [PosixError])
    {
        guard let history = try loops.history(), try history.freeBytes() < bytes else { return ([], []) }
        return try deleteAll(
            entries(),
            batch: 1,
            while: { (_) throws(PosixError) in try history.freeBytes() < bytes }
        )
    }

    /// Finishes deletions that were interrupted, drops notes without a run, and directories without either.
    ///
    /// - Parameter report: takes what could not be done; it keeps nothing else from being done.
    private func tidy(report: (PosixError) -> Void) {
        func attempt(_ work: () throws(PosixError) -> Void) {
            do throws(PosixError) { try work() } catch { report(error) }
        }
        for area in TrashArea.allCases {
            attempt { () throws(PosixError) in
                guard let trash = try directory(of: area) else { return }
                for date in try trash.entries() where date.kind == .directory {
                    attempt { () throws(PosixError) in
                        guard TrashName.start(of: date.name) != nil, let dated = try trash.subdirectory(date.name)
                        else { return }
                        for loop in try dated.entries() where loop.kind == .directory {
                            attempt { () throws(PosixError) in
                                if let runs = try dated.subdirectory(loop.name) { try tidy(runs) }
                            }
                            _ = try? dated.removeDirectory(loop.name)
                        }
                        _ = try? trash.removeDirectory(date.name)
                    }
                }
            }
        }
    }

    private func tidy(_ runs: any Directory) throws(PosixError) {
        let entries = try runs.entries()
        let names = Set(entries.map(\.name))
        for entry in entries {
            if entry.name.hasSuffix(TrashName.deleting) {
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
