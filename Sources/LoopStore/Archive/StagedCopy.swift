import LoopModel

extension OpenedContent {
    /// Copies everything into a new file and digests it on the way.
    ///
    /// The file gets the modification time and the permissions of the source, but its owner may always read and write
    /// it, since an executor that cannot overwrite its archive never starts that loop again. Where the file system keeps
    /// no permissions, the archive is as readable as its mount says.
    ///
    /// - Parameter isDurable: whether the bytes are on the disk then (fsync).
    /// - Throws: `SourceChanged` where the source was written to meanwhile, `PosixError`; the file is then worthless.
    func copy(into directory: any Directory, as name: FileName, isDurable: Bool) throws -> Checksum {
        // Closed to others until its permissions are known to be those of the source.
        let file = try directory.createFile(name, mode: 0o600)
        var hasher = SHA256()
        var offset: Int64 = 0
        // A clone is read as it stands, and is of the one moment that the source proves afterwards to have had.
        let isClone = try wholeFile.map { try file.clone($0) } ?? false
        while offset < size {
            let piece =
                try isClone
                ? file.read(at: offset, count: Checksum.pieceSize) : read(at: offset, count: Checksum.pieceSize)
            guard !piece.isEmpty else { throw SourceChanged(path: file.path) }
            hasher.update(piece[...])
            if !isClone { try file.write(piece, at: offset) }
            offset += Int64(piece.count)
        }
        try checkUnchanged()
        try file.setAttributesIfPossible(mode: mode | 0o600, modified: modified)
        if isDurable { try file.sync() }
        try file.close()
        return hasher.digest()
    }
}

extension OpenedContent {
    /// Digests everything.
    ///
    /// - Throws: `SourceChanged`, `PosixError`.
    func checksum() throws -> Checksum {
        var hasher = SHA256()
        var offset: Int64 = 0
        while offset < size {
            let piece = try read(at: offset, count: Checksum.pieceSize)
            hasher.update(piece[...])
            offset += Int64(piece.count)
        }
        try checkUnchanged()
        return hasher.digest()
    }
}

extension SumsFile {
    /// Writes the sums into a directory that nobody else sees yet.
    ///
    /// - Parameters:
    ///   - mode: of the most readable file that they tell of.
    ///   - lastChange: of the files that they tell of; becomes the sums' time, so that it is known later.
    ///   - isDurable: whether they are on the disk then (fsync).
    func write(into directory: any Directory, mode: UInt32, lastChange: Int64, isDurable: Bool = true)
        throws(PosixError)
    {
        let file = try directory.createFile(.sums, mode: mode & 0o666 | 0o600)
        try file.write(serialized(), at: 0)
        try file.setAttributesIfPossible(mode: file.status().mode, modified: lastChange)
        if isDurable { try file.sync() }
        try file.close()
    }
}
