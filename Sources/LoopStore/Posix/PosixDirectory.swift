import CLinuxShims
import Glibc
package import LoopModel

/// A directory of the real file system.
package final class PosixDirectory: Directory {
    package let path: String
    let descriptor: Descriptor

    init(_ descriptor: Descriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Opens a directory by the path that a person gave; links on the way are followed, as everywhere.
    ///
    /// - Returns: nil where there is none.
    package static func open(path: String) throws(PosixError) -> PosixDirectory? {
        try open(at: AT_FDCWD, Array(path.utf8), path: path, followingLink: true)
    }

    private static func open(at parent: Int32, _ name: [UInt8], path: String, followingLink: Bool)
        throws(PosixError) -> PosixDirectory?
    {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followingLink ? 0 : O_NOFOLLOW)
        let number = name.withCString { name in retrying { loopsync_openat(parent, name, flags, 0) } }
        if number >= 0 { return PosixDirectory(Descriptor(number), path: path) }
        if errno == ENOENT { return nil }
        throw .last("open", path)
    }

    /// The raw descriptor, for a caller that locks or watches the directory itself.
    package var rawDescriptor: Int32 {
        descriptor.raw
    }

    private func full(_ name: FileName) -> String {
        "\(path)/\(name)"
    }

    package func entries() throws(PosixError) -> [DirectoryEntry] {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let copy = ".".withCString { name in retrying { loopsync_openat(descriptor.raw, name, flags, 0) } }
        guard copy >= 0 else { throw .last("open", path) }
        guard let stream = fdopendir(copy) else {
            let error = PosixError.last("fdopendir", path)
            _ = Glibc.close(copy)
            throw error
        }
        defer { closedir(stream) }
        var found: [DirectoryEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let name = FileName(bytes) else { continue }
            let kind: FileKind
            switch Int(entry.pointee.d_type) {
            case Int(DT_REG): kind = .file
            case Int(DT_DIR): kind = .directory
            case Int(DT_LNK): kind = .link
            case Int(DT_UNKNOWN): kind = try status(of: name)?.kind ?? .other
            default: kind = .other
            }
            found.append(DirectoryEntry(name: name, kind: kind))
        }
        guard errno == 0 else { throw .last("readdir", path) }
        return found
    }

    package func status() throws(PosixError) -> FileStatus {
        var answer = loopsync_status()
        guard retrying({ loopsync_statx(descriptor.raw, "", &answer) }) == 0 else { throw .last("fstat", path) }
        return FileStatus(answer)
    }

    package func status(of name: FileName) throws(PosixError) -> FileStatus? {
        var answer = loopsync_status()
        let failure = name.bytes.withCString { name in retrying { loopsync_statx(descriptor.raw, name, &answer) } }
        if failure == 0 { return FileStatus(answer) }
        if errno == ENOENT { return nil }
        throw .last("stat", full(name))
    }

    package func statuses(below path: [FileName], _ names: [FileName]) throws(PosixError) -> [FileStatus?] {
        // One call for each entry, which is what a look at a long history consists of.
        var text: [UInt8] = []
        for name in path {
            if !text.isEmpty { text.append(UInt8(ascii: "/")) }
            text += name.bytes
        }
        var found: [FileStatus?] = []
        found.reserveCapacity(names.count + 1)
        found.append(try text.isEmpty ? status() : status(ofPath: text))
        if !text.isEmpty { text.append(UInt8(ascii: "/")) }
        let length = text.count
        for name in names {
            text.removeLast(text.count - length)
            text += name.bytes
            found.append(try status(ofPath: text))
        }
        return found
    }

    private func status(ofPath text: [UInt8]) throws(PosixError) -> FileStatus? {
        var answer = loopsync_status()
        let failure = text.withCString { text in retrying { loopsync_statx(descriptor.raw, text, &answer) } }
        if failure == 0 { return FileStatus(answer) }
        if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
        throw .last("stat", "\(path)/\(PrintableText.escaping(text))")
    }

    package func subdirectory(_ name: FileName, followingLink: Bool) throws(PosixError) -> (any Directory)? {
        try PosixDirectory.open(at: descriptor.raw, name.bytes, path: full(name), followingLink: followingLink)
    }

    package func makeDirectory(_ name: FileName, mode: UInt32) throws(PosixError) -> Bool {
        if name.bytes.withCString({ name in retrying { mkdirat(descriptor.raw, name, mode_t(mode)) } }) == 0 {
            return true
        }
        if errno == EEXIST { return false }
        throw .last("mkdir", full(name))
    }

    package func openFile(_ name: FileName, for access: FileAccess) throws(PosixError) -> (any File)? {
        let mode =
            switch access {
            case .reading: O_RDONLY
            case .writing: O_RDWR
            // Linux appends with pwrite too, whatever the offset (pwrite(2), BUGS).
            case .appending: O_RDWR | O_APPEND
            }
        let flags = mode | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        let number = name.bytes.withCString { name in
            access == .reading
                ? openUnnoted(name, flags) : retrying { loopsync_openat(descriptor.raw, name, flags, 0) }
        }
        guard number >= 0 else {
            if errno == ENOENT { return nil }
            // A socket, or a device that is not there; a FIFO is opened and found below.
            if errno == ENXIO { throw PosixError(call: "open", path: full(name), code: .invalid) }
            throw .last("open", full(name))
        }
        let file = PosixFile(Descriptor(number), path: full(name))
        guard try file.status().kind == .file else {
            throw PosixError(call: "open", path: full(name), code: .invalid)
        }
        return file
    }

    /// Opens for reading without leaving a time of access.
    ///
    /// It would be written to the disk for each look at a file that is followed. Only a file's owner may ask for that.
    private func openUnnoted(_ name: UnsafePointer<CChar>, _ flags: Int32) -> Int32 {
        let number = retrying { loopsync_openat(descriptor.raw, name, flags | loopsync_noatime, 0) }
        guard number < 0, errno == EPERM else { return number }
        return retrying { loopsync_openat(descriptor.raw, name, flags, 0) }
    }

    package func createFile(_ name: FileName, mode: UInt32) throws(PosixError) -> any File {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let number = name.bytes.withCString { name in
            retrying { loopsync_openat(descriptor.raw, name, flags, mode) }
        }
        guard number >= 0 else { throw .last("open", full(name)) }
        return PosixFile(Descriptor(number), path: full(name))
    }

    package func link(_ name: FileName, into target: any Directory, as newName: FileName) throws(PosixError) {
        let target = try posix(target, "link")
        let answer = name.bytes.withCString { old in
            newName.bytes.withCString { new in
                retrying { linkat(descriptor.raw, old, target.descriptor.raw, new, 0) }
            }
        }
        guard answer == 0 else { throw .last("link", full(name)) }
    }

    package func rename(
        _ name: FileName,
        into target: any Directory,
        as newName: FileName,
        _ mode: RenameMode
    ) throws(PosixError) {
        let target = try posix(target, "rename")
        let flags: UInt32 =
            switch mode {
            case .replacing: 0
            case .notReplacing: UInt32(LOOPSYNC_RENAME_NOREPLACE)
            case .exchanging: UInt32(LOOPSYNC_RENAME_EXCHANGE)
            }
        if move(name, target, newName, flags) { return }
        guard mode == .notReplacing, errno == EINVAL || errno == ENOSYS else { throw .last("rename", full(name)) }
        // RACE: between the test and the rename another process may take the name. A directory that holds anything is
        // never replaced by a rename, and nobody but this program makes files under the names it uses here.
        guard try target.status(of: newName) == nil else {
            throw PosixError(call: "rename", path: full(name), code: .exists)
        }
        guard move(name, target, newName, 0) else { throw .last("rename", full(name)) }
    }

    private func move(_ name: FileName, _ target: PosixDirectory, _ newName: FileName, _ flags: UInt32) -> Bool {
        name.bytes.withCString { old in
            newName.bytes.withCString { new in
                retrying { loopsync_renameat2(descriptor.raw, old, target.descriptor.raw, new, flags) } == 0
            }
        }
    }

    package func unlink(_ name: FileName) throws(PosixError) -> Bool {
        if name.bytes.withCString({ name in retrying { unlinkat(descriptor.raw, name, 0) } }) == 0 { return true }
        if errno == ENOENT { return false }
        throw .last("unlink", full(name))
    }

    package func removeDirectory(_ name: FileName) throws(PosixError) -> Bool {
        let flags = Int32(AT_REMOVEDIR)
        if name.bytes.withCString({ name in retrying { unlinkat(descriptor.raw, name, flags) } }) == 0 { return true }
        if errno == ENOENT { return false }
        throw .last("rmdir", full(name))
    }

    package func sync() throws(PosixError) {
        guard retrying({ fsync(descriptor.raw) }) == 0 else { throw .last("fsync", path) }
    }

    package func syncFileSystem() throws(PosixError) {
        guard retrying({ loopsync_syncfs(descriptor.raw) }) == 0 else { throw .last("syncfs", path) }
    }

    package func tryLock(_ mode: LockMode) throws(PosixError) -> (any Directory)? {
        // A lock belongs to one opening of the directory, so that it ends with that and not with a copy elsewhere.
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let number = ".".withCString { name in retrying { loopsync_openat(descriptor.raw, name, flags, 0) } }
        guard number >= 0 else { throw .last("open", path) }
        let copy = PosixDirectory(Descriptor(number), path: path)
        let operation = (mode == .exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB
        if retrying({ flock(number, operation) }) == 0 { return copy }
        if errno == EWOULDBLOCK { return nil }
        throw .last("flock", path)
    }

    package func freeBytes() throws(PosixError) -> Int64 {
        let bytes = loopsync_free_bytes(descriptor.raw)
        guard bytes >= 0 else { throw .last("statfs", path) }
        return bytes
    }

    private func posix(_ directory: any Directory, _ call: String) throws(PosixError) -> PosixDirectory {
        guard let posix = directory as? PosixDirectory else {
            throw PosixError(call: call, path: directory.path, code: .crossDevice)
        }
        return posix
    }
}
