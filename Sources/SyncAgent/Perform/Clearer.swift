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
            let clearing = try loops.own(.clearing)
            func isEvents(_ status: FileStatus) -> Bool { status.size == request.eventsSize }
            func isState(_ status: FileStatus) -> Bool { status.modified == request.stateModified }
            // Both or neither: what is left of a run that is not as archived would lack its other half.
            guard
                try isThere(.events, request.events, request.stem, in: directory, isArchived: isEvents),
                try isThere(.state, request.state, request.stem, in: directory, isArchived: isState)
            else { return .changed }
            // Events first: with the state alone, version A archives what is left under the same name; with the events
            // alone it would archive them under the next run's.
            guard
                try take(.events, request.events, request.stem, from: directory, to: clearing, isArchived: isEvents),
                try take(.state, request.state, request.stem, from: directory, to: clearing, isArchived: isState)
            else { return .changed }
            return .cleared
        } catch {
            return .failed(error)
        }
    }

    /// Finishes what a dead process began: what was moved is what was archived, or goes back.
    func recover() throws(PosixError) {
        guard let own = try loops.root.subdirectory(.own), let clearing = try own.subdirectory(OwnPart.clearing.name)
        else { return }
        for entry in try clearing.entries() {
            guard let pin = PinStore.parse(entry.name), let status = try clearing.status(of: entry.name) else {
                continue
            }
            if status.identity == pin.identity {
                try clearing.unlink(entry.name)
            } else if let running = try loops.running(), let name = pin.kind.name(for: pin.stem) {
                var directory: (any Directory)? = running
                for below in pin.stem.directories { directory = try directory?.subdirectory(below) }
                if let directory { try putBack(entry.name, from: clearing, as: name, in: directory, pin) }
            }
        }
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

    /// Whether a file is the archived one; a file that the run never had is.
    private func isThere(
        _ kind: RunningFile,
        _ identity: FileIdentity?,
        _ stem: Stem,
        in directory: any Directory,
        isArchived: (FileStatus) -> Bool
    ) throws(PosixError) -> Bool {
        guard let identity, let name = kind.name(for: stem) else { return true }
        guard let status = try directory.status(of: name) else { return false }
        return status.identity == identity && isArchived(status)
    }

    private func take(
        _ kind: RunningFile,
        _ identity: FileIdentity?,
        _ stem: Stem,
        from directory: any Directory,
        to clearing: any Directory,
        isArchived: (FileStatus) -> Bool
    ) throws(PosixError) -> Bool {
        guard let identity, let name = kind.name(for: stem) else { return true }
        guard try isThere(kind, identity, stem, in: directory, isArchived: isArchived) else { return false }
        let moved = PinStore.name(kind, identity, stem)
        // RACE: `resume` or `stop` may write between the look and the rename. The bytes are in the moved file then, and
        // the look after the rename sees them; with the events open elsewhere they go on into the file put back.
        try directory.rename(name, into: clearing, as: moved, .notReplacing)
        guard let after = try clearing.status(of: moved), after.identity == identity, isArchived(after) else {
            try putBack(moved, from: clearing, as: name, in: directory, nil)
            return false
        }
        try clearing.unlink(moved)
        return true
    }

    /// Gives a file its name again, unless a new one has it by now; then the file's pin has the bytes to archive.
    private func putBack(
        _ moved: FileName,
        from clearing: any Directory,
        as name: FileName,
        in directory: any Directory,
        _ pin: PinStore.Pin?
    ) throws(PosixError) {
        do {
            try clearing.rename(moved, into: directory, as: name, .notReplacing)
        } catch  where error.code == .exists {
            let pins = try loops.own(.pins)
            guard let status = try clearing.status(of: moved), let kind = pin?.kind ?? RunningFile.parse(name)?.kind,
                let stem = pin?.stem ?? PinStore.parse(moved)?.stem
            else { return }
            try clearing.rename(moved, into: pins, as: PinStore.name(kind, status.identity, stem), .replacing)
        }
    }
}
