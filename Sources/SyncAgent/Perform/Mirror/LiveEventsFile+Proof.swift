import LoopModel
import LoopStore
import SyncCore

extension LiveEventsFile {
    /// Makes sure that the open destination is the file we left; false when a copy has to replace what is there.
    func openDestination(
        _ root: any Directory,
        _ source: any File,
        mayAppend: Bool
    ) throws(PosixError) -> Bool {
        guard let known = tail else { return false }
        if destination == nil { destination = try site.directory(of: stem, in: root)?.openFile(name, for: .writing) }
        guard let destination else { return false }
        let status = try destination.status()
        // A second name means that the archived copy shares the bytes (or somebody's backup does): an append would
        // change it too. No name at all: it was removed.
        guard status.links == 1 || (status.links > 1 && !mayAppend) else { return false }
        guard Seal(status) != known.seal else { return true }
        // Touched, or replaced by a sync client. Only other bytes are another's edit.
        guard status.size <= known.offset, try destination.hasSameBytes(as: source, upTo: status.size) else {
            return false
        }
        tail = try tail(of: destination, status, proven: source, source.status().identity)
        return true
    }

    /// Finds out after a start how much of the source a destination holds.
    ///
    /// Up to 1 MiB everything is compared. Of more, the first and the last 64 KiB: executors only append, every file
    /// begins with a `loop_start` that carries microseconds, and reading hundreds of megabytes at every start would
    /// cost more than it can find; the archived run is compared byte for byte.
    func prove(_ source: any File, _ status: FileStatus, _ root: any Directory) throws(PosixError) -> Tail? {
        guard let file = try site.directory(of: stem, in: root)?.openFile(name, for: .writing) else { return nil }
        let there = try file.status()
        guard there.size <= status.size else { return nil }
        if Defect.lengthTrusted.isMade {
            destination = file
            return try tail(of: file, there, proven: source, status.identity)
        }
        let edge: Int64 = 1 << 16
        if there.size <= 1 << 20 {
            guard try file.hasSameBytes(as: source, upTo: there.size) else { return nil }
        } else {
            guard try file.hasSameBytes(as: source, upTo: edge),
                try file.hasSameBytes(as: source, from: there.size - edge, upTo: there.size)
            else { return nil }
        }
        destination = file
        return try tail(of: file, there, proven: source, status.identity)
    }

    /// Describes a destination that is a beginning of its source, without the torn line that a crash left at its end.
    private func tail(
        of file: any File,
        _ status: FileStatus,
        proven source: any File,
        _ identity: FileIdentity
    ) throws(PosixError) -> Tail {
        var offset = status.size
        if offset > 0, status.links == 1, try offset < source.status().size,
            try file.read(at: offset - 1, count: 1) != [0x0A]
        {
            offset = try file.endOfLines(after: 0, upTo: offset) ?? 0
            try file.truncate(to: offset)
        }
        let start = max(0, offset - Self.remembered)
        return Tail(
            source: identity,
            offset: offset,
            searched: offset,
            memory: try source.read(at: start, count: Int(offset - start)),
            seal: Seal(try file.status()),
            mode: status.mode
        )
    }
}

extension File {
    /// The end of the last whole line, searched backwards from the end; nil when no newline is in that part.
    func endOfLines(after start: Int64, upTo end: Int64) throws(PosixError) -> Int64? {
        var end = end
        while end > start {
            let begin = max(start, end - (1 << 16))
            let bytes = try read(at: begin, count: Int(end - begin))
            if let place = Newline.last(in: bytes[...]) { return begin + Int64(place) + 1 }
            end = begin
        }
        return nil
    }

    /// The first line without its newline; nil for none within the limit.
    func firstLine(limit: Int) throws(PosixError) -> [UInt8]? {
        let bytes = try read(at: 0, count: limit)
        return Newline.first(in: bytes[...]).map { Array(bytes[..<$0]) }
    }
}
