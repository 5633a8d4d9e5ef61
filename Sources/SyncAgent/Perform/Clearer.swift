import LoopModel
import LoopStore
import SyncCore

/// Takes finished runs out of `.running` that are whole in the history; off unless `clear_after` asks for it.
///
/// The executor's own lock keeps a `run` of either version out meanwhile. It does not keep `resume` and `stop` out, so
/// that every file is moved first, looked at, and put back if it is not the one that was archived.
struct Clearer {
    let loops: LoopsDirectory
    let processes: any ProcessTable

    private static let acquireLock = FileName(literal: ".acquire.lock")

    /// What became of a clearing.
    enum Outcome: Sendable, Equatable {
        case cleared
        /// Somebody is at work there; another time.
        case wait
        /// A file was not the archived one and went back; the run is to be looked at again.
        case changed
        case failed(PosixError)
    }

    /// What is to go, as it was when it was archived.
    struct Request: Sendable {
        var stem: Stem
        var events: FileIdentity?
        var eventsSize: Int64
        var state: FileIdentity?
        var stateModified: Int64
    }

    /// Clears one run, whose archive the caller has just verified under the history's lock.
    func clear(_ request: Request) -> Outcome {
        do throws(PosixError) {
            guard let running = try loops.running(),
                let lock = try running.openFile(Self.acquireLock, for: .reading), try lock.tryLock()
            else { return .wait }
            // Held until this returns, which is a matter of milliseconds: the lock has no time-out on the other side.
            defer { withExtendedLifetime(lock) {} }
            var directory = running
            for name in request.stem.directories {
                guard let below = try directory.subdirectory(name) else { return .changed }
                directory = below
            }
            guard try !isHeld(request.stem, directory) else { return .wait }
            // Events first: with the state alone, version A archives what is left under the same name; with the events
            // alone it would archive them under the next run's.
            let parts = [
                Part(kind: .events, identity: request.events) { $0.size == request.eventsSize },
                Part(kind: .state, identity: request.state) { $0.modified == request.stateModified },
            ]
            let order = Defect.stateClearedFirst.isMade ? parts.reversed() : parts
            return try take(order, of: request.stem, from: directory, to: loops.own(.clearing)) ? .cleared : .changed
        } catch {
            return .failed(error)
        }
    }

    /// Finishes what a dead process began: what was moved is what was archived, or goes back.
    func recover() throws(PosixError) {
        guard let own = try loops.root.subdirectory(.own), let clearing = try own.subdirectory(OwnPart.clearing.name)
        else { return }
        let entries = try clearing.entries()
        guard !entries.isEmpty else { return }
        let running = try loops.running()
        let lock = try running?.openFile(Self.acquireLock, for: .reading)
        // Without the executors' lock one of them may be about to begin a run under the name that a file would go back to.
        let isAlone = try lock?.tryLock() ?? false
        defer { withExtendedLifetime(lock) {} }
        for entry in entries {
            guard let pin = PinStore.parse(entry.name), let status = try clearing.status(of: entry.name) else {
                continue
            }
            if status.identity == pin.identity {
                try clearing.unlink(entry.name)
                continue
            }
            var directory = running
            for below in pin.stem.directories { directory = try directory?.subdirectory(below) }
            if isAlone, let directory, let name = pin.kind.name(for: pin.stem), try !isHeld(pin.stem, directory) {
                try putBack(entry.name, from: clearing, as: name, in: directory, pin.kind, pin.stem)
            } else {
                try keepAsPin(entry.name, in: clearing, pin.kind, pin.stem)
            }
        }
    }

    /// One file of the run.
    private struct Part {
        var kind: RunningFile
        /// Nil for a file that the run never had.
        var identity: FileIdentity?
        var isArchived: (FileStatus) -> Bool
    }

    /// Takes all files out, or none: what is left of a run that is not as archived would lack its other half.
    private func take(
        _ parts: [Part],
        of stem: Stem,
        from directory: any Directory,
        to clearing: any Directory
    ) throws(PosixError) -> Bool {
        for part in parts {
            guard let identity = part.identity, let name = part.kind.name(for: stem) else { continue }
            guard let status = try directory.status(of: name), isArchived(status, identity, part) else { return false }
        }
        var taken: [(moved: FileName, name: FileName, kind: RunningFile)] = []
        for part in parts {
            guard let identity = part.identity, let name = part.kind.name(for: stem) else { continue }
            let moved = PinStore.name(part.kind, identity, stem)
            // RACE: `resume` or `stop` may write between the look and the rename. The bytes are in the moved file then, and
            // the look after the rename sees them; with the events open elsewhere they go on into the file put back.
            try directory.rename(name, into: clearing, as: moved, .notReplacing)
            taken.append((moved, name, part.kind))
            guard let after = try clearing.status(of: moved), isArchived(after, identity, part) else {
                for (moved, name, kind) in taken.reversed() {
                    try putBack(moved, from: clearing, as: name, in: directory, kind, stem)
                }
                return false
            }
        }
        for (moved, _, _) in taken { try clearing.unlink(moved) }
        return true
    }

    private func isArchived(_ status: FileStatus, _ identity: FileIdentity, _ part: Part) -> Bool {
        Defect.clearedUnseen.isMade || status.identity == identity && part.isArchived(status)
    }

    private func isHeld(_ stem: Stem, _ directory: any Directory) throws(PosixError) -> Bool {
        for kind in [RunningFile.lock, .pid] {
            guard let name = kind.name(for: stem), let bytes = try directory.contents(of: name, limit: 1 << 16) else {
                continue
            }
            let pid = kind == .pid ? RunningReader.pid(decimal: bytes) : RunningReader.pid(lock: bytes)
            // A token that names nobody may be half written: somebody is there.
            guard let pid, processes.process(pid) == nil else { return true }
        }
        return false
    }

    /// Gives a file its name again, unless a new one has it by now; then the file's pin has the bytes to archive.
    private func putBack(
        _ moved: FileName,
        from clearing: any Directory,
        as name: FileName,
        in directory: any Directory,
        _ kind: RunningFile,
        _ stem: Stem
    ) throws(PosixError) {
        do {
            let mode = Defect.putBackOver.isMade ? RenameMode.replacing : .notReplacing
            try clearing.rename(moved, into: directory, as: name, mode)
        } catch  where error.code == .exists {
            try keepAsPin(moved, in: clearing, kind, stem)
        }
    }

    /// Makes a pin of a file that has no name to go back to: from there it is archived as what it says.
    private func keepAsPin(
        _ moved: FileName,
        in clearing: any Directory,
        _ kind: RunningFile,
        _ stem: Stem
    ) throws(PosixError) {
        guard let status = try clearing.status(of: moved) else { return }
        try clearing.rename(moved, into: loops.own(.pins), as: PinStore.name(kind, status.identity, stem), .replacing)
        // Where it is its own pin already both names are one file, and a rename does nothing.
        try clearing.unlink(moved)
    }
}
