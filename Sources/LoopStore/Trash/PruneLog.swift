package import LoopModel

/// `.loopsync/pruned.jsonl`: which runs were removed from the history by this program, and brought back.
///
/// It tells a mirror that follows deletions what was meant to go, and recovery which runs are missing on purpose. What
/// is in the trash is known without it. The caller holds the `HistoryLock` to write.
package struct PruneLog: Sendable {
    static let name = FileName(literal: "pruned.jsonl")
    /// Beyond this many bytes the older half goes; at some five hundred bytes per record that is after 30,000 of them.
    static let limit: Int64 = 16 << 20

    let loops: LoopsDirectory

    /// Names the log of a loops directory.
    package init(_ loops: LoopsDirectory) {
        self.loops = loops
    }

    /// All records, oldest first; a torn or foreign line is passed over.
    package func records() throws(PosixError) -> [PruneRecord] {
        guard let own = try loops.root.subdirectory(.own), let bytes = try newest(in: own) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            (try? JSONValue(parsing: line)).flatMap(PruneRecord.init(json:))
        }
    }

    /// The log's own status; nil where there is none.
    package func status() throws(PosixError) -> FileStatus? {
        try loops.root.subdirectory(.own)?.status(of: Self.name)
    }

    /// The runs whose last record says that they were removed, by this log or by the notes in the trash.
    ///
    /// A removal is done when the run is in the trash; a process that was killed before it wrote the log's line, or a
    /// log that somebody deleted, takes nothing away.
    package func pruned() throws(PosixError) -> [PruneRecord] {
        var last: [RunKey: PruneRecord] = [:]
        for record in try records() + Trash(loops).entries().map(\.record) {
            let key = RunKey(record)
            if let known = last[key], known.time > record.time { continue }
            last[key] = record
        }
        return last.values.filter { $0.change == .pruned }.sorted { ($0.time, $0.place) < ($1.time, $1.place) }
    }

    /// Writes one more record, durably.
    package func append(_ record: PruneRecord) throws(PosixError) {
        var writer = Writer(loops)
        try writer.write(record)
        try writer.sync()
    }

    /// Writes records one after the other, and makes them durable together.
    struct Writer {
        private let loops: LoopsDirectory
        private var lines: LineWriter?

        init(_ loops: LoopsDirectory) {
            self.loops = loops
        }

        mutating func write(_ record: PruneRecord) throws(PosixError) {
            try write(line: record.line)
        }

        /// - Parameter line: a record's.
        mutating func write(line: [UInt8]) throws(PosixError) {
            if lines == nil {
                lines = LineWriter(PruneLog.name, in: try loops.own(), limit: Int(PruneLog.limit) * 2)
            }
            try lines?.write(line)
        }

        /// Makes durable what was written; where the log has become long, its older half goes.
        mutating func sync() throws(PosixError) {
            // The next one looks for its directory again: somebody may have deleted that meanwhile.
            defer { lines = nil }
            guard try lines?.sync() == true, let size = lines?.size, size > PruneLog.limit else { return }
            try PruneLog(loops).shorten(loops.own())
        }
    }

    private func shorten(_ own: any Directory) throws(PosixError) {
        guard let bytes = try newest(in: own),
            let start = Newline.first(in: bytes[max(bytes.count / 2, bytes.count - Int(Self.limit / 2))...])
        else { return }
        try own.replaceFile(Self.name, with: bytes[(start + 1)...])
    }

    /// The log's bytes; of one that has become longer than it should, for instance where its disk was full when it was to
    /// be shortened, the end.
    func newest(in own: any Directory) throws(PosixError) -> [UInt8]? {
        guard let file = try own.openFile(Self.name, for: .reading) else { return nil }
        let most = Int(Self.limit) * 2
        let size = try file.status().size
        guard size > most else { return try file.contents(limit: most) }
        let end = try file.read(at: size - Int64(most), count: most)
        return Newline.first(in: end[...]).map { Array(end[($0 + 1)...]) } ?? []
    }

    private struct RunKey: Hashable {
        let identity: RunIdentity?
        let place: RunPlace?

        init(_ record: PruneRecord) {
            identity = record.identity
            place = record.identity == nil ? record.place : nil
        }
    }
}

extension Directory {
    /// Writes a file of this program anew: a temporary name, then one rename.
    package func replaceFile(_ name: FileName, with bytes: some Collection<UInt8>) throws(PosixError) {
        guard let temporary = FileName(name.bytes + Array(".new".utf8)) else {
            throw PosixError(call: "open", path: "\(path)/\(name)", code: .nameTooLong)
        }
        // Left over from a process that was killed.
        try unlink(temporary)
        let file = try createFile(temporary, mode: 0o600)
        try file.write(bytes, at: 0)
        try file.sync()
        try file.close()
        try rename(temporary, into: self, as: name, .replacing)
        try sync()
    }
}
