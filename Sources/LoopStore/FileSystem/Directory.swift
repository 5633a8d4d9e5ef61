package import LoopModel

/// An open directory: the seam through which every effect on files goes.
///
/// All names are single components and no link is followed, so that nobody who swaps a directory for a link can lead
/// the program elsewhere. `PosixDirectory` is the real one; the simulation has its own.
package protocol Directory: AnyObject, Sendable {
    /// For messages only; never used to open anything.
    var path: String { get }

    /// All entries but `.` and `..`, in no order.
    func entries() throws(PosixError) -> [DirectoryEntry]

    /// The directory's own status.
    func status() throws(PosixError) -> FileStatus

    /// The status of an entry, of a link itself and not of its target; nil where there is none.
    func status(of name: FileName) throws(PosixError) -> FileStatus?

    /// The statuses of a directory below this one and of entries in it, for comparing with what was seen before.
    ///
    /// Nothing is opened, and a part of the path may be a link by then: that decides nothing, since what is found behind
    /// a link is another file than the one that was seen.
    ///
    /// - Parameters:
    ///   - path: the way to the directory, component by component.
    ///   - names: entries of the directory.
    /// - Returns: the directory's status, then those of the entries in their order; nil for each that is not there.
    func statuses(below path: [FileName], _ names: [FileName]) throws(PosixError) -> [FileStatus?]

    /// Opens a directory below this one; nil where there is none. A link or a file in its place is an error
    /// (ELOOP, ENOTDIR), unless `followingLink` allows the entry itself to be a link.
    func subdirectory(_ name: FileName, followingLink: Bool) throws(PosixError) -> (any Directory)?

    /// Makes a directory; false where the name is taken.
    @discardableResult
    func makeDirectory(_ name: FileName, mode: UInt32) throws(PosixError) -> Bool

    /// Opens an existing regular file; nil where there is none. Anything but a regular file is an error (a link ELOOP,
    /// a FIFO, socket or device EINVAL) and is never waited for.
    func openFile(_ name: FileName, for access: FileAccess) throws(PosixError) -> (any File)?

    /// Creates a regular file that did not exist, for reading and writing; EEXIST is an error.
    func createFile(_ name: FileName, mode: UInt32) throws(PosixError) -> any File

    /// Gives an entry a second name (a hard link) in another directory of the same file system.
    func link(_ name: FileName, into target: any Directory, as newName: FileName) throws(PosixError)

    /// Moves an entry into a directory of the same file system.
    func rename(
        _ name: FileName,
        into target: any Directory,
        as newName: FileName,
        _ mode: RenameMode
    ) throws(PosixError)

    /// Removes an entry that is no directory; false where there was none.
    @discardableResult
    func unlink(_ name: FileName) throws(PosixError) -> Bool

    /// Removes an empty directory; false where there was none.
    @discardableResult
    func removeDirectory(_ name: FileName) throws(PosixError) -> Bool

    /// Makes the directory's entries durable (fsync).
    func sync() throws(PosixError)

    /// Makes all that was written to the directory's file system durable, by whomever (syncfs).
    func syncFileSystem() throws(PosixError)

    /// Takes the directory's own flock without waiting; nil where another holds it in a way that excludes this one.
    ///
    /// - Returns: the same directory, opened once more; the lock lasts as long as that object.
    func tryLock(_ mode: LockMode) throws(PosixError) -> (any Directory)?

    /// Bytes that this user can still write to the directory's file system.
    func freeBytes() throws(PosixError) -> Int64

    /// Lets that much time pass before a lock is tried again.
    func rest(milliseconds: Int32)
}

/// An open regular file.
package protocol File: AnyObject, Sendable {
    /// For messages only.
    var path: String { get }

    /// The open file's status, whatever its name is by now.
    func status() throws(PosixError) -> FileStatus

    /// Reads at a place; fewer bytes than asked for only at the end of the file.
    func read(at offset: Int64, count: Int) throws(PosixError) -> [UInt8]

    /// Writes all the bytes at a place.
    func write(_ bytes: some Collection<UInt8>, at offset: Int64) throws(PosixError)

    /// Takes over the whole content of another file without copying it (a reflink); false where that cannot be.
    ///
    /// The blocks are shared until one of the files is written to, which shows in that one alone. This file is empty before.
    func clone(_ other: any File) throws(PosixError) -> Bool

    /// Cuts or extends the file to this many bytes.
    func truncate(to size: Int64) throws(PosixError)

    /// Sets permission bits and the modification time (nanoseconds since the epoch).
    func setAttributes(mode: UInt32, modified: Int64) throws(PosixError)

    /// Makes the content durable (fsync).
    func sync() throws(PosixError)

    /// Takes the file's exclusive flock without waiting; false where another holds it. It is released with the object.
    func tryLock() throws(PosixError) -> Bool

    /// Closes before the object goes, and reports what closing reports. Using the file afterwards is EBADF.
    func close() throws(PosixError)
}

