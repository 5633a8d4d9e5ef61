import LoopModel

/// Runs on their way from the history into the trash, one by one, with the syncs for many of them at once.
///
/// Each run goes by one rename, after its note and before its line in the log, which say the same: a process that is
/// killed leaves what the next one understands. What a power cut may undo until `sync` returns is the removal, never the
/// run. The caller holds the `HistoryLock`.
package final class TrashIntake {
    private let loops: LoopsDirectory
    private var log: PruneLog.Writer
    private var source: Source?
    private var targets: [Address: Target] = [:]
    /// Directories of runs whose own names are durable; open, so that none deleted meanwhile lends its identity to another.
    private var named: [Address: any Directory] = [:]
    private var count = 0
    /// Of the log's lines since the last sync.
    private var bytes = 0

    /// Where runs come from, and into which trash they go.
    private struct Source {
        let history: any Directory
        let area: TrashArea
        /// By the name of a nested run's loop; nil for runs of the flat layout.
        var parents: [FileName?: any Directory] = [:]
    }

    private struct Address: Hashable {
        var area: TrashArea
        var date: FileName
        var loop: FileName
    }

    /// Where runs of a loop go that are removed on a day.
    private final class Target {
        let directory: any Directory
        var notes: LineWriter

        init(_ directory: any Directory) {
            self.directory = directory
            notes = LineWriter(TrashName.notes, in: directory, limit: TrashName.notesLimit)
        }
    }

    /// So many runs are made durable at once, of so many directories, each of which is open until then; and so many bytes
    /// of the log, which is shortened between two batches alone.
    private static let most = (runs: 8192, bytes: 4 << 20, directories: 64)

    /// Whether it is time to `sync`.
    package var isFull: Bool {
        count >= Self.most.runs || bytes >= Self.most.bytes
            || max(targets.count, source?.parents.count ?? 0) >= Self.most.directories
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
        let (source, parent) = try origin(of: record.place)
        do {
            return try move(record, from: parent, to: source.area, source.history)
        } catch  where error.code == .crossDevice && source.area == .besideHistory {
            // The same device, but another mount.
            return try move(record, from: parent, to: .insideHistory, source.history)
        }
    }

    /// Makes durable what was taken so far.
    package func sync() throws(PosixError) {
        defer {
            source = nil
            targets = [:]
            count = 0
            bytes = 0
            if named.count > Self.most.directories { named = [:] }
        }
        // The new places first: after a power cut between the two a run may stand twice, but never nowhere. The notes are
        // not synced: a run whose note a power cut took is understood by itself.
        for target in targets.values { try target.directory.sync() }
        if let source { for parent in source.parents.values { try parent.sync() } }
        try? log.sync()
    }

    private func move(
        _ record: PruneRecord,
        from parent: any Directory,
        to area: TrashArea,
        _ history: any Directory
    ) throws(PosixError) -> TrashEntry {
        let loop = PathSafeName.component(for: record.loop)
        guard let date = TrashName.date(of: record.time) else {
            throw PosixError(call: "mkdir", path: "\(history.path)/\(record.place)", code: .invalid)
        }
        let target = try target(Address(area: area, date: date, loop: loop), history)
        let run = record.place.runName
        for number in 1...10_000 {
            guard let name = TrashName.entry(for: run, number: number) else { break }
            guard name != TrashName.notes, try target.directory.status(of: name) == nil else { continue }
            var noted = record
            noted.entry = name
            let line = noted.line
            // Of a name's notes the last counts: one whose run did not come after all is no trouble.
            try target.notes.write(line)
            do {
                try parent.rename(run, into: target.directory, as: name, .notReplacing)
            } catch {
                guard error.code == .exists || error.code == .notEmpty else { throw error }
                continue
            }
            count += 1
            bytes += line.count
            // The removal is done: where the log cannot be written (a full disk), the note in the trash says the same.
            try? log.write(line: line)
            return TrashEntry(record: noted, area: area, path: [date, loop, name])
        }
        throw PosixError(call: "rename", path: "\(target.directory.path)/\(run)", code: .exists)
    }

    /// Where a run comes from, and the directory that holds it.
    private func origin(of place: RunPlace) throws(PosixError) -> (Source, parent: any Directory) {
        var source: Source
        if let open = self.source { source = open } else { source = try open() }
        let loop = place.layout == .flat ? nil : place.components[0]
        if let parent = source.parents[loop] { return (source, parent) }
        var parent: (any Directory)? = source.history
        if let loop { parent = try source.history.subdirectory(loop) }
        guard let parent else {
            throw PosixError(call: "rename", path: "\(source.history.path)/\(place)", code: .noEntry)
        }
        source.parents[loop] = parent
        self.source = source
        return (source, parent)
    }

    private func open() throws(PosixError) -> Source {
        guard let history = try loops.history() else {
            throw PosixError(call: "open", path: "\(loops.root.path)/.history", code: .noEntry)
        }
        let own = try loops.own(.trash)
        let isElsewhere = try history.status().identity.device != own.status().identity.device
        return Source(history: history, area: isElsewhere ? .insideHistory : .besideHistory)
    }

    private func target(_ address: Address, _ history: any Directory) throws(PosixError) -> Target {
        if let known = targets[address] { return known }
        let trash = try ensureDirectory(of: address.area, history)
        let dated = try trash.ensureDirectory(address.date, mode: 0o700)
        let directory = try dated.ensureDirectory(address.loop, mode: 0o700)
        if try named[address]?.status().identity != directory.status().identity {
            try trash.sync()
            try dated.sync()
            named[address] = directory
        }
        let target = Target(directory)
        targets[address] = target
        return target
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
