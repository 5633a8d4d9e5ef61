import Glibc
public import LoopModel

/// Why a loop may not be run now.
public enum ExecutorLockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A running loop works on one of the same paths.
    case scope(loop: JSONString, paths: [JSONString], process: Int32)
    /// The run of these files is already under way.
    case running(stem: FileName, process: Int32)
    /// Somebody has held the lock of starts for all of the waiting.
    case busy(path: String)
    /// The system refused a call.
    case system(PosixError)

    /// Who is in the way, and what to do next.
    public var description: String {
        switch self {
        case .scope(let loop, let paths, let process):
            "scope conflict with the running loop \(loop) (process \(process)), which works on "
                + paths.map(\.description).joined(separator: ", ")
                + ": wait for its end, or stop it"
        case .running(let stem, let process):
            "the run \(stem) is under way (process \(process)): wait for its end, or stop it"
        case .busy(let path):
            "\(path) has been locked for 10 s by another executor that starts: try again"
        case .system(let error):
            "the locks of running loops cannot be kept: \(error)"
        }
    }
}

/// The right to run a loop: `NAME.lock` and `NAME.pid`, as the executors of little-loops write and heed them.
///
/// Two loops exclude each other when a path of one's scope is, or lies in, a path of the other's. Unlike in the
/// specification a resumed run takes the lock as well, a run that is refused leaves the pid file of the one that is
/// under way alone, a lock older than the process that now has its number is stale, and a loop that is run by an action
/// of another one is not refused for that one's sake, as in later versions.
public final class ExecutorLock: Sendable {
    private let running: any Directory
    private let files: [(name: FileName, content: [UInt8])]

    private init(_ running: any Directory, files: [(name: FileName, content: [UInt8])]) {
        self.running = running
        self.files = files
    }

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - persistence: names the files of the run; `initialize` was called.
    ///   - loop: the loop's name.
    ///   - scope: the paths that it works on; none means the working directory.
    public static func acquire(_ persistence: StatePersistence, loop: JSONString, scope: [String])
        throws(ExecutorLockError) -> ExecutorLock
    {
        do {
            let running = try persistence.existingRunning(for: acquireLock)
            // It goes with this object, at the end.
            guard let gate = try openGate(in: running) else {
                throw ExecutorLockError.busy(path: "\(running.path)/\(acquireLock)")
            }
            return try withExtendedLifetime(gate) {
                try ExecutorTokens(running: running).take(persistence.stem, loop: loop, scope: scope)
            }
        } catch let error as ExecutorLockError {
            throw error
        } catch let error as PosixError {
            throw .system(error)
        } catch {
            throw .busy(path: "\(error)")
        }
    }

    /// Gives the lock back: files that somebody else has written over by now are left to them.
    public func release() {
        for (name, content) in files {
            guard let there = try? running.contents(of: name, limit: 1 << 16), there == content else { continue }
            _ = try? running.unlink(name)
        }
    }

    static let acquireLock = FileName(literal: ".acquire.lock")

    /// Waits for the file's flock, which everybody else holds for milliseconds; nil where it is not free in 10 s.
    private static func openGate(in running: any Directory) throws(PosixError) -> (any File)? {
        let file = try open(acquireLock, in: running)
        for _ in 0..<1000 {
            if try file.tryLock() { return file }
            running.rest(milliseconds: 10)
        }
        return nil
    }

    private static func open(_ name: FileName, in running: any Directory) throws(PosixError) -> any File {
        if let there = try running.openFile(name, for: .writing) { return there }
        do {
            return try running.createFile(name, mode: 0o666)
        } catch  where error.code == .exists {
            // Another process was quicker.
        }
        if let there = try running.openFile(name, for: .writing) { return there }
        throw PosixError(call: "open", path: "\(running.path)/\(name)", code: .noEntry)
    }

    /// Writes the lock first and the pid last, and neither where both cannot be.
    static func write(_ files: [(name: FileName, content: [UInt8])], in running: any Directory) throws(PosixError)
        -> ExecutorLock
    {
        let lock = ExecutorLock(running, files: files)
        do {
            for (name, content) in files {
                let file = try open(name, in: running)
                try file.truncate(to: 0)
                try file.write(content, at: 0)
                try file.close()
            }
        } catch {
            lock.release()
            throw error
        }
        return lock
    }
}
