package import LoopModel
package import LoopStore
import Synchronization

/// What becomes of calls that change something; shared by all directories and files that were opened below one
/// `FaultyDirectory`.
package final class Faults: Sendable {
    /// A call that changes something on the disk.
    package struct Operation: Sendable {
        /// Its number, from 0.
        package let index: Int
        /// mkdir, create, link, rename, unlink, rmdir, write, truncate, chmod, fsync or syncfs.
        package let call: String
        package let path: String
        /// How a rename renames.
        package let rename: RenameMode?
    }

    /// What becomes of a call.
    package enum Verdict: Sendable {
        case proceed
        /// It fails with this error and does nothing.
        case fail(PosixError.Code)
        /// The process is killed before it: this and everything after fails and does nothing. Half of a write is done.
        case stop
    }

    private struct State {
        var count = 0
        var isStopped = false
        var killedAt: Int?
        var refusal: (@Sendable (String, String) -> PosixError.Code?)?
        var blindness: (@Sendable (String, String) -> PosixError.Code?)?
        var freeBytes: Int64?
    }

    private let state = Mutex(State())
    private let decide: @Sendable (Operation) -> Verdict

    /// - Parameter decide: asked before each operation, and free to do something to the disk first.
    package init(_ decide: @escaping @Sendable (Operation) -> Verdict = { _ in .proceed }) {
        self.decide = decide
    }

    /// How many operations were asked for.
    package var calls: Int { state.withLock(\.count) }

    /// Whether the process counts as killed.
    package var isStopped: Bool { state.withLock(\.isStopped) }

    /// Lets that many operations through from now on, and then none any more, as if the process were killed.
    package func kill(after calls: Int) {
        state.withLock { ($0.count, $0.isStopped, $0.killedAt) = (0, false, calls) }
    }

    /// Refuses what the closure has an error for; it is given the call's name and the path.
    package func refuse(_ refusal: @escaping @Sendable (_ call: String, _ path: String) -> PosixError.Code?) {
        state.withLock { $0.refusal = refusal }
    }

    /// Refuses what only looks: readdir, stat, open, read and others, which are given the directory's path.
    package func refuseLooks(_ refusal: @escaping @Sendable (_ call: String, _ path: String) -> PosixError.Code?) {
        state.withLock { $0.blindness = refusal }
    }

    /// What the file system says is free; nil for the truth.
    package func setFreeBytes(_ bytes: Int64?) {
        state.withLock { $0.freeBytes = bytes }
    }

    var freeBytes: Int64? { state.withLock(\.freeBytes) }

    /// Passes one operation that changes something.
    ///
    /// - Parameter dying: done where the process is killed at this operation.
    func pass(_ call: String, _ path: String, _ rename: RenameMode? = nil, dying: () -> Void = {}) throws(PosixError) {
        try look(call, path)
        let (operation, isKilled, refusal) = state.withLock { state in
            defer { state.count += 1 }
            let operation = Operation(index: state.count, call: call, path: path, rename: rename)
            return (operation, state.count == state.killedAt, state.refusal?(call, path))
        }
        switch isKilled ? .stop : refusal.map(Verdict.fail) ?? decide(operation) {
        case .proceed: return
        case .fail(let code): throw PosixError(call: call, path: path, code: code)
        case .stop:
            state.withLock { $0.isStopped = true }
            dying()
            throw PosixError(call: call, path: path, code: .inputOutput)
        }
    }

    /// Passes one operation that only looks; a dead process cannot do that either.
    func look(_ call: String, _ path: String) throws(PosixError) {
        guard !isStopped else { throw PosixError(call: call, path: path, code: .inputOutput) }
        if let code = state.withLock(\.blindness)?(call, path) { throw PosixError(call: call, path: path, code: code) }
    }
}

