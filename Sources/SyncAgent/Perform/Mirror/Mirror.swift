package import LoopModel
package import LoopStore
package import SyncCore

/// What became of a request about a live run's mirror.
package enum LiveMirrorOutcome: Sendable, Hashable {
    /// So many bytes were written; 0 for nothing new.
    case wrote(Int64)
    /// A long copy gave way to other work; ask again at once.
    case more
    /// Not now; the stem comes back in `Mirror.due` when its time has come.
    case later
    /// The loop is not mirrored, or live runs are not.
    case excluded
    /// Reported; the next change of the file tries again.
    case failed(PosixError)
}

/// The mirror of one loops directory: live runs, archived runs, and the sync directory's comings and goings.
///
/// Not thread-safe; all calls come from one thread, and each does a bounded piece of work. Whenever the sync directory
/// is not surely ours, nothing is done and everything is remembered to be done later: the files here are the truth, so
/// that remembering means to compare again.
package final class Mirror {
    private static let trust = Duration.seconds(1)
    private static let patience: Int64 = 30

    private let root: MirrorRoot
    private let live: LiveMirror
    private let archive: ArchiveMirror
    private let starts: ArchivedStarts
    private var settings: MirrorSettings
    private var opened: OpenMirror?
    private var checked: Timestamp?
    private var generation: Int?
    private var nextLook: Timestamp?
    private var looks = 0
    private var backoff = MirrorBackoff()
    private var deferred: Set<LiveStem> = []
    private var notices: [MirrorNotice] = []

    /// Why nothing is mirrored now; nil when all is well, and before the first look.
    package private(set) var suspension: MirrorSuspension?

    /// The mirror that the settings ask for; nil where they ask for none.
    package init?(
        loops: LoopsDirectory,
        settings: MirrorSettings,
        owner: MirrorOwner,
        environment: MirrorEnvironment,
        pruned: (() -> [PrunedRun])? = nil
    ) {
        guard let syncPath = settings.to else { return nil }
        self.settings = settings
        let scratch = MirrorScratch(machine: owner.machine, process: environment.process)
        root = MirrorRoot(
            loops: loops,
            syncPath: syncPath,
            template: settings.namespace,
            owner: owner,
            environment: environment
        )
        live = LiveMirror(scratch: scratch, interval: settings.liveInterval)
        archive = ArchiveMirror(loops: loops, scratch: scratch, filter: settings.filter, deletions: settings.deletions)
        archive.pruned = pruned ?? { PrunedRun.recorded(in: loops) }
        starts = ArchivedStarts(in: loops)
        live.isArchived = starts.contains
    }

    /// Takes over changed settings.
    ///
    /// - Returns: false where the sync directory is another one now: then a new `Mirror` is needed.
    package func apply(_ settings: MirrorSettings) -> Bool {
        guard settings.to == self.settings.to else { return false }
        if settings.filter != self.settings.filter || settings.deletions != self.settings.deletions { archive.rescan() }
        self.settings = settings
        live.interval = settings.liveInterval
        archive.filter = settings.filter
        archive.deletions = settings.deletions
        return true
    }

    /// Looks for the mirror; called at start, and whenever `nextDeadline` says so while it is suspended.
    ///
    /// - Parameter isAdopting: `loopsync mirror --adopt`.
    /// - Returns: the mirror's directory for as long as this batch of work lasts; nil while it is suspended.
    @discardableResult
    package func open(now: Timestamp, isAdopting: Bool = false) -> OpenMirror? {
        let standing = isAdopting ? root.find(now: now, isAdopting: true) : root.check(now: now)
        notices += root.takeNotices()
        checked = now
        switch standing {
        case .open(let mirror):
            if mirror.generation != generation {
                // Another directory may be there now, without what this one had.
                deferred.formUnion(live.stems)
                live.detach()
                archive.detach()
            }
            generation = mirror.generation
            opened = mirror
            suspension = nil
            nextLook = nil
            looks = 0
            return mirror
        case .suspended(let suspension):
            if self.suspension == nil {
                deferred.formUnion(live.stems)
                live.detach()
                archive.detach()
            }
            self.suspension = suspension
            opened = nil
            generation = nil
            // A disk that was just plugged in is found soon; one that is away for days costs two looks a minute.
            nextLook = now.adding(seconds: min(Self.patience, 2 << Int64(min(looks, 4))))
            looks += 1
            return nil
        }
    }

    /// The mirror's directory, looked at again when the last look is a second old.
    ///
    /// While a descriptor is open there the disk cannot have been unmounted; a second bounds what a renamed directory or
    /// a disk mounted over it can get.
    private func directory(now: Timestamp) -> (any Directory)? {
        if let opened, let checked, now >= checked, now - checked < Self.trust { return opened.root }
        if isWaiting(now) { return nil }
        return open(now: now)?.root
    }

    /// The mirror's own directory, namespace included; nil while it is suspended or was not looked for yet.
    package var path: String? { opened?.root.path }

    private func isWaiting(_ now: Timestamp) -> Bool {
        guard suspension != nil, let nextLook else { return false }
        return nextLook > now && nextLook - now <= .seconds(Self.patience)
    }

    /// Whether this loop's runs are mirrored at all; `require_mirrored` does not wait for one that never is.
    package func covers(_ loop: JSONString) -> Bool {
        settings.filter.includes(loop)
    }

    /// Whether a run stands in the mirror, whole, with just these sums, and the mirror is there.
    ///
    /// - Parameter sums: the digest of the bytes of its `SHA256SUMS`.
    package func isMirrored(_ place: RunPlace, sums: [UInt8]?) -> Bool {
        guard suspension == nil, let sums else { return false }
        return archive.isMirrored(place, sums: sums)
    }
}

