package import LoopModel
package import LoopStore
import Synchronization

/// When the calls through a `FaultyDirectory` and all that it opens fail.
package final class Faults: Sendable {
    private let state: Mutex<State>

    private struct State {
        var calls = 0
        var killedAt: Int?
        var refusal: (@Sendable (String, String) -> PosixError.Code?)?
        var freeBytes: Int64?
    }

    /// No fault yet.
    package init() {
        state = Mutex(State())
    }

    /// How many calls that change something were made.
    package var calls: Int {
        state.withLock(\.calls)
    }

    /// Lets that many changing calls through, and then none any more, as if the process were killed between two.
    package func kill(after calls: Int) {
        state.withLock { ($0.calls, $0.killedAt) = (0, calls) }
    }

    /// Refuses what the closure has an error for; it is given the call's name and the path.
    package func refuse(_ refusal: @escaping @Sendable (_ call: String, _ path: String) -> PosixError.Code?) {
        state.withLock { $0.refusal = refusal }
    }

    /// What the file system says is free.
    package func setFreeBytes(_ bytes: Int64?) {
        state.withLock { $0.freeBytes = bytes }
    }

    fileprivate var freeBytes: Int64? {
        state.withLock(\.freeBytes)
    }

    fileprivate func change(_ call: String, _ path: String) throws(PosixError) {
        let code: PosixError.Code? = state.withLock { state in
            if let killedAt = state.killedAt, state.calls >= killedAt { return .inputOutput }
            state.calls += 1
            return state.refusal?(call, path)
        }
        if let code { throw PosixError(call: call, path: path, code: code) }
    }
}

/// A directory whose changing calls fail as `Faults` says.
package final class FaultyDirectory: Directory {
    private let inner: any Directory
    private let faults: Faults

    /// Wraps a directory; what is opened through it is wrapped too.
    package init(_ inner: any Directory, _ faults: Faults) {
        self.inner = inner
        self.faults = faults
    }

    package var path: String { inner.path }

    package func entries() throws(PosixError) -> [DirectoryEntry] { try inner.entries() }

    package func status() throws(PosixError) -> FileStatus { try inner.status() }

    package func status(of name: FileName) throws(PosixError) -> FileStatus? { try inner.status(of: name) }

    package func subdirectory(_ name: FileName, followingLink: Bool) throws(PosixError) -> (any Directory)? {
        guard let below = try inner.subdirectory(name, followingLink: followingLink) else { return nil }
        return FaultyDirectory(below, faults)
    }

    package func makeDirectory(_ name: FileName, mode: UInt32) throws(PosixError) -> Bool {
        try faults.change("mkdir", "\(path)/\(name)")
        return try inner.makeDirectory(name, mode: mode)
    }

    package func openFile(_ name: FileName, for access: FileAccess) throws(PosixError) -> (any File)? {
        guard let file = try inner.openFile(name, for: access) else { return nil }
        return FaultyFile(file, faults)
    }

    package func createFile(_ name: FileName, mode: UInt32) throws(PosixError) -> any File {
        try faults.change("create", "\(path)/\(name)")
        return FaultyFile(try inner.createFile(name, mode: mode), faults)
    }

    package func link(_ name: FileName, into target: any Directory, as newName: FileName) throws(PosixError) {
        try faults.change("link", "\(path)/\(name)")
        try inner.link(name, into: unwrapped(target), as: newName)
    }

    package func rename(
        _ name: FileName,
        into target: any Directory,
        as newName: FileName,
        _ mode: RenameMode
    ) throws(PosixError) {
        try faults.change("rename", "\(path)/\(name)")
        try inner.rename(name, into: unwrapped(target), as: newName, mode)
    }

    package func unlink(_ name: FileName) throws(PosixError) -> Bool {
        try faults.change("unlink", "\(path)/\(name)")
        return try inner.unlink(name)
    }

    package func removeDirectory(_ name: FileName) throws(PosixError) -> Bool {
        try faults.change("rmdir", "\(path)/\(name)")
        return try inner.removeDirectory(name)
    }

    package func sync() throws(PosixError) {
        try faults.change("fsync", path)
        try inner.sync()
    }

    package func tryLock(_ mode: LockMode) throws(PosixError) -> (any Directory)? { try inner.tryLock(mode) }

    package func freeBytes() throws(PosixError) -> Int64 {
        if let bytes = faults.freeBytes { return bytes }
        return try inner.freeBytes()
    }

    private func unwrapped(_ directory: any Directory) -> any Directory {
        (directory as? FaultyDirectory)?.inner ?? directory
    }
}

/// A file of a `FaultyDirectory`.
private final class FaultyFile: File {
    private let inner: any File
    private let faults: Faults

    init(_ inner: any File, _ faults: Faults) {
        self.inner = inner
        self.faults = faults
    }

    var path: String { inner.path }

    func status() throws(PosixError) -> FileStatus { try inner.status() }

    func read(at offset: Int64, count: Int) throws(PosixError) -> [UInt8] { try inner.read(at: offset, count: count) }

    func write(_ bytes: some Collection<UInt8>, at offset: Int64) throws(PosixError) {
        try faults.change("write", path)
        try inner.write(bytes, at: offset)
    }

    func truncate(to size: Int64) throws(PosixError) {
        try faults.change("truncate", path)
        try inner.truncate(to: size)
    }

    func setAttributes(mode: UInt32, modified: Int64) throws(PosixError) {
        try inner.setAttributes(mode: mode, modified: modified)
    }

    func sync() throws(PosixError) {
        try faults.change("fsync", path)
        try inner.sync()
    }

    func tryLock() throws(PosixError) -> Bool { try inner.tryLock() }

    func close() throws(PosixError) { try inner.close() }
}
