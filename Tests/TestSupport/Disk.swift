import Glibc
import LoopModel
import LoopStore

/// Files as a stranger's program handles them: by path, without the seam that is under test.
package enum Disk {
    /// The bytes of a file; nil where there is none or it cannot be read.
    package static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = Glibc.read(file, &chunk, chunk.count)
            if got < 0 { return nil }
            if got == 0 { return all }
            all += chunk[..<got]
        }
    }

    /// The text of a file, repaired where it is not UTF-8; nil where there is none.
    package static func text(_ path: String) -> String? {
        read(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes a file as the executor saves a state: open with truncation, one write, close.
    package static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
        try put(bytes, to: path, O_WRONLY | O_CREAT | O_TRUNC)
    }

    /// Writes a text file.
    package static func write(_ text: String, to path: String) throws {
        try write(text.utf8, to: path)
    }

    /// Appends as the executor appends an event: open, one write, close.
    package static func append(_ bytes: some Collection<UInt8>, to path: String) throws {
        try put(bytes, to: path, O_WRONLY | O_CREAT | O_APPEND)
    }

    /// Appends text.
    package static func append(_ text: String, to path: String) throws {
        try append(text.utf8, to: path)
    }

    private static func put(_ bytes: some Collection<UInt8>, to path: String, _ flags: Int32) throws {
        let file = open(path, flags | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw TestSupportError("open \(path): \(errnoText())") }
        defer { close(file) }
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw TestSupportError("write \(path): \(errnoText())") }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes a directory and all above it.
    package static func makeDirectories(_ path: String) throws {
        if isDirectory(path) { return }
        if let cut = path.lastIndex(of: "/"), cut != path.startIndex { try makeDirectories(String(path[..<cut])) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw TestSupportError("mkdir \(path): \(errnoText())")
        }
    }

    /// Whether anything has that name, a broken link included.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Whether a directory is there, or a link to one.
    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a directory, sorted by bytes; empty where there is none.
    ///
    /// Names that are no UTF-8 come repaired.
    package static func names(in path: String) -> [String] {
        guard let directory = try? PosixDirectory.open(path: path), let entries = try? directory.entries() else {
            return []
        }
        return entries.map(\.name).sorted().map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Removes a file, or a directory with all below it; nothing there is no error.
    ///
    /// An agent may be making files in it meanwhile; those go with the next attempt, as a person would repeat an `rm`.
    package static func remove(_ path: String) throws {
        guard let cut = path.lastIndex(of: "/"), let name = FileName(String(path[path.index(after: cut)...])) else {
            throw TestSupportError("\(path) is no path to remove")
        }
        guard let parent = try PosixDirectory.open(path: String(path[..<cut])) else { return }
        var attempts = 0
        while true {
            do {
                return try parent.removeTree(name)
            } catch {
                attempts += 1
                guard error.code == .notEmpty, attempts < 100 else { throw error }
            }
        }
    }

    /// Renames a file or directory.
    package static func move(_ path: String, to target: String) throws {
        guard rename(path, target) == 0 else { throw TestSupportError("rename \(path) \(target): \(errnoText())") }
    }

    /// Gives a file a second name; false where it has gone or the name is taken.
    @discardableResult
    package static func link(_ path: String, as target: String) -> Bool {
        Glibc.link(path, target) == 0
    }

    /// Device and inode, size and modification time of a file; nil where there is none.
    package static func status(_ path: String) -> FileState? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return FileState(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            mode: status.st_mode & 0o7777
        )
    }

    /// What `lstat` says of a file.
    package struct FileState: Hashable, Sendable {
        package let device: UInt64
        package let inode: UInt64
        /// Bytes.
        package let size: Int64
        /// Nanoseconds since the epoch.
        package let modified: Int64
        /// Permission bits.
        package let mode: UInt32
    }
}
