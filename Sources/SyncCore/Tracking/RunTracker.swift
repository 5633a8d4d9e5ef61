package import LoopModel

/// What the tracker goes by.
package struct TrackerSettings: Sendable, Hashable {
    /// Quiet time before a run counts as ended whose executor still holds it, in milliseconds.
    package var settle: Int64
    /// Quiet time before a run without an end and without a known owner is archived, in milliseconds; nil: never.
    package var abandonedAfter: Int64?
    /// Quiet time after which an archived run is taken out of `.running`, in milliseconds; nil: never.
    package var clearAfter: Int64?
    /// Only runs that ended so are cleared.
    package var clearStatuses: Set<RunStatus>

    package init(
        settle: Int64 = 2000,
        abandonedAfter: Int64? = 86_400_000,
        clearAfter: Int64? = nil,
        clearStatuses: Set<RunStatus> = [.completed, .failed, .timedOut]
    ) {
        self.settle = settle
        self.abandonedAfter = abandonedAfter
        self.clearAfter = clearAfter
        self.clearStatuses = clearStatuses
    }
}

/// Follows the runs of one `.running` and decides when each is to be archived; pure.
///
/// It is told what files say, not what events the kernel sent: whoever reads the files again after anything was lost
/// brings it to the same state.
package struct RunTracker: Sendable {
    package var settings: TrackerSettings
    package internal(set) var events: [FileIdentity: EventsFile] = [:]
    package internal(set) var states: [FileIdentity: StateFile] = [:]
    /// Which files each stem has, so that no look at one stem takes the others' files.
    var files: [Stem: StemFiles] = [:]
    /// The stems with files or states of each loop's own stem.
    var families: [Stem: Set<Stem>] = [:]
    /// The runs of the stems that were not touched since.
    private var assembled: [Stem: [TrackedRun]] = [:]
    /// Which stems had runs of a loop in `.running` when they were assembled last, and the reverse.
    private var standing: [JSONString: Set<Stem>] = [:]
    private var loops: [Stem: Set<JSONString>] = [:]
    var versions: [Stem: [StateVersion]] = [:]
    var siblings: [Stem: Sibling] = [:]
    var memories: [RunIdentity: Memory] = [:]
    private var sightings: UInt64 = 0
    private var comingsAndGoings: UInt64 = 0

    struct StemFiles: Sendable {
        var events: Set<FileIdentity> = []
        var states: Set<FileIdentity> = []
    }

    struct Sibling: Sendable, Hashable {
        var signature: [RunningFile: [Int64]] = [:]
        var changed: Moment
    }

    /// What is remembered of a run besides its files.
    struct Memory: Sendable {
        var owner = OwnerEvidence()
        var archived: ArchivedAs?
        var retryAt: Int64?
        var attempts = 0
        var isUnderWay = false
        /// When the run was first found to be whole in the history and gone from `.running`.
        var leftAt: Int64?
        /// Whether the executor may have overwritten the archive since it was looked at.
        var isDoubted = false
        /// Whether a run of the same name was in `.running` then.
        var hadNamesake = false
        /// Where its archive was last looked at again because another run was found there as well.
        var shared: RunPlace?
        /// The place that was last kept free for this run while it lives.
        var reserved: RunID?
        /// Ids of other runs whose state stood where this one's should.
        var strangers: Set<RunID> = []
    }

    /// Where a run was archived, and from what.
    package struct ArchivedAs: Sendable, Hashable {
        package var place: RunPlace
        package var signature: RunSignature

        package init(place: RunPlace, signature: RunSignature) {
            self.place = place
            self.signature = signature
        }
    }

    package init(settings: TrackerSettings) {
        self.settings = settings
    }

    // MARK: What the files say

    /// How far an events file was read; nil for one that is new.
    package func position(of file: FileIdentity) -> Int64? {
        events[file]?.log.position
    }

    /// Takes the next bytes of an events file, or its first sighting with none.
    package mutating func grew(
        _ file: FileIdentity,
        stem: Stem,
        by bytes: [UInt8],
        modified: Int64,
        isInRunning: Bool,
        at now: Moment
    ) {
        if isInRunning { follow(events: file, to: stem) }
        var known =
            events[file]
            ?? EventsFile(identity: file, stem: stem, isInRunning: isInRunning, changed: now, modified: modified)
        // It left before it was read, and after what was seen to leave by now.
        if events[file] == nil, !isInRunning { known.left = comingsAndGoings }
        known.log.consume(bytes)
        if !bytes.isEmpty { known.changed = now }
        known.modified = modified
        known.isInRunning = isInRunning || known.isInRunning
        events[file] = known
        files[known.stem, default: StemFiles()].events.insert(file)
        families[known.stem.family, default: []].insert(known.stem)
        touch(known.stem)
    }

    /// Forgets what an events file said, because it was cut or written anew; it is to be read from its beginning.
    package mutating func restarted(_ file: FileIdentity) {
        events[file]?.log = EventLog()
        if let stem = events[file]?.stem { touch(stem) }
    }

    /// Takes the whole content of a state file.
    package mutating func stateRead(
        _ file: FileIdentity,
        stem: Stem,
        content: Result<LoopState, StateProblem>,
        bytes: [UInt8]?,
        mode: UInt32,
        modified: Int64,
        isInRunning: Bool,
        at now: Moment
    ) {
        sightings += 1
        if isInRunning { follow(state: file, to: stem) }
        let stem = states[file]?.stem ?? stem
        var seen = StateFile(
            identity: file,
            stem: stem,
            isInRunning: isInRunning || (states[file]?.isInRunning ?? false),
            content: .unreadable(reason: "", bytes: bytes),
            changed: now,
            modified: modified,
            mode: mode
        )
        switch content {
        case .failure(let problem):
            seen.content = .unreadable(reason: problem.reason, bytes: bytes)
        case .success(let state):
            let facts = StateFacts(state)
            seen.content = .version(startedAt: facts.startedAt, loop: facts.loop)
            let version = StateVersion(
                stem: stem,
                facts: facts,
                bytes: bytes ?? [],
                mode: mode,
                modified: modified,
                file: file,
                sighting: sightings,
                changed: now
            )
            remember(version, isInRunning: isInRunning)
        }
        if let known = states[file], known.content == seen.content, known.modified == modified {
            seen.changed = known.changed
        }
        states[file] = seen
        files[stem, default: StemFiles()].states.insert(file)
        families[stem.family, default: []].insert(stem)
        touch(stem)
    }

    private mutating func remember(_ version: StateVersion, isInRunning: Bool) {
        guard supersedeKin(of: version) else { return }
        var list = versions[version.stem] ?? []
        if let same = list.firstIndex(where: { $0.isOfSegment(of: version) }) {
            guard list[same].bytes != version.bytes || list[same].file != version.file else { return }
            // A pin that is read late holds what a newer save has replaced.
            if !isInRunning, version.modified < list[same].modified { return }
            list[same] = version
        } else {
            list.append(version)
        }
        versions[version.stem] = list
    }

    /// Hears which file has the name of a stem's state or events now; nil where none has.
    package mutating func named(_ kind: RunningFile, stem: Stem, file current: FileIdentity?, at now: Moment) {
        switch kind {
        case .events:
            for identity in files[stem]?.events ?? []
            where events[identity].map({ $0.isInRunning != (identity == current) }) ?? false {
                events[identity]?.isInRunning = identity == current
                comingsAndGoings += 1
                if identity != current { events[identity]?.left = comingsAndGoings }
                events[identity]?.changed = now
                touch(stem)
            }
        case .state:
            for identity in files[stem]?.states ?? []
            where states[identity].map({ $0.isInRunning != (identity == current) }) ?? false {
                states[identity]?.isInRunning = identity == current
                states[identity]?.changed = now
                touch(stem)
            }
        case .pid, .lock, .log, .metaEvaluation:
            break
        }
    }

    /// Hears the sizes and times of the files beside a run that are archived with it.
    package mutating func siblingsSeen(_ signature: [RunningFile: [Int64]], stem: Stem, at now: Moment) {
        // None at the first look is nothing new.
        guard (siblings[stem]?.signature ?? [:]) != signature else { return }
        siblings[stem] = Sibling(signature: signature, changed: now)
    }

    // MARK: Runs

    /// All stems with files, in order.
    package var stems: [Stem] {
        Set(files.keys).union(versions.keys).sorted()
    }

    /// The events files of a stem.
    package func eventsFiles(of stem: Stem) -> [EventsFile] {
        (files[stem]?.events ?? []).compactMap { events[$0] }
    }

    /// The state files of a stem.
    package func stateFiles(of stem: Stem) -> [StateFile] {
        (files[stem]?.states ?? []).compactMap { states[$0] }
    }

    /// What else than this file is thought to have the name of a stem's events or state.
    package func inRunning(_ kind: RunningFile, of stem: Stem, except current: FileIdentity?) -> [FileIdentity] {
        guard let files = files[stem] else { return [] }
        let all = kind == .events ? files.events : files.states
        return all.filter {
            $0 != current && (kind == .events ? events[$0]?.isInRunning : states[$0]?.isInRunning) == true
        }
    }

    /// Whether a stem's state file in `.running` was read with just these bytes and attributes.
    package func holds(_ file: FileIdentity, of stem: Stem, bytes: [UInt8], mode: UInt32, modified: Int64) -> Bool {
        guard let known = states[file], known.stem == stem, known.isInRunning, known.mode == mode,
            known.modified == modified,
            case .version = known.content
        else { return false }
        return versions[known.stem]?.contains { $0.file == file && $0.modified == modified && $0.bytes == bytes }
            ?? false
    }

    /// The runs of a stem, oldest first.
    package func runs(of stem: Stem) -> [TrackedRun] {
        assembled[stem]
            ?? RunAssembly.runs(
                events: eventsFiles(of: stem),
                states: states(for: stem),
                files: stateFiles(of: stem)
            )
    }

    /// The loop whose files have a stem now; nil where nothing says so yet.
    package func loop(of stem: Stem) -> JSONString? {
        runs(of: stem).last?.loop ?? versions[stem]?.last?.facts.loop
    }

    /// What a state file says; nil where it cannot be read.
    package func version(in file: StateFile) -> StateVersion? {
        versions[file.stem]?.first { file.holds($0) }
    }

    /// Puts a stem's runs together once for all who ask until it changes again.
    package mutating func assemble(_ stem: Stem) {
        guard assembled[stem] == nil else { return }
        let runs = runs(of: stem)
        assembled[stem] = runs.isEmpty ? nil : runs
        let (old, new) = (loops[stem] ?? [], Set(runs.filter(\.isInRunning).map(\.loop)))
        guard old != new else { return }
        for loop in old.subtracting(new) {
            standing[loop]?.remove(stem)
            if standing[loop]?.isEmpty == true { standing[loop] = nil }
        }
        for loop in new.subtracting(old) { standing[loop, default: []].insert(stem) }
        loops[stem] = new.isEmpty ? nil : new
    }

    /// The other runs of a run's loop that are in `.running`, as of the last assembly: their executors may archive them
    /// under the same name.
    package func standing(beside run: TrackedRun) -> [TrackedRun] {
        (standing[run.loop] ?? []).flatMap(runs(of:)).filter {
            $0.isInRunning && $0.loop == run.loop && $0.identity != run.identity
        }
    }

    mutating func touch(_ stem: Stem) {
        assembled[stem] = nil
        for other in kin(of: stem) { assembled[other] = nil }
    }

    /// All runs.
    package var runs: [TrackedRun] {
        stems.flatMap(runs(of:))
    }

    /// Where a run was archived last; nil where it was not, as far as is known.
    package func archived(_ identity: RunIdentity) -> ArchivedAs? {
        memories[identity]?.archived
    }
}

/// Why a state file could not be understood.
package struct StateProblem: Error, Sendable, Hashable {
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }
}
