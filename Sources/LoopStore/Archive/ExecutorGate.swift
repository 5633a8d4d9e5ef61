import LoopModel

/// Keeps executors out of the way of a rename that takes an archive directory from its name.
///
/// Version A copies its leftovers by path at every start: `mkdir -p`, copy, `utime`, `chmod`. A directory that goes from
/// under that path makes the start fail. It copies after it wrote its `.lock` and before its new events file exists,
/// so that the one who holds `.acquire.lock` (and keeps it for a rename alone) sees whether a start is in between.
/// Version B sweeps before it takes any lock, and logs what fails.
struct ExecutorGate {
    let loops: LoopsDirectory
    let processes: any ProcessTable

    /// An executor may be copying right now.
    struct Busy: Error, CustomStringConvertible {
        let description: String
    }

    /// Lets the holder rename, for as long as it is kept.
    final class Permit {
        private let lock: (any File)?

        fileprivate init(_ lock: (any File)?) {
            self.lock = lock
        }
    }

    private static let acquireLock = FileName(literal: ".acquire.lock")
    private static let lockSuffix = ".lock"
    private static let eventsSuffix = ".events.jsonl"
    private static let limit = 1 << 16

    /// Waits for nobody: either no executor is copying, or this is not the moment.
    ///
    /// - Parameter loop: the loop whose directory is to be renamed; nil takes every loop's executor into account.
    func enter(_ loop: JSONString?) throws -> Permit {
        // Without the lock no `run` was ever started here.
        guard !Defect.gateOpen.isMade, let running = try loops.running(), let lock = try acquireLock(in: running) else {
            return Permit(nil)
        }
        guard try lock.tryLock() else { throw Busy(description: "an executor starts") }
        for entry in try running.entries() where entry.name.hasSuffix(Self.lockSuffix) && entry.name != Self.acquireLock
        {
            guard let stem = entry.name.dropping(suffix: Self.lockSuffix),
                try isCopying(stem, lock: entry.name, loop: loop, in: running)
            else { continue }
            throw Busy(description: "the executor of \(stem) may be archiving its leftovers")
        }
        return Permit(lock)
    }

    /// The lock of executors' starts; nil where there is none, or something that no executor can have put there.
    private func acquireLock(in running: any Directory) throws(PosixError) -> (any File)? {
        do {
            return try running.openFile(Self.acquireLock, for: .reading)
        } catch  where error.code == .invalid || error.code == .symbolicLink || error.code == .isDirectory {
            return nil
        }
    }

    private func isCopying(_ stem: FileName, lock: FileName, loop: JSONString?, in running: any Directory)
        throws(PosixError) -> Bool
    {
        let file: any File
        do {
            guard let opened = try running.openFile(lock, for: .reading) else { return false }
            file = opened
        } catch  where error.code == .invalid || error.code == .symbolicLink || error.code == .isDirectory {
            return false
        }
        let written = try file.status()
        guard let json = try? JSONValue(parsing: file.contents(limit: Self.limit)), case .object(let object) = json,
            case .number(let number)? = object["pid"], let pid = number.integer.flatMap({ Int32(exactly: $0) }),
            processes.process(pid) != nil
        else { return false }
        if let loop, case .string(let name)? = object["loop_name"], name != loop { return false }
        guard let events = FileName(stem.bytes + Array(Self.eventsSuffix.utf8)),
            let status = try running.status(of: events)
        else { return true }
        // An events file from before the lock is a leftover still; one from after it means that the copying is over.
        let born = status.identity.birth == 0 ? status.modified : status.identity.birth
        return born < written.modified
    }
}