/// A directory whose operations can be made to fail, or to end as if the process were killed between any two of them.
package final class FaultyDirectory: Directory {
    package let base: any Directory
    private let faults: Faults

    package init(_ base: any Directory, _ faults: Faults) {
        self.base = base
        self.faults = faults
    }

    package var path: String { base.path }

    package func entries() throws(PosixError) -> [DirectoryEntry] {
        try faults.look("readdir", path)
        return try base.entries()
    }

    package func status() throws(PosixError) -> FileStatus {
        try faults.look("fstat", path)
        return try base.status()
    }

    package func status(of name: FileName) throws(PosixError) -> FileStatus? {
        try faults.look("stat", path)
        return try base.status(of: name)
    }

    package func subdirectory(_ name: FileName, followingLink: Bool) throws(PosixError) -> (any Directory)? {
        try faults.look("open", path)
        return try base.subdirectory(name, followingLink: followingLink).map { FaultyDirectory($0, faults) }
    }

    package func makeDirectory(_ name: FileName, mode: UInt32) throws(PosixError) -> Bool {
        try faults.pass("mkdir", "\(path)/\(name)")
        return try base.makeDirectory(name, mode: mode)
    }

    package func openFile(_ name: FileName, for access: FileAccess) throws(PosixError) -> (any File)? {
        try faults.look("open", path)
        return try base.openFile(name, for: access).map { FaultyFile($0, faults) }
    }

    package func createFile(_ name: FileName, mode: UInt32) throws(PosixError) -> any File {
        try faults.pass("create", "\(path)/\(name)")
        return FaultyFile(try base.createFile(name, mode: mode), faults)
    }

    package func link(_ name: FileName, into target: any Directory, as newName: FileName) throws(PosixError) {
        try faults.pass("link", "\(path)/\(name)")
        try base.link(name, into: Self.real(target), as: newName)
    }

    package func rename(
        _ name: FileName,
        into target: any Directory,
        as newName: FileName,
        _ mode: RenameMode
    ) throws(PosixError) {
        try faults.pass("rename", "\(path)/\(name)", mode)
        try base.rename(name, into: Self.real(target), as: newName, mode)
    }

    package func unlink(_ name: FileName) throws(PosixError) -> Bool {
        try faults.pass("unlink", "\(path)/\(name)")
        return try base.unlink(name)
    }

    package func removeDirectory(_ name: FileName) throws(PosixError) -> Bool {
        try faults.pass("rmdir", "\(path)/\(name)")
        return try base.removeDirectory(name)
    }

    package func sync() throws(PosixError) {
        try faults.pass("fsync", path)
        try base.sync()
    }

    package func syncFileSystem() throws(PosixError) {
        try faults.pass("syncfs", path)
        try base.syncFileSystem()
    }

    package func tryLock(_ mode: LockMode) throws(PosixError) -> (any Directory)? {
        try faults.look("flock", path)
        return try base.tryLock(mode)
    }

    package func freeBytes() throws(PosixError) -> Int64 {
        try faults.look("statfs", path)
        if let bytes = faults.freeBytes { return bytes }
        return try base.freeBytes()
    }

    private static func real(_ directory: any Directory) -> any Directory {
        (directory as? FaultyDirectory)?.base ?? directory
    }
}

/// A file of a `FaultyDirectory`.
final class FaultyFile: File {
    private let base: any File
    private let faults: Faults

    init(_ base: any File, _ faults: Faults) {
        self.base = base
        self.faults = faults
    }

    var path: String { base.path }

    func status() throws(PosixError) -> FileStatus {
        try faults.look("fstat", path)
        return try base.status()
    }

    func read(at offset: Int64, count: Int) throws(PosixError) -> [UInt8] {
        try faults.look("read", path)
        return try base.read(at: offset, count: count)
    }

    func write(_ bytes: some Collection<UInt8>, at offset: Int64) throws(PosixError) {
        let all = Array(bytes)
        try faults.pass("write", path) { try? base.write(all.prefix(all.count / 2), at: offset) }
        try base.write(all, at: offset)
    }

    func truncate(to size: Int64) throws(PosixError) {
        try faults.pass("truncate", path)
        try base.truncate(to: size)
    }

    func setAttributes(mode: UInt32, modified: Int64) throws(PosixError) {
        try faults.pass("chmod", path)
        try base.setAttributes(mode: mode, modified: modified)
    }

    func sync() throws(PosixError) {
        try faults.pass("fsync", path)
        try base.sync()
    }

    func tryLock() throws(PosixError) -> Bool {
        try faults.look("flock", path)
        return try base.tryLock()
    }

    func close() throws(PosixError) {
        try base.close()
    }
}
