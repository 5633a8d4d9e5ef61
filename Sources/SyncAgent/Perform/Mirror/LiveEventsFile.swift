import LoopModel
import LoopStore
import SyncCore

/// One events file of the mirror that follows its source while the run lives.
///
/// Its bytes are always the beginning of its source's, up to the end of a line; only the append itself, or a crash in
/// it, can be seen half done. Nothing here is made durable: what matters after a power cut is the archived run.
final class LiveEventsFile {
    /// What the destination looked like when we last left it; anything else is somebody's hand.
    struct Seal: Equatable {
        var identity: FileIdentity
        var size: Int64
        var modified: Int64

        init(_ status: FileStatus) {
            identity = status.identity
            size = status.size
            modified = status.modified
        }
    }

    /// How the destination relates to its source.
    private struct Tail {
        var source: FileIdentity
        /// So many bytes stand on both sides.
        var offset: Int64
        /// The source has no newline between the offset and here.
        var searched: Int64
        /// The last bytes before the offset: a source that was cut and written again under the same inode shows there.
        var memory: [UInt8]
        var seal: Seal
    }

    /// A copy from the beginning, before it takes the destination's name.
    private struct Copy {
        var source: FileIdentity
        var file: any File
        var name: FileName
        var scratch: any Directory
        var offset: Int64
    }

    /// What one call did.
    enum Progress {
        case unchanged
        case wrote(Int64)
        /// A long copy is under way; call again.
        case more
    }

    private static let piece = 1 << 20
    private static let piecesPerCall = 16
    private static let remembered: Int64 = 64

    private let stem: LiveStem
    private let site: LiveSite
    private var tail: Tail?
    private var copy: Copy?
    private var destination: (any File)?

    init(stem: LiveStem, site: LiveSite) {
        self.stem = stem
        self.site = site
    }

    private var name: FileName { stem.name(of: .events) }

    /// Whether a descriptor on the sync directory's file system is held.
    var isOpen: Bool { destination != nil || copy != nil }

    /// Gives the descriptor back; what is known stays known.
    func close() {
        // An error that only closing tells (NFS) means bytes are missing there; proving the prefix again finds that.
        do { try destination?.close() } catch { tail = nil }
        destination = nil
        if let copy { discard(copy) }
    }

    /// Forgets everything, as after a restart.
    func forget() {
        close()
        tail = nil
    }

    /// Brings the destination up to the last whole line of its source, or to its last byte.
    ///
    /// - Parameters:
    ///   - source: the executor's file, opened by whatever name still leads to it.
    ///   - includingTornLine: the run has ended, so that an unfinished line stays unfinished.
    func follow(_ source: any File, in root: any Directory, includingTornLine: Bool) throws(PosixError) -> Progress {
        let status = try source.status()
        if let copy, copy.source != status.identity || copy.offset > status.size { discard(copy) }
        if copy != nil { return try goOn(source, status, root, includingTornLine) }
        if tail == nil { tail = try prove(source, status, root) }
        guard let known = tail, known.source == status.identity, known.offset <= status.size,
            try openDestination(root, source, mayAppend: known.offset < status.size)
        else { return try start(source, status, root, includingTornLine) }
        guard let tail else { return .unchanged }
        return try append(source, status, tail, root, includingTornLine)
    }

    // The hot path: four calls of the system and one write for each append.
    private func append(
        _ source: any File,
        _ status: FileStatus,
        _ known: Tail,
        _ root: any Directory,
        _ includingTornLine: Bool
    ) throws(PosixError) -> Progress {
        guard status.size > known.offset else { return .unchanged }
        let fresh = status.size - known.offset
        guard fresh <= Self.piece, known.searched == known.offset || includingTornLine else {
            return try appendLong(source, status, known, root, includingTornLine)
        }
        let before = known.memory.count
        let bytes = try source.read(at: known.offset - Int64(before), count: before + Int(fresh))
        guard bytes.count == before + Int(fresh), bytes.starts(with: known.memory) else {
            return try start(source, status, root, includingTornLine)
        }
        let end =
            includingTornLine ? bytes.count : bytes[before...].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
        guard let end, end > before else {
            tail?.searched = status.size
            return .unchanged
        }
        try write(bytes[before..<end], after: known)
        return .wrote(Int64(end - before))
    }

    /// Appends more than one piece, or finds the end of a line that is longer than one.
    private func appendLong(
        _ source: any File,
        _ status: FileStatus,
        _ known: Tail,
        _ root: any Directory,
        _ includingTornLine: Bool
    ) throws(PosixError) -> Progress {
        let memory = try source.read(at: known.offset - Int64(known.memory.count), count: known.memory.count)
        guard memory == known.memory else { return try start(source, status, root, includingTornLine) }
        let found = try includingTornLine ? status.size : source.endOfLines(after: known.searched, upTo: status.size)
        guard let end = found else {
            tail?.searched = status.size
            return .unchanged
        }
        var now = known
        for _ in 0..<Self.piecesPerCall where now.offset < end {
            let bytes = try source.read(at: now.offset, count: Int(min(Int64(Self.piece), end - now.offset)))
            guard !bytes.isEmpty else { return try start(source, status, root, includingTornLine) }
            now = try write(bytes[...], after: now)
        }
        return now.offset < end ? .more : .wrote(now.offset - known.offset)
    }

