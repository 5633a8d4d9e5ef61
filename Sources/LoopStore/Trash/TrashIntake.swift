import LoopModel

/// Runs on their way from the history into the trash, one by one, with the syncs for many of them at once.
///
/// Each run goes by one rename, and its line in the log is written right after it: a process that is killed leaves what
/// the next one understands. What a power cut may undo until `sync` returns is the removal, never the run. The caller
/// holds the `HistoryLock`.
package final class TrashIntake {
    private let loops: LoopsDirectory
    private var log: PruneLog.Writer
    /// Where runs went: by area, day and loop, and known to be durable.
    private var places: [[FileName]: any Directory] = [:]
    /// What is to be synced, in this order.
    private var targets: [FileIdentity: any Directory] = [:]
    private var parents: [FileIdentity: any Directory] = [:]
    private var count = 0

    /// So many runs are made durable at once, of so many directories, each of which is open until then.
    private static let most = (runs: 1024, directories: 128)

    /// Whether it is time to `sync`.
    package var isFull: Bool {
        count >= Self.most.runs || max(targets.count, parents.count) >= Self.most.directories
    }

    /// Names the loops directory that the runs are of.
    package init(_ loops: LoopsDirectory) {
        self.loops = loops
        log = PruneLog.Writer(loops)
    }

    /// Moves a run out of the history.
    ///
    /// - Parameter record: what to note of it; its place says where the run is.
    package func take(_ record: PruneRecord) throws(PosixError) -> TrashEntry {
        guard let history = try loops.history() else {
            throw PosixError(call: "open", path: "\(loops.root.path)/.history", code: .noEntry)
        }
        let own = try loops.own(.trash)
        let isElsewhere = try history.status().identity.device != own.status().identity.device
        let entry: TrashEntry
        do {
            entry = try take(record, from: history, to: isElsewhere ? .insideHistory : .besideHistory)
        } catch  where error.code == .crossDevice {
            // The same device, but another mount.
            entry = try take(record, from: history, to: .insideHistory)
        }
        // The removal is done: where the log cannot be written (a full disk), the note in the trash says the same.
        try? log.write(record)
        count += 1
        return entry
    }

    /// Makes durable what was taken so far.
    package func sync() throws(PosixError) {
        defer {
            targets = [:]
            parents = [:]
            places = [:]
            count = 0
        }
        // The new places first: after a power cut between the two a run may stand twice, but never nowhere.
        for directory in targets.values { try directory.sync() }
        for directory in parents.values { try directory.sync() }
        try? log.sync()
    }

    private func take(_ record: PruneRecord, from history: any Directory, to area: TrashArea)
        throws(PosixError) -> TrashEntry
    {
        let run = record.place.runName
        let parent = record.place.layout == .flat ? history : try history.subdirectory(record.place.components[0])
        guard let parent else {
            throw PosixError(call: "rename", path: "\(history.path)/\(record.place)", code: .noEntry)
        }
        let loop = PathSafeName.component(for: record.loop)
        guard let date = TrashName.date(of: record.time) else {
            throw PosixError(call: "mkdir", path: "\(history.path)/\(record.place)", code: .invalid)
        }
        let target = try directory(area, date, loop, history)
        for number in 1...10_000 {
            guard let name = TrashName.entry(for: run, number: number),
                let note = TrashName.appending(TrashName.note, to: name)
            else { break }
            guard try target.status(of: name) == nil, try target.status(of: note) == nil else { continue }
            // Not synced: a run whose note a power cut took is understood by itself.
            let file = try target.createFile(note, mode: 0o600)
            do {
                try file.write(record.json.serialized(indent: 2), at: 0)
                try file.close()
                try parent.rename(run, into: target, as: name, .notReplacing)
            } catch {
                _ = try? target.unlink(note)
                guard error.code == .exists || error.code == .notEmpty else { throw error }
                continue
            }
            targets[try target.status().identity] = target
            parents[try parent.status().identity] = parent
            return TrashEntry(record: record, area: area, path: [date, loop, name])
        }
        throw PosixError(call: "rename", path: "\(target.path)/\(run)", code: .exists)
    }

    /// Where the runs of a loop go that are removed on a day.
    private func directory(_ area: TrashArea, _ date: FileName, _ loop: FileName, _ history: any Directory)
        throws(PosixError) -> any Directory
    {
        let path = [FileName(literal: area == .insideHistory ? "inside" : "beside"), date, loop]
        if let known = places[path] { return known }
        let trash = try ensureDirectory(of: area, history)
        let dated = try trash.ensureDirectory(date, mode: 0o700)
        let directory = try dated.ensureDirectory(loop, mode: 0o700)
        try trash.sync()
        try dated.sync()
        places[path] = directory
        return directory
    }

    private func ensureDirectory(of area: TrashArea, _ history: any Directory) throws(PosixError) -> any Directory {
        switch area {
        case .besideHistory:
            return try loops.own(.trash)
        case .insideHistory:
            let own = try history.ensureDirectory(.own, mode: 0o700)
            return try own.ensureDirectory(OwnPart.trash.name, mode: 0o700)
        }
    }
}
