import Glibc
package import LoopModel

/// The `.lock` and `.pid` files below `.running`, as executors write them.
package struct ExecutorTokens {
    let running: any Directory
    private let processes = SystemProcessTable()

    package init(running: any Directory) {
        self.running = running
    }

    static let lockSuffix = Array(".lock".utf8)
    static let pidSuffix = Array(".pid".utf8)
    private static let limit = 1 << 16
    /// A process cannot have written a file before it started; a file server's clock may differ by this, in milliseconds.
    private static let tolerance: Int64 = 60_000

    /// Takes the right to run, or says who has it; to be called by the holder of `.acquire.lock`.
    func take(_ stem: [UInt8], loop: JSONString, scope: [String]) throws -> ExecutorLock {
        guard let stemName = FileName(stem), let lockName = FileName(stem + Self.lockSuffix),
            let pidName = FileName(stem + Self.pidSuffix)
        else { throw PosixError(call: "open", path: "\(running.path)/\(loop)", code: .nameTooLong) }
        let ancestors = processes.ancestors()
        let paths = (scope.isEmpty ? ["."] : scope).map(ResolvedPath.resolve)
        for lock in try locks() {
            guard isAlive(lock) else {
                try running.unlink(lock.name)
                continue
            }
            if lock.name == lockName { throw ExecutorLockError.running(stem: stemName, process: lock.process) }
            // A loop that an action of this one runs works on what its caller has set aside for it, as in B.
            if ancestors.contains(lock.process) { continue }
            let overlaps = lock.paths.contains { other in
                let other = ResolvedPath.resolve(other.string)
                return paths.contains { Self.overlap($0, other) }
            }
            if overlaps { throw ExecutorLockError.scope(loop: lock.loop, paths: lock.paths, process: lock.process) }
        }
        if let process = try owner(pidName), process != getpid() {
            throw ExecutorLockError.running(stem: stemName, process: process)
        }
        let lock: JSONValue = [
            "loop_name": .string(loop), "scope": .array(paths.map { .string(JSONString($0)) }),
            "pid": .number(JSONNumber(getpid())), "started_at": .string(WallClock.now().iso),
        ]
        return try ExecutorLock.write(
            [(lockName, lock.serialized()), (pidName, Array("\(getpid())".utf8))],
            in: running
        )
    }

    /// The live process that a run's files name, by its lock or else by its pid file.
    package func process(of stem: FileName) throws(PosixError) -> Int32? {
        if let name = FileName(stem.bytes + Self.lockSuffix), let lock = try lock(name), isAlive(lock) {
            return lock.process
        }
        guard let name = FileName(stem.bytes + Self.pidSuffix) else { return nil }
        return try owner(name)
    }

    /// Removes a run's lock and pid file where the process that they name is gone.
    package func removeStale(of stem: FileName) throws(PosixError) {
        guard try process(of: stem) == nil else { return }
        for suffix in [Self.lockSuffix, Self.pidSuffix] {
            if let name = FileName(stem.bytes + suffix) { try running.unlink(name) }
        }
    }

    /// One lock that can be read.
    private struct Lock {
        let name: FileName
        let loop: JSONString
        let paths: [JSONString]
        let process: Int32
        let written: Int64
    }

    private func locks() throws(PosixError) -> [Lock] {
        var locks: [Lock] = []
        for entry in try running.entries() where entry.name != ExecutorLock.acquireLock {
            guard entry.name.bytes.suffix(Self.lockSuffix.count) == Self.lockSuffix[...] else { continue }
            if let lock = try lock(entry.name) { locks.append(lock) }
        }
        return locks
    }

    /// Reads a lock; nil for what is none, as in the specification, which ends with an error for some of that.
    private func lock(_ name: FileName) throws(PosixError) -> Lock? {
        guard let (bytes, written) = try content(name), case .object(let object)? = try? JSONValue(parsing: bytes),
            let process = object["pid"]?.integerValue.flatMap({ Int32(exactly: $0) })
        else { return nil }
        let paths: [JSONString]
        switch object["scope"] {
        case .array(let elements)?: paths = elements.compactMap(\.stringValue)
        case .string(let path)?: paths = [path]
        default: return nil
        }
        return Lock(
            name: name,
            loop: object["loop_name"]?.stringValue ?? "",
            paths: paths,
            process: process,
            written: written
        )
    }

    /// The live process that a pid file names.
    private func owner(_ name: FileName) throws(PosixError) -> Int32? {
        guard let (bytes, written) = try content(name) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        return Int32(text).flatMap { isAlive($0, written: written) ? $0 : nil }
    }

    /// A small regular file with the time it was written, in milliseconds since boot.
    private func content(_ name: FileName) throws(PosixError) -> (bytes: [UInt8], written: Int64)? {
        do {
            guard let file = try running.openFile(name, for: .reading) else { return nil }
            let age = WallClock.now() - Timestamp(nanoseconds: try file.status().modified)
            let milliseconds = age.components.seconds * 1000 + age.components.attoseconds / 1_000_000_000_000_000
            return (try file.contents(limit: Self.limit), processes.sinceBoot() - milliseconds)
        } catch {
            // No executor put that there.
            let foreign: [PosixError.Code] = [.invalid, .symbolicLink, .isDirectory, .fileTooBig]
            if foreign.contains(error.code) { return nil }
            throw error
        }
    }

    private func isAlive(_ lock: Lock) -> Bool {
        isAlive(lock.process, written: lock.written)
    }

    private func isAlive(_ process: Int32, written: Int64) -> Bool {
        guard ThisMachine.isAlive(process) else { return false }
        guard let started = processes.start(of: process) else { return true }
        return started <= written + Self.tolerance
    }

    /// Whether one path is the other, or lies in it.
    private static func overlap(_ one: String, _ other: String) -> Bool {
        one.utf8.elementsEqual(other.utf8) || lies(one, in: other) || lies(other, in: one)
    }

    private static func lies(_ inner: String, in outer: String) -> Bool {
        // By bytes: for Swift two spellings of one letter are the same text, for the file system they are not.
        outer == "/" || inner.utf8.starts(with: Array(outer.utf8) + [UInt8(ascii: "/")])
    }
}
