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
    struct Tail {
        var source: FileIdentity
        /// So many bytes stand on both sides.
        var offset: Int64
        /// The source has no newline between the offset and here.
        var searched: Int64
        /// The last bytes before the offset: a source that was cut and written again under the same inode shows there.
        var memory: [UInt8]
        var seal: Seal
        /// The permissions that the destination was given, whether or not its file system keeps them.
        var mode: UInt32
    }

    /// A copy from the beginning, before it takes the destination's name.
    struct Copy {
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

    static let piece = 1 << 20
    static let piecesPerCall = 16
    static let remembered: Int64 = 64

    let stem: LiveStem
    let site: LiveSite
    var tail: Tail?
    var copy: Copy?
    var destination: (any File)?

    init(stem: LiveStem, site: LiveSite) {
        self.stem = stem
        self.site = site
    }

    var name: FileName { stem.name(of: .events) }

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
        guard let tail = try follow(mode: status.mode) else {
            return try start(source, status, root, includingTornLine)
        }
        return try append(source, status, tail, root, includingTornLine)
    }

    /// Closes the destination to whom the source was closed since.
    ///
    /// - Returns: nil where it has a second name: that file is not ours alone.
    private func follow(mode: UInt32) throws(PosixError) -> Tail? {
        guard let known = tail, let destination else { return nil }
        guard known.mode != mode else { return known }
        let status = try destination.status()
        guard status.links == 1 else { return nil }
        try destination.setAttributesIfPossible(mode: mode, modified: status.modified)
        var next = known
        next.mode = mode
        next.seal = Seal(try destination.status())
        tail = next
        return next
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
            includingTornLine ? bytes.count : Newline.last(in: bytes[before...]).map { $0 + 1 }
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