    @discardableResult
    private func write(_ bytes: ArraySlice<UInt8>, after known: Tail) throws(PosixError) -> Tail {
        guard let destination else { throw PosixError(call: "write", path: name.description, code: .badDescriptor) }
        // RACE: somebody may change the destination between the look in `openDestination` and this write. Their bytes
        // are then overwritten or mixed in; the archived run is compared with its sums and does not take them over.
        do {
            try destination.write(bytes, at: known.offset)
            var next = known
            next.offset += Int64(bytes.count)
            next.searched = next.offset
            next.memory = Array((known.memory + bytes.suffix(Int(Self.remembered))).suffix(Int(Self.remembered)))
            next.seal = Seal(try destination.status())
            tail = next
            return next
        } catch {
            // A full disk may have taken half a line: it goes, and where it cannot, the next proof cuts it.
            try? destination.truncate(to: known.offset)
            forget()
            throw error
        }
    }
}

// MARK: - Knowing the destination

extension LiveEventsFile {
    /// Makes sure that the open destination is the file we left; false when a copy has to replace what is there.
    private func openDestination(
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
    private func prove(_ source: any File, _ status: FileStatus, _ root: any Directory) throws(PosixError) -> Tail? {
        guard let file = try site.directory(of: stem, in: root)?.openFile(name, for: .writing) else { return nil }
        let there = try file.status()
        guard there.size <= status.size else { return nil }
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
            seal: Seal(try file.status())
        )
    }
}

// MARK: - Copying anew

extension LiveEventsFile {
    private func start(
        _ source: any File,
        _ status: FileStatus,
        _ root: any Directory,
        _ includingTornLine: Bool
    ) throws(PosixError) -> Progress {
        try? destination?.close()
        destination = nil
        let scratch = try site.scratch.open(in: root)
        let name = site.freshName()
        let file = try scratch.createFile(name, mode: 0o600)
        copy = Copy(source: status.identity, file: file, name: name, scratch: scratch, offset: 0)
        return try goOn(source, status, root, includingTornLine)
    }

    private func goOn(
        _ source: any File,
        _ status: FileStatus,
        _ root: any Directory,
        _ includingTornLine: Bool
    ) throws(PosixError) -> Progress {
        guard var copy else { return .unchanged }
        do {
            let end =
                try includingTornLine
                ? status.size : source.endOfLines(after: copy.offset, upTo: status.size) ?? copy.offset
            for _ in 0..<Self.piecesPerCall where copy.offset < end {
                let bytes = try source.read(at: copy.offset, count: Int(min(Int64(Self.piece), end - copy.offset)))
                guard !bytes.isEmpty else { break }
                try copy.file.write(bytes, at: copy.offset)
                copy.offset += Int64(bytes.count)
            }
            self.copy = copy
            if copy.offset < end { return .more }
            try publish(copy, source, status, root)
            return .wrote(copy.offset)
        } catch {
            discard(copy)
            tail = nil
            throw error
        }
    }

    private func publish(
        _ copy: Copy,
        _ source: any File,
        _ status: FileStatus,
        _ root: any Directory
    ) throws(PosixError) {
        try copy.file.setAttributesIfPossible(mode: status.mode, modified: status.modified)
        let directory = try site.directory(of: stem, in: root, making: true)
        let line = try source.firstLine(limit: 1 << 16)
        try site.makeWay(for: name, stem, in: directory, root, seal: tail?.seal, firstLine: line)
        try copy.scratch.rename(copy.name, into: directory, as: name, .replacing)
        destination = copy.file
        let start = max(0, copy.offset - Self.remembered)
        tail = Tail(
            source: status.identity,
            offset: copy.offset,
            searched: copy.offset,
            memory: try copy.file.read(at: start, count: Int(copy.offset - start)),
            seal: Seal(try copy.file.status())
        )
        self.copy = nil
    }

    private func discard(_ copy: Copy) {
        self.copy = nil
        try? copy.file.close()
        _ = try? copy.scratch.unlink(copy.name)
    }

    /// Takes the destination as it is for our own, after this program gave it another name or time.
    func reseal(in root: any Directory) throws(PosixError) {
        guard let known = tail, let status = try site.directory(of: stem, in: root)?.status(of: name),
            status.identity == known.seal.identity
        else { return }
        tail?.seal = Seal(status)
    }

    /// Removes the destination, since its source is gone.
    func remove(in root: any Directory) throws(PosixError) {
        let seal = tail?.seal
        forget()
        guard let directory = try site.directory(of: stem, in: root) else { return }
        try site.makeWay(for: name, stem, in: directory, root, seal: seal, firstLine: nil)
        try directory.unlink(name)
    }
}

extension File {
    /// The end of the last whole line, searched backwards from the end; nil when no newline is in that part.
    func endOfLines(after start: Int64, upTo end: Int64) throws(PosixError) -> Int64? {
        var end = end
        while end > start {
            let begin = max(start, end - (1 << 16))
            let bytes = try read(at: begin, count: Int(end - begin))
            if let place = bytes.lastIndex(of: UInt8(ascii: "\n")) { return begin + Int64(place) + 1 }
            end = begin
        }
        return nil
    }

    /// The first line without its newline; nil for none within the limit.
    func firstLine(limit: Int) throws(PosixError) -> [UInt8]? {
        let bytes = try read(at: 0, count: limit)
        return bytes.firstIndex(of: UInt8(ascii: "\n")).map { Array(bytes[..<$0]) }
    }
}
