package import LoopModel

/// Copies one file of an archived run into a place where nobody else looks yet.
package enum DigestedCopy {
    /// Copies with the source's time and permissions, and digests what was copied: in pieces, or by a clone, which is then
    /// read.
    ///
    /// - Parameters:
    ///   - target: has no entry of that name yet (EEXIST).
    ///   - isDurable: whether the bytes are on the disk then (fsync).
    /// - Returns: what the copy's bytes amount to, for the caller to compare; nil where there is no such file.
    package static func copy(
        _ name: FileName,
        from source: any Directory,
        into target: any Directory,
        as newName: FileName,
        isDurable: Bool = true
    ) throws(PosixError) -> (checksum: Checksum, size: Int64)? {
        guard let original = try source.openFile(name, for: .reading) else { return nil }
        let status = try original.status()
        // Closed to others until its permissions are known to be those of the source.
        let file = try target.createFile(newName, mode: 0o600)
        var hasher = SHA256()
        var offset: Int64 = 0
        let isClone = try file.clone(original)
        while true {
            let piece = try (isClone ? file : original).read(at: offset, count: Checksum.pieceSize)
            hasher.update(piece[...])
            if !isClone, !piece.isEmpty { try file.write(piece, at: offset) }
            offset += Int64(piece.count)
            if piece.count < Checksum.pieceSize { break }
        }
        try file.setAttributesIfPossible(mode: status.mode | 0o600, modified: status.modified)
        if isDurable { try file.sync() }
        try file.close()
        return (hasher.digest(), offset)
    }
}

extension File {
    /// Sets mode and time where the file system keeps them; FAT and some network file systems refuse a mode.
    package func setAttributesIfPossible(mode: UInt32, modified: Int64) throws(PosixError) {
        do {
            try setAttributes(mode: mode & 0o777, modified: modified)
        } catch  where [.notPermitted, .invalid, .notSupported, .operationNotSupported].contains(error.code) {
            // The mount options decide who reads there; whoever mounted it chose them.
        }
    }
}
