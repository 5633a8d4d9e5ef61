import LoopModel

/// The source changed while it was read: what was read is of no one moment.
struct SourceChanged: Error, Hashable, CustomStringConvertible {
    let path: String

    var description: String {
        "\(path) changed or was replaced while it was read"
    }
}

/// Files and bytes, one after the other, held open so that they can be compared and then copied as one and the same.
final class OpenedContent {
    /// One part and where it begins.
    private struct Piece {
        var start: Int64
        var size: Int64
        var storage: Storage
    }

    private enum Storage {
        case file(any File, FileStatus)
        case bytes([UInt8])
    }

    private let pieces: [Piece]
    /// All bytes.
    let size: Int64
    /// The permissions that all parts grant.
    let mode: UInt32
    /// The latest modification, in nanoseconds since the epoch.
    let modified: Int64

    /// Opens every part.
    ///
    /// - Throws: `SourceChanged` where a file is another one by now, `PosixError`.
    init(_ contents: [SourceContent]) throws {
        var pieces: [Piece] = []
        var size: Int64 = 0
        var mode: UInt32 = 0o777
        var modified: Int64 = .min
        func add(_ file: any File, _ status: FileStatus) {
            pieces.append(Piece(start: size, size: status.size, storage: .file(file, status)))
            size += status.size
            mode &= status.mode
            modified = max(modified, status.modified)
        }
        for content in contents {
            switch content {
            case .bytes(let bytes, let time, let bits):
                pieces.append(Piece(start: size, size: Int64(bytes.count), storage: .bytes(bytes)))
                size += Int64(bytes.count)
                mode &= bits
                modified = max(modified, time)
            case .file(let directory, let name, let identity):
                guard let file = try directory.openFile(name, for: .reading) else {
                    throw SourceChanged(path: "\(directory.path)/\(name)")
                }
                let status = try file.status()
                guard status.identity == identity else { throw SourceChanged(path: file.path) }
                add(file, status)
            case .open(let file):
                add(file, try file.status())
            }
        }
        self.pieces = pieces
        self.size = size
        self.mode = mode
        self.modified = pieces.isEmpty ? 0 : modified
    }

    /// Opens a file that is there now.
    convenience init(_ name: FileName, in directory: any Directory) throws {
        guard let status = try directory.status(of: name) else {
            throw SourceChanged(path: "\(directory.path)/\(name)")
        }
        try self.init([.file(directory, name, status.identity)])
    }

    /// The file that all of this is; nil for more than one part.
    var wholeFile: (any File)? {
        guard pieces.count == 1, case .file(let file, _) = pieces[0].storage else { return nil }
        return file
    }

    /// Where each part begins.
    var starts: [Int64] {
        pieces.map(\.start)
    }

    /// Reads across parts; fewer bytes than asked for only at the end.
    func read(at offset: Int64, count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for piece in pieces where piece.start + piece.size > offset && bytes.count < count {
            let from = max(0, offset - piece.start)
            let wanted = min(Int64(count - bytes.count), piece.size - from)
            switch piece.storage {
            case .bytes(let all):
                bytes += all[Int(from)..<Int(from + wanted)]
            case .file(let file, _):
                let read = try file.read(at: from, count: Int(wanted))
                guard read.count == Int(wanted) else { throw SourceChanged(path: file.path) }
                if bytes.isEmpty { bytes = read } else { bytes += read }
            }
        }
        return bytes
    }

    /// All bytes; nil where there are more than the limit.
    func contents(limit: Int) throws -> [UInt8]? {
        size <= Int64(limit) ? try read(at: 0, count: Int(size)) : nil
    }

    /// Makes sure that all that was read since opening was of one moment.
    func checkUnchanged() throws {
        for piece in pieces {
            guard case .file(let file, let before) = piece.storage else { continue }
            guard try file.status().isUnchanged(since: before) else { throw SourceChanged(path: file.path) }
        }
    }
}
