package import LoopModel
package import LoopStore
import SyncCore

/// What a check of a run's copy in the mirror found.
package enum MirrorVerdict: Hashable, Sendable {
    /// Every file is there and as its sums say, apart from what an executor's reader rewrites in passing.
    ///
    /// `foreign` names what somebody else put there; it is left alone.
    case sound(foreign: [FileName])
    /// The mirror has no copy.
    case absent
    /// It is whole, but of an earlier state of the run, or of another one: the next mirroring sees to that.
    case behind
    /// These files are not what they were; nothing was changed.
    case damaged([FileDamage])
    /// `SHA256SUMS` itself cannot be read as such, or is missing.
    case unreadableSums(SumsFileError)

    /// Whether something is lost there.
    package var isDamage: Bool {
        switch self {
        case .damaged, .unreadableSums: true
        case .sound, .absent, .behind: false
        }
    }
}

/// Checks the copies of archived runs in one mirror, byte for byte, and replaces those that are damaged.
package struct MirrorVerifier {
    private let loops: LoopsDirectory
    private let root: any Directory
    private let scratch: MirrorScratch

    /// Looks into the mirror whose directory this is.
    package init(loops: LoopsDirectory, root: any Directory, scratch: MirrorScratch) {
        self.loops = loops
        self.root = root
        self.scratch = scratch
    }

    /// Checks the copy of a run; changes nothing.
    package func check(_ place: RunPlace) throws(PosixError) -> MirrorVerdict {
        guard let copies = try root.subdirectory(.history), let copy = try HistoryScan.directory(of: place, in: copies)
        else { return .absent }
        let own: SumsFile
        switch try SumsFile.stored(in: copy) {
        // The mirror has no run without sums: they went there together.
        case nil: return .unreadableSums(SumsFileError(line: 0, .missing))
        case .failure(let error): return .unreadableSums(error)
        case .success(let sums): own = sums
        }
        var source: (any Directory)?
        if let history = try loops.history() { source = try HistoryScan.directory(of: place, in: history) }
        var state: [UInt8]?
        if let source { state = try Self.state(in: source) }
        let (damage, foreign) = try judge(own.damage(in: copy), copy, state)
        guard let source, case .success(let sums)? = try SumsFile.stored(in: source), sums != own else {
            return damage.isEmpty ? .sound(foreign: foreign) : .damaged(damage)
        }
        // The history was changed since, or one of the two sums is wrong: the files tell.
        if try judge(sums.damage(in: copy), copy, state).damage.isEmpty {
            return .damaged([FileDamage(name: .sums, kind: .changed)])
        }
        return damage.isEmpty ? .behind : .damaged(damage)
    }

    /// What is damage, and what somebody else added.
    private func judge(_ found: [FileDamage], _ copy: any Directory, _ state: [UInt8]?) throws(PosixError)
        -> (damage: [FileDamage], foreign: [FileName])
    {
        var damage: [FileDamage] = []
        for file in found where file.kind != .extra {
            if file.kind == .changed, file.name == .state, try isFlip(in: copy, of: state) { continue }
            damage.append(file)
        }
        return (damage, found.filter { $0.kind == .extra }.map(\.name))
    }

    /// Whether an executor's reader saved the mirrored state, as it does in passing, and changed what readers change.
    ///
    /// It saves as executors do; a bit that flipped in what a reader rewrites does not.
    private func isFlip(in copy: any Directory, of state: [UInt8]?) throws(PosixError) -> Bool {
        guard let state, let there = try Self.state(in: copy), let modified = try copy.status(of: .state)?.modified
        else { return false }
        return LoopState(savedByExecutor: there, modified: modified) != nil
            && ReaderFlip.isAll(between: state, and: there)
    }

    private static func state(in directory: any Directory) throws(PosixError) -> [UInt8]? {
        do {
            guard try directory.status(of: .state)?.kind == .file else { return nil }
            return try directory.contents(of: .state, limit: HistoryScan.stateLimit)
        } catch  where error.code == .fileTooBig || error.code == .inputOutput {
            return nil
        }
    }

    /// Replaces a damaged copy by what the history has, if that is whole; what was there is kept in `.conflicts`.
    ///
    /// - Returns: what the copy is after that.
    package func repair(_ place: RunPlace, notices: inout [MirrorNotice]) throws(PosixError) -> MirrorVerdict {
        let before = try check(place)
        guard before.isDamage, let source = try RunSealing.seal(of: place, in: loops.history()),
            let sealed = source.sealed
        else { return before }
        guard let lock = try MirrorLock.acquire(loops, waiting: 10) else {
            throw PosixError(call: "flock", path: "\(loops.root.path)/.loopsync/mirror.lock", code: .tryAgain)
        }
        defer { withExtendedLifetime(lock) {} }
        let publisher = RunPublisher(
            root: root,
            scratch: try scratch.open(in: root),
            name: FileName(literal: "repaired")
        )
        switch try publisher.publish(place, from: source.directory, sealed, notices: &notices) {
        case .published: return try check(place)
        case .unsound: return before
        }
    }

    /// Runs that only the mirror has: pruned here, or lost.
    ///
    /// What a sync client named is no run.
    package func others(than places: Set<RunPlace>) throws(PosixError) -> [ArchivedRun] {
        guard let copies = try root.subdirectory(.history) else { return [] }
        var runs: [ArchivedRun] = []
        for place in try HistoryScan.places(in: copies) where !places.contains(place) && !place.isConflictCopy {
            if let run = try HistoryScan.read(place, in: copies) { runs.append(run) }
        }
        return runs
    }
}