/// How a file is opened.
package enum FileAccess: Sendable {
    case reading
    /// Reading and writing.
    case writing
    /// Reading, and writing at the end only, whatever place is named (O_APPEND): writers of one file do not overwrite
    /// each other.
    case appending
}

/// How a directory is locked.
package enum LockMode: Sendable {
    /// Nobody else holds it in any way.
    case exclusive
    /// Others may hold it in this way too.
    case shared
}

/// What a rename does with a name that is taken.
package enum RenameMode: Sendable {
    /// The old entry goes.
    case replacing
    /// EEXIST. Where the file system cannot do that by itself: a test first, then a rename, which for directories never
    /// replaces one that holds anything.
    case notReplacing
    /// Both entries change places; both must exist. EINVAL where the file system cannot.
    case exchanging
}

/// The kinds of entries that matter here.
package enum FileKind: Sendable, Hashable {
    case file, directory, link, other
}

/// One entry of a listing.
package struct DirectoryEntry: Sendable, Hashable {
    package var name: FileName
    package var kind: FileKind

    package init(name: FileName, kind: FileKind) {
        self.name = name
        self.kind = kind
    }
}

/// What a file system tells of a file; times are nanoseconds since the epoch.
package struct FileStatus: Sendable, Hashable {
    package var identity: FileIdentity
    package var kind: FileKind
    package var size: Int64
    /// Bytes that it takes on the disk.
    package var allocated: Int64
    package var modified: Int64
    package var changed: Int64
    package var links: UInt64
    /// Permission bits alone (07777).
    package var mode: UInt32

    package init(
        identity: FileIdentity,
        kind: FileKind,
        size: Int64,
        allocated: Int64,
        modified: Int64,
        changed: Int64,
        links: UInt64,
        mode: UInt32
    ) {
        self.identity = identity
        self.kind = kind
        self.size = size
        self.allocated = allocated
        self.modified = modified
        self.changed = changed
        self.links = links
        self.mode = mode
    }

    /// Whether a copy begun at the one status and ended at the other is of one and the same content.
    package func isUnchanged(since earlier: FileStatus) -> Bool {
        identity == earlier.identity && size == earlier.size && modified == earlier.modified
            && changed == earlier.changed
    }
}

extension Directory {
    package func statuses(below path: [FileName], _ names: [FileName]) throws(PosixError) -> [FileStatus?] {
        var directory: any Directory = self
        let missing = [FileStatus?](repeating: nil, count: names.count + 1)
        for name in path {
            guard try directory.status(of: name)?.kind == .directory, let below = try directory.subdirectory(name)
            else {
                return missing
            }
            directory = below
        }
        var found: [FileStatus?] = [try directory.status()]
        for name in names { found.append(try directory.status(of: name)) }
        return found
    }

    package func rest(milliseconds: Int32) { pause(milliseconds: milliseconds) }

    /// Opens a directory below this one without following a link.
    package func subdirectory(_ name: FileName) throws(PosixError) -> (any Directory)? {
        try subdirectory(name, followingLink: false)
    }

    /// Opens a directory below this one, making it first where it is missing.
    ///
    /// - Parameter mode: its permissions; by default those of this directory, so that it is open to nobody who cannot
    ///   get here, whatever the umask.
    package func ensureDirectory(_ name: FileName, mode: UInt32? = nil, followingLink: Bool = false)
        throws(PosixError) -> any Directory
    {
        if let there = try subdirectory(name, followingLink: followingLink) { return there }
        let bits = if let mode { mode } else { try status().mode & 0o777 | 0o700 }
        try makeDirectory(name, mode: bits)
        if let made = try subdirectory(name, followingLink: followingLink) { return made }
        throw PosixError(call: "openat", path: "\(path)/\(name)", code: .noEntry)
    }

    /// Reads a whole regular file; nil where there is none.
    ///
    /// - Parameter limit: a larger file is an error (EFBIG), so that memory stays bounded.
    package func contents(of name: FileName, limit: Int) throws(PosixError) -> [UInt8]? {
        guard let file = try openFile(name, for: .reading) else { return nil }
        return try file.contents(limit: limit)
    }
}

extension File {
    package func clone(_ other: any File) throws(PosixError) -> Bool { false }

    /// Reads the whole file from its beginning.
    ///
    /// - Parameter limit: a larger file is an error (EFBIG).
    package func contents(limit: Int) throws(PosixError) -> [UInt8] {
        let size = try status().size
        guard size <= limit else { throw PosixError(call: "read", path: path, code: .fileTooBig) }
        var bytes = try read(at: 0, count: Int(size) + 1)
        while bytes.count > Int(size), bytes.count <= limit {
            let more = try read(at: Int64(bytes.count), count: 1 << 16)
            if more.isEmpty { break }
            bytes += more
        }
        guard bytes.count <= limit else { throw PosixError(call: "read", path: path, code: .fileTooBig) }
        return bytes
    }
}
