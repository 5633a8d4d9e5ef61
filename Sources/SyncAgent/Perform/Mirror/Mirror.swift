package import LoopModel
package import LoopStore
package import SyncCore

/// The mirror of one loops directory: live runs, archived runs, and the sync directory's comings and goings.
///
/// Not thread-safe; all calls come from one thread, and each does a bounded piece of work. Whenever the sync directory
/// is not surely ours, nothing is done and everything is remembered to be done later: the files here are the truth, so
/// that remembering means to compare again.
package final class Mirror {
    private static let trust = Duration.seconds(1)
    /// How long the directory is held after a look; longer than `trust`, so that a run that goes on needs no wake-up for it.
    private static let quiet = Duration.seconds(5)
    private static let patience: Int64 = 30

    private let root: MirrorRoot
    let live: LiveMirror
    let archive: ArchiveMirror
    let starts: ArchivedStarts
    let settings: MirrorSettings
    private let findBaseline: BaselineFinder?
    private var opened: OpenMirror?
    var checked: Timestamp?
    private var generation: Int?
    var nextLook: Timestamp?
    private var looks = 0
    var backoff = MirrorBackoff()
    var deferred: Set<LiveStem> = []
    var notices: [MirrorNotice] = []

    /// Why nothing is mirrored now; nil when all is well, and before the first look.
    package private(set) var suspension: MirrorSuspension?

    /// Finds what was compared before with a mirror, by the id in its marker and its path.
    package typealias BaselineFinder = (String, String) -> (any MirrorBaseline)?

    /// The mirror that the settings ask for; nil where they ask for none.
    package init?(
        loops: LoopsDirectory,
        settings: MirrorSettings,
        owner: MirrorOwner,
        environment: MirrorEnvironment,
        baseline: BaselineFinder? = nil,
        pruned: (() throws -> [PrunedRun])? = nil
    ) {
        guard let syncPath = settings.to else { return nil }
        findBaseline = baseline
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
        archive.pruned = pruned ?? { try PrunedRun.recorded(in: loops) }
        starts = ArchivedStarts(in: loops)
        live.isArchived = starts.contains
    }

    /// Looks for the mirror without making or changing anything.
    package func look() -> MirrorSight {
        root.look()
    }

    /// The same, with the mirror's directory where there is one; only to be read.
    package func glimpse() -> (sight: MirrorSight, root: (any Directory)?) {
        root.glimpse()
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
                archive.baseline = findBaseline?(mirror.marker.id, mirror.root.path)
            }
            generation = mirror.generation
            opened = mirror
            path = mirror.root.path
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
            path = nil
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
    func directory(now: Timestamp) -> (any Directory)? {
        if let opened, let checked, now >= checked, now - checked < Self.trust { return opened.root }
        if isWaiting(now) { return nil }
        return open(now: now)?.root
    }

    /// The mirror's own directory, namespace included; nil while it is suspended or was not looked for yet.
    package private(set) var path: String?

    func isWaiting(_ now: Timestamp) -> Bool {
        guard suspension != nil, let nextLook else { return false }
        return nextLook > now && nextLook - now <= .seconds(Self.patience)
    }

    /// Whether this loop's runs are mirrored at all; `require_mirrored` does not wait for one that never is.
    package func covers(_ loop: JSONString) -> Bool {
        settings.filter.includes(loop)
    }

    /// Whether a run stands in the mirror, whole, with just these sums, and the mirror is there; as far as known.
    ///
    /// - Parameter sums: the digest of the bytes of its `SHA256SUMS`.
    package func isMirrored(_ place: RunPlace, sums: [UInt8]?) -> Bool {
        guard suspension == nil, let sums else { return false }
        return archive.isMirrored(place, sums: sums)
    }

    /// The same, by a look at the disk: for a run that is about to leave the history.
    package func holds(_ place: RunPlace, sums: [UInt8]?, now: Timestamp) -> Bool {
        guard let sums, let root = directory(now: now) else { return false }
        return archive.holds(place, sums: sums, in: root)
    }

    /// Gives the mirror's directory back after a batch of work, so that a disk can be unmounted.
    package func close() {
        opened = nil
    }
}

extension Mirror {
    /// Closes what was quiet for five seconds, so that a disk can be unmounted, and looks for a suspended mirror.
    package func tick(now: Timestamp) {
        live.closeQuiet(now: now)
        if let checked, now - checked >= Self.quiet || now < checked { opened = nil }
        if suspension != nil, !isWaiting(now) { open(now: now) }
    }

    /// When `tick`, `due` or `work` has something to do that it has not now; nil for never.
    package func nextDeadline(now: Timestamp) -> Timestamp? {
        let quiet = opened == nil ? nil : checked.map { $0 + Self.quiet }
        let pending = deferred.isEmpty ? nil : backoff.wait(now: now)
        let archived = suspension == nil ? archive.nextDeadline(now: now) : nil
        return earlier(earlier(live.nextDeadline, archived), earlier(nextLook, earlier(pending, quiet)))
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

    /// Whether nothing is left to be tried: all that is not in the mirror is among the failures.
    package var isSettled: Bool { archive.isSettled }

    /// Runs that could not be mirrored, and why.
    package var failures: [RunPlace: String] { archive.failures }

    /// Runs that wait for their time, and why.
    package var waiting: [RunPlace: String] { archive.waiting }
}
