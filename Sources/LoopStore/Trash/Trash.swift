package import LoopModel

/// Removed runs, kept whole until their time is over: `<date>/<loop>/<run>/` with the notes of all in a list beside them.
///
/// Every call that changes something expects that the caller holds the `HistoryLock`. Each step leaves what the next
/// process understands: a run's directory is in the history or in the trash, by one rename, and a note without a run or
/// a run without a note is no trouble.
package struct Trash: Sendable {
    let loops: LoopsDirectory

    /// Names the trash of a loops directory.
    package init(_ loops: LoopsDirectory) {
        self.loops = loops
    }

    /// The runs in the trash, the first removed first.
    ///
    /// - Parameter time: when they were removed at the latest; nil asks for all. The notes of younger days are not read.
    package func entries(removedBefore time: Timestamp? = nil) throws(PosixError) -> [TrashEntry] {
        var entries: [TrashEntry] = []
        for area in TrashArea.allCases {
            guard let trash = try directory(of: area) else { continue }
            for date in try trash.entries() where date.kind == .directory {
                guard let start = TrashName.start(of: date.name), start <= time ?? start,
                    let dated = try trash.subdirectory(date.name)
                else { continue }
                for loop in try dated.entries() where loop.kind == .directory {
                    guard let runs = try dated.subdirectory(loop.name) else { continue }
                    let notes = try notes(in: runs)
                    for run in try runs.entries()
                    where run.kind == .directory && !run.name.hasSuffix(TrashName.deleting) {
                        let record: PruneRecord
                        if let note = notes[run.name] {
                            record = note
                        } else if let note = try note(of: run.name, in: runs) {
                            record = note
                        } else {
                            record = try guess(loop.name, run.name, in: runs, start.adding(seconds: 86_400))
                        }
                        guard record.time <= time ?? record.time else { continue }
                        entries.append(TrashEntry(record: record, area: area, path: [date.name, loop.name, run.name]))
                    }
                }
            }
        }
        return entries.sorted { left, right in
            if left.record.time != right.record.time { return left.record.time < right.record.time }
            return left.path.lexicographicallyPrecedes(right.path)
        }
    }

    /// Whether there is no trash, or nothing in it.
    package func isEmpty() throws(PosixError) -> Bool {
        for area in TrashArea.allCases {
            if let trash = try directory(of: area), try !trash.entries().isEmpty { return false }
        }
        return true
    }

    /// The trash's directory, where it exists.
    func directory(of area: TrashArea) throws(PosixError) -> (any Directory)? {
        let holder: (any Directory)? =
            switch area {
            case .besideHistory: loops.root
            case .insideHistory: try loops.history()
            }
        return try holder?.subdirectory(.own)?.subdirectory(OwnPart.trash.name)
    }

    /// The last note of each name.
    private func notes(in directory: any Directory) throws(PosixError) -> [FileName: PruneRecord] {
        var notes: [FileName: PruneRecord] = [:]
        do {
            guard let bytes = try directory.contents(of: TrashName.notes, limit: TrashName.notesLimit) else {
                return [:]
            }
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                guard let record = (try? JSONValue(parsing: line)).flatMap(PruneRecord.init(json:)),
                    let entry = record.entry
                else { continue }
                notes[entry] = record
            }
        } catch {
            guard error.code == .fileTooBig else { throw error }
        }
        return notes
    }

    /// The note that an earlier version gave to each run.
    private func note(of run: FileName, in directory: any Directory) throws(PosixError) -> PruneRecord? {
        guard let name = TrashName.appending(TrashName.note, to: run),
            let bytes = try directory.contents(of: name, limit: 1 << 22),
            let json = try? JSONValue(parsing: bytes)
        else { return nil }
        return PruneRecord(json: json)
    }

    /// The record of a run without a note; it was removed before the end of its day.
    private func guess(_ loop: FileName, _ run: FileName, in runs: any Directory, _ time: Timestamp)
        throws(PosixError) -> PruneRecord
    {
        let place = RunPlace.parts(ofFlat: run) == nil ? RunPlace(loop: loop, run: run) : RunPlace(flat: run)
        if let directory = try runs.subdirectory(run), let found = try RunReading(of: directory).run(at: place) {
            return PruneRecord(.pruned, found, time: time, reasons: [])
        }
        return PruneRecord(
            place: place,
            loop: place.suggestedLoop,
            runID: place.suggestedRunID,
            time: time,
            size: 0
        )
    }
}
