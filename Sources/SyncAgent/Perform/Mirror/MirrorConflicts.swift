package import LoopModel
package import LoopStore

/// Keeps in `.conflicts/` what somebody else changed in a mirror before it is replaced.
///
/// Equal bytes are kept once, and at most ten versions of a file: a program that rewrites a file after each of our
/// writes would fill the disk otherwise. The oldest of the ten goes for the eleventh.
package enum MirrorConflicts {
    private static let most = 10

    /// Moves a file or directory there, or gives a file a second name there.
    ///
    /// - Parameters:
    ///   - path: the path below the mirror's root, without the dots of `.running` and `.history`.
    ///   - isMoving: false leaves the entry where it is too, for a directory that readers may see.
    /// - Returns: where it is now; nil when its bytes were there already, and the entry still stands where it stood.
    @discardableResult
    package static func keep(
        _ name: FileName,
        of directory: any Directory,
        in root: any Directory,
        below path: [FileName],
        isMoving: Bool = true
    ) throws(PosixError) -> String? {
        guard let status = try directory.status(of: name) else { return nil }
        let shelf = try root.ensure([.mirrorConflicts] + path, mode: 0o700)
        var kept: [(number: Int, name: FileName)] = []
        for entry in try shelf.entries() {
            guard entry.name.bytes.starts(with: name.bytes.prefix(240)),
                let number = number(of: entry.name)
            else { continue }
            kept.append((number, entry.name))
            guard status.kind == .file, entry.kind == .file else { continue }
            if try isEqual(name, of: directory, to: entry.name, of: shelf) { return nil }
        }
        kept.sort { $0.number < $1.number }
        let number = (kept.last?.number ?? 0) + 1
        // A whole run is kept at most once per replacement, and never thrown away.
        while status.kind == .file, kept.count >= most { try shelf.removeTree(kept.removeFirst().name) }
        let target = numbered(name, number)
        if isMoving {
            try directory.rename(name, into: shelf, as: target, .notReplacing)
        } else {
            try share(name, of: directory, into: shelf, as: target)
        }
        try shelf.sync()
        return "\(shelf.path)/\(target)"
    }

    /// Gives the bytes a second name, or copies them where the file system has no second names.
    static func share(
        _ name: FileName,
        of directory: any Directory,
        into shelf: any Directory,
        as target: FileName
    ) throws(PosixError) {
        do {
            try directory.link(name, into: shelf, as: target)
        } catch  where [.notPermitted, .operationNotSupported, .notSupported, .tooManyLinks].contains(error.code) {
            _ = try DigestedCopy.copy(name, from: directory, into: shelf, as: target)
        }
    }

    private static func numbered(_ name: FileName, _ number: Int) -> FileName {
        FileName(name.bytes.prefix(240) + Array("~\(number)".utf8)) ?? name
    }

    private static func number(of name: FileName) -> Int? {
        guard let mark = name.bytes.lastIndex(of: UInt8(ascii: "~")) else { return nil }
        return Int(String(decoding: name.bytes[(mark + 1)...], as: UTF8.self))
    }

    private static func isEqual(
        _ name: FileName,
        of directory: any Directory,
        to other: FileName,
        of shelf: any Directory
    ) throws(PosixError) -> Bool {
        guard let left = try directory.openFile(name, for: .reading),
            let right = try shelf.openFile(other, for: .reading)
        else { return false }
        let size = try left.status().size
        guard try right.status().size == size else { return false }
        return try left.hasSameBytes(as: right, upTo: size)
    }
}

extension File {
    /// Whether both files begin with the same bytes.
    func hasSameBytes(as other: any File, from start: Int64 = 0, upTo end: Int64) throws(PosixError) -> Bool {
        var offset = start
        while offset < end {
            let count = Int(min(end - offset, 1 << 18))
            let left = try read(at: offset, count: count)
            guard left.count == count, try other.read(at: offset, count: count) == left else { return false }
            offset += Int64(count)
        }
        return true
    }
}