// MARK: - Live runs

extension Mirror {
    /// Appends a live run's new whole lines, or after its end the last torn one too.
    ///
    /// - Parameters:
    ///   - source: the executor's events file, opened through its pin.
    ///   - hasEnded: the run is over; what is there is written now, whatever `live_interval` says.
    package func append(
        _ stem: LiveStem,
        loop: JSONString,
        from source: any File,
        hasEnded: Bool,
        now: Timestamp
    ) -> LiveMirrorOutcome {
        perform(stem, loop, now) { root in
            hasEnded
                ? live.finish(stem, from: source, in: root, now: now)
                : live.append(stem, from: source, in: root, now: now)
        }
    }

    /// Replaces a live run's mirrored state by one that parses.
    ///
    /// - Parameters:
    ///   - mode: the source's permission bits.
    ///   - modified: the source's modification time in nanoseconds.
    package func save(
        _ stem: LiveStem,
        loop: JSONString,
        state bytes: [UInt8],
        mode: UInt32,
        modified: Int64,
        hasEnded: Bool,
        now: Timestamp
    ) -> LiveMirrorOutcome {
        perform(stem, loop, now) { root in
            live.save(stem, state: bytes, mode: mode, modified: modified, in: root, now: now, isFinal: hasEnded)
        }
    }

    /// Removes a run's live files from the mirror, since they left `.running`.
    package func remove(_ stem: LiveStem, now: Timestamp) -> LiveMirrorOutcome {
        perform(stem, nil, now) { root in live.remove(stem, in: root) }
    }

    /// Removes the live files of runs that left `.running` while nobody looked; to be called when a mirror was opened.
    ///
    /// - Parameter present: the stems that have a file in `.running`.
    /// - Returns: the stems that went.
    @discardableResult
    package func removeLive(except present: Set<LiveStem>, now: Timestamp) -> [LiveStem] {
        guard let root = directory(now: now), let there = try? LiveMirror.stems(in: root) else { return [] }
        notices += there.conflictCopies.map { MirrorNotice.conflictCopy(path: $0) }
        let gone = there.stems.filter { !present.contains($0) }
        for stem in gone { _ = remove(stem, now: now) }
        return gone
    }

    private func perform(
        _ stem: LiveStem,
        _ loop: JSONString?,
        _ now: Timestamp,
        _ body: (any Directory) -> LiveOutcome
    ) -> LiveMirrorOutcome {
        if let loop, !settings.live || !settings.filter.includes(loop) { return .excluded }
        guard backoff.wait(now: now) == nil, let root = directory(now: now) else {
            deferred.insert(stem)
            return .later
        }
        switch body(root) {
        case .wrote(let bytes):
            backoff.succeeded()
            return .wrote(bytes)
        case .unchanged: return .wrote(0)
        case .more: return .more
        case .wait: return .later
        case .failed(let error):
            checked = nil
            guard error.isTransient else { return .failed(error) }
            backoff.failed(now: now)
            deferred.insert(stem)
            return .later
        }
    }

    /// The stems whose time has come: to be appended and saved again.
    package func due(now: Timestamp) -> [LiveStem] {
        var stems = Set(live.due(now: now))
        if suspension == nil, backoff.wait(now: now) == nil {
            stems.formUnion(deferred)
            deferred = []
        }
        return stems.sorted()
    }

}

extension Mirror {
    /// Tells which runs are archived, by the first line of their events: their live copies go without a trace.
    ///
    /// What the closure does not know, as it is with runs that ended before it was asked, is searched in the history.
    package func setArchived(_ isArchived: @escaping ([UInt8]) -> Bool) {
        let starts = starts
        live.isArchived = { isArchived($0) || starts.contains($0) }
    }
}

// MARK: - Archived runs

extension Mirror {
    /// Compares the whole history with the mirror's again.
    package func rescan() {
        archive.rescan()
    }

    /// Takes over what archiving a run did; see `ArchiveMirror.archived`.
    package func archived(
        _ place: RunPlace,
        live stem: LiveStem? = nil,
        renamed: [(from: RunPlace, to: RunPlace)] = []
    ) {
        archive.archived(place, live: stem, renamed: renamed)
    }

    /// Does one unit of work on the archived runs; nil when nothing is to be done now.
    package func work(now: Timestamp) -> MirrorWorkOutcome? {
        guard let work = archive.nextWork(now: now) else { return nil }
        // Each unit may take long; each looks first.
        guard let root = work.changes ? lookAgain(now: now) : directory(now: now) else { return nil }
        let outcome = archive.perform(work, in: root, now: now)
        switch outcome {
        case .done(.published(_, bytes: _, sharing: let stem?)): live.reseal(stem, in: root)
        case .done: break
        case .retryLater, .failed: checked = nil
        }
        return outcome
    }

    private func lookAgain(now: Timestamp) -> (any Directory)? {
        if isWaiting(now) { return nil }
        return open(now: now)?.root
    }

    /// What would be done now, without doing it; nil while the mirror is suspended.
    package func plan(now: Timestamp) throws(PosixError) -> MirrorPlan? {
        guard let root = open(now: now)?.root else { return nil }
        return try archive.plan(in: root)
    }
}

// MARK: - Time and telling

extension Mirror {
    /// Closes what was quiet for five seconds, so that a disk can be unmounted, and looks for a suspended mirror.
    package func tick(now: Timestamp) {
        live.closeQuiet(now: now)
        if let checked, now - checked >= Self.trust || now < checked { opened = nil }
        if suspension != nil, !isWaiting(now) { open(now: now) }
    }

    /// When `tick`, `due` or `work` has something to do that it has not now; nil for never.
    package func nextDeadline(now: Timestamp) -> Timestamp? {
        let quiet = opened == nil ? nil : checked.map { $0 + Self.trust }
        let pending = deferred.isEmpty ? nil : backoff.wait(now: now)
        return [live.nextDeadline, nextLook, pending, quiet, suspension == nil ? archive.nextDeadline(now: now) : nil]
            .compactMap { $0 }.min()
    }

    /// What was found since the last call; each is told once.
    package func takeNotices() -> [MirrorNotice] {
        defer { notices = [] }
        return notices + live.takeNotices() + archive.takeNotices()
    }

    /// Runs that are still to be mirrored, as far as known.
    package var pending: Int { archive.pending }

    /// Whether everything archived is in the mirror.
    package var isUpToDate: Bool { suspension == nil && archive.isUpToDate }

    /// Runs that could not be mirrored, and why.
    package var failures: [RunPlace: String] { archive.failures }
}

extension PrunedRun {
    /// What this program removed from a history, by its record and its trash; nothing where they cannot be read.
    package static func recorded(in loops: LoopsDirectory) -> [PrunedRun] {
        let records = (try? PruneLog(loops).pruned()) ?? []
        return records.map { PrunedRun(place: $0.place, sums: $0.sums, identity: $0.identity) }
    }
}
