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
    package private(set) var events: [FileIdentity: EventsFile] = [:]
    package private(set) var states: [FileIdentity: StateFile] = [:]
    private var versions: [Stem: [StateVersion]] = [:]
    private var siblings: [Stem: Sibling] = [:]
    private var memories: [RunIdentity: Memory] = [:]
    private var sightings: UInt64 = 0

    private struct Sibling: Sendable, Hashable {
        var signature: [RunningFile: [Int64]] = [:]
        var changed: Moment
    }

    /// What is remembered of a run besides its files.
    private struct Memory: Sendable {
        var owner = OwnerEvidence()
        var archived: ArchivedAs?
        var retryAt: Int64?
        var attempts = 0
        var isUnderWay = false
        /// Whether the executor may have overwritten the archive since it was looked at.
        var isDoubted = false
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
        var known =
            events[file]
            ?? EventsFile(identity: file, stem: stem, isInRunning: isInRunning, changed: now, modified: modified)
        known.log.consume(bytes)
        if !bytes.isEmpty { known.changed = now }
        known.modified = modified
        known.isInRunning = isInRunning || known.isInRunning
        events[file] = known
    }

    /// Forgets what an events file said, because it was cut or written anew; it is to be read from its beginning.
    package mutating func restarted(_ file: FileIdentity) {
        events[file]?.log = EventLog()
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
            remember(version)
        }
        if let known = states[file], known.content == seen.content, known.modified == modified {
            seen.changed = known.changed
        }
        states[file] = seen
    }

    private mutating func remember(_ version: StateVersion) {
        var list = versions[version.stem] ?? []
        if let same = list.firstIndex(where: {
            $0.facts.loop == version.facts.loop && $0.facts.startedAt == version.facts.startedAt
        }) {
            guard list[same].bytes != version.bytes || list[same].file != version.file else { return }
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
            for (identity, file) in events where file.stem == stem && file.isInRunning != (identity == current) {
                events[identity]?.isInRunning = identity == current
                events[identity]?.changed = now
            }
        case .state:
            for (identity, file) in states where file.stem == stem && file.isInRunning != (identity == current) {
                states[identity]?.isInRunning = identity == current
                states[identity]?.changed = now
            }
        case .pid, .lock, .log, .metaEvaluation:
            break
        }
    }

    /// Hears the sizes and times of the files beside a run that are archived with it.
    package mutating func siblingsSeen(_ signature: [RunningFile: [Int64]], stem: Stem, at now: Moment) {
        guard siblings[stem]?.signature != signature else { return }
        siblings[stem] = Sibling(signature: signature, changed: now)
    }

    // MARK: Owners

    /// Takes a look at the owner of a stem's newest run.
    package mutating func owner(
        of stem: Stem,
        tokens: [OwnerEvidence.Token],
        statePid: OwnerEvidence.Token?,
        processes: [Int32: OwnerEvidence.Process]
    ) {
        guard let run = runs(of: stem).last else { return }
        memories[run.identity, default: Memory()].owner.look(tokens: tokens, statePid: statePid, processes: processes)
    }

    /// The pids to ask the system about before `owner(of:…)`.
    package func pids(of stem: Stem) -> Set<Int32> {
        guard let run = runs(of: stem).last else { return [] }
        var pids = memories[run.identity]?.owner.pids ?? []
        if let pid = run.state?.facts.pid { pids.insert(pid) }
        return pids
    }

    /// What is known of a run's owner.
    package func ownerVerdict(_ run: TrackedRun) -> OwnerEvidence.Verdict {
        memories[run.identity]?.owner.verdict ?? .unknown
    }

    // MARK: Runs

    /// All stems with files, in order.
    package var stems: [Stem] {
        Set(events.values.map(\.stem) + states.values.map(\.stem) + versions.keys).sorted()
    }

    /// The runs of a stem, oldest first.
    package func runs(of stem: Stem) -> [TrackedRun] {
        RunAssembly.runs(
            events: events.values.filter { $0.stem == stem },
            states: versions[stem] ?? [],
            current: states.values.filter { $0.stem == stem && $0.isInRunning }
        )
    }

    /// All runs.
    package var runs: [TrackedRun] {
        stems.flatMap(runs(of:))
    }

    /// Where a run was archived last; nil where it was not, as far as is known.
    package func archived(_ identity: RunIdentity) -> ArchivedAs? {
        memories[identity]?.archived
    }

    // MARK: Performing

    /// A run's archiving has begun: it is not asked for again until the outcome is told.
    package mutating func began(_ run: RunIdentity) {
        memories[run, default: Memory()].isUnderWay = true
    }

    /// A run was archived from files in the state of `signature`.
    package mutating func archived(_ run: RunIdentity, as archived: ArchivedAs) {
        memories[run, default: Memory()].archived = archived
        memories[run]?.isUnderWay = false
        memories[run]?.attempts = 0
        memories[run]?.retryAt = nil
    }

    /// A run's archive may be overwritten yet by the executor of a namesake.
    package mutating func doubt(_ run: RunIdentity) {
        memories[run]?.isDoubted = true
    }

    /// The namesake is gone: the archive is to be looked at once more.
    ///
    /// - Returns: false where there was no doubt.
    package mutating func endDoubt(_ run: RunIdentity) -> Bool {
        guard memories[run]?.isDoubted == true else { return false }
        memories[run]?.isDoubted = false
        memories[run]?.archived?.signature.wasGone = false
        return true
    }

    /// What was under way for a run has ended without a new archive.
    package mutating func finished(_ run: RunIdentity) {
        memories[run]?.isUnderWay = false
    }

    /// A run's archive was moved aside.
    package mutating func moved(from old: RunPlace, to new: RunPlace) {
        for (identity, memory) in memories where memory.archived?.place == old {
            memories[identity]?.archived?.place = new
        }
    }

    /// A run could not be archived now; it is asked for again after a while that grows with every attempt.
    package mutating func postponed(_ run: RunIdentity, isFailure: Bool, at now: Moment) {
        var memory = memories[run] ?? Memory()
        memory.isUnderWay = false
        memory.attempts += 1
        let first: Int64 = isFailure ? 1000 : 20
        let most: Int64 = isFailure ? 60_000 : 5000
        memory.retryAt = now.steady + min(most, first << Int64(min(memory.attempts - 1, 12)))
        memories[run] = memory
    }

    /// The name a live run will be archived under was seen to be free for it.
    package mutating func reserved(_ run: TrackedRun) {
        memories[run.identity, default: Memory()].reserved = run.runID
    }

    /// Ids of other runs whose state stands beside this run's events, seen for the first time.
    ///
    /// `stop` of version A writes the state of the run that it stopped, also when the next run has begun. The executor
    /// would archive this run's events under that other id, over the other run's archive.
    package mutating func newStrangers(beside run: TrackedRun) -> Set<RunID> {
        guard !run.isSuperseded, run.isInRunning, run.state != nil else { return [] }
        let found = states.values.compactMap { file -> RunID? in
            guard file.stem == run.stem, file.isInRunning, case .version(let startedAt, _) = file.content,
                startedAt != run.state?.facts.startedAt
            else { return nil }
            return RunID(startedAt: startedAt)
        }
        let new = Set(found).subtracting(memories[run.identity]?.strangers ?? []).subtracting([run.runID])
        if !new.isEmpty { memories[run.identity, default: Memory()].strangers.formUnion(new) }
        return new
    }

    /// Ids under which an executor may have archived a run or pieces of it: of its earlier segments, and of strangers.
    package func otherRunIDs(of run: TrackedRun) -> [RunID] {
        let starts = run.events.flatMap { events[$0]?.log.starts ?? [] }.compactMap(\.timestamp)
        let ids = Set(starts.map { RunID(startedAt: $0) }).union(memories[run.identity]?.strangers ?? [])
        return ids.subtracting([run.runID]).sorted()
    }

    /// A run is whole in the history and nothing of it is in `.running`: it needs no files any more.
    ///
    /// - Returns: the files whose pins may go.
    package mutating func forget(_ run: TrackedRun) -> [FileIdentity] {
        let held = Set(
            runs(of: run.stem).filter { $0.identity != run.identity }.flatMap {
                $0.events + ($0.state.map { [$0.file] } ?? [])
            }
        )
        var files = run.events
        for file in run.events { events[file] = nil }
        if let state = run.state {
            versions[run.stem]?.removeAll { $0 == state }
            if !held.contains(state.file), states[state.file]?.isInRunning != true {
                states[state.file] = nil
                files.append(state.file)
            }
        }
        if versions[run.stem]?.isEmpty ?? false { versions[run.stem] = nil }
        if runs(of: run.stem).isEmpty { siblings[run.stem] = nil }
        memories[run.identity] = nil
        return files
    }

    /// State files that hold nothing a run needs any more, with their pins: replaced by newer ones of the same run.
    package mutating func supersededStates(of stem: Stem) -> [FileIdentity] {
        let needed = Set((versions[stem] ?? []).map(\.file))
        let old = states.values.filter { $0.stem == stem && !$0.isInRunning && !needed.contains($0.identity) }
        for file in old { states[file.identity] = nil }
        return old.map(\.identity)
    }

    // MARK: Verdicts

    /// What a run's archive is made from; equal signatures make equal archives.
    package func signature(of run: TrackedRun) -> RunSignature {
        RunSignature(
            runID: run.runID,
            events: run.events.map { [Int64(bitPattern: $0.inode), $0.birth, events[$0]?.log.position ?? 0] },
            state: run.state?.bytes.hashValue,
            unreadable: unreadableState(of: run)?.modified,
            siblings: siblings[run.stem]?.signature ?? [:]
        )
    }

    /// The state file in `.running` that stands where this run's state should and cannot be read.
    package func unreadableState(of run: TrackedRun) -> StateFile? {
        guard !run.isSuperseded else { return nil }
        return states.values.first { $0.stem == run.stem && $0.isInRunning && $0.isUnreadable }
    }

    /// What is to be done with a run now, or when to ask again.
    package func verdict(on run: TrackedRun, at now: Moment) -> RunVerdict {
        let memory = memories[run.identity] ?? Memory()
        if memory.isUnderWay { return .idle }
        var verdict = phase(of: run, owner: memory.owner.verdict, at: now)
        if case .archive(let reason) = verdict {
            if memory.archived?.signature == signature(of: run) {
                // Gone from `.running` and looked at since it went: done. Otherwise it stays, whole in the history.
                verdict = run.isInRunning ? clearing(of: run, owner: memory.owner.verdict, at: now) : .forget
                if reason == .gone, memory.archived?.signature.wasGone == false { verdict = .archive(.gone) }
            } else if let retry = memory.retryAt, retry > now.steady {
                verdict = .askAgain(at: retry)
            }
        }
        if case .askAgain = verdict { return verdict }
        if verdict == .live, memory.reserved != run.runID, run.state != nil { return .reserve }
        return verdict
    }

    private func phase(of run: TrackedRun, owner: OwnerEvidence.Verdict, at now: Moment) -> RunVerdict {
        if run.isSuperseded { return .archive(.gone) }
        guard run.isInRunning else {
            // A foreign sweep of version B takes the files of a live run; its executor makes new ones.
            return owner == .alive ? .askAgain(at: now.steady + Self.ownerCheck) : .archive(.gone)
        }
        let changed = max(run.changed.steady, siblings[run.stem]?.changed.steady ?? 0)
        let settled = changed + settings.settle
        let isQuiet = settled <= now.steady
        let isParked = run.witness == .handoff || run.state?.facts.status == .awaitingContinuation
        switch (run.witness, owner) {
        case (.complete, .dead), (.complete, .leaving), (.handoff, .dead), (.handoff, .leaving):
            // What changes after the archive was made, such as a log, is given time to settle.
            let isFirst = memories[run.identity]?.archived == nil
            return isFirst || isQuiet || run.changed.steady >= changed
                ? .archive(isParked ? .parked : .ended) : .askAgain(at: settled)
        case (.complete, .alive), (.handoff, .alive):
            guard isQuiet else { return .askAgain(at: settled) }
            let isSaved = run.state?.facts.updated.map { $0 >= (run.witnessTime ?? $0) } ?? false
            return isSaved ? .archive(isParked ? .parked : .ended) : .askAgain(at: now.steady + Self.ownerCheck)
        case (.complete, .unknown), (.handoff, .unknown):
            return isQuiet ? .archive(isParked ? .parked : .ended) : .askAgain(at: settled)
        case (.none, .dead):
            return isQuiet ? .archive(isParked ? .parked : .abandoned) : .askAgain(at: settled)
        case (.none, .leaving):
            return .askAgain(at: now.steady + Self.ownerCheck)
        case (.none, .unknown):
            if isParked { return isQuiet ? .archive(.parked) : .askAgain(at: settled) }
            guard let patience = settings.abandonedAfter else { return .live }
            let age = (now.wall.microseconds - run.modified / 1000) / 1000
            return age >= patience && isQuiet
                ? .archive(.abandoned) : .askAgain(at: now.steady + max(settings.settle, patience - age))
        case (.none, .alive):
            return .live
        }
    }

    /// Whether an archived run is to leave `.running`.
    ///
    /// Version B sweeps its own runs, but for those in sub-directories; a run that somebody may resume stays.
    private func clearing(of run: TrackedRun, owner: OwnerEvidence.Verdict, at now: Moment) -> RunVerdict {
        guard let patience = settings.clearAfter, run.witness == .complete, owner == .dead || owner == .unknown,
            let state = run.state, settings.clearStatuses.contains(state.facts.status),
            ![.running, .awaitingContinuation, .userStopped].contains(state.facts.status),
            !run.carriesRunID || !run.stem.directories.isEmpty, unreadableState(of: run) == nil, run.events.count == 1
        else { return .idle }
        let time = max(run.changed.steady + max(patience, settings.settle), memories[run.identity]?.retryAt ?? 0)
        return time <= now.steady ? .clear : .askAgain(at: time)
    }

    /// How often the owner of a live run is looked at, in milliseconds.
    package static let ownerCheck: Int64 = 1000
}

/// Why a state file could not be understood.
package struct StateProblem: Error, Sendable, Hashable {
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

/// What an archive was made from.
package struct RunSignature: Sendable, Hashable {
    package var runID: RunID
    package var events: [[Int64]]
    package var state: Int?
    package var unreadable: Int64?
    package var siblings: [RunningFile: [Int64]]
    /// Whether the run had left `.running` by then.
    package var wasGone = false

    package static func == (left: RunSignature, right: RunSignature) -> Bool {
        left.runID == right.runID && left.events == right.events && left.state == right.state
            && left.unreadable == right.unreadable && left.siblings == right.siblings
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(runID)
        hasher.combine(events)
    }
}

/// What is to be done with a run.
package enum RunVerdict: Sendable, Hashable {
    /// It runs; its owner is looked at from time to time.
    case live
    /// It runs, and another run's archive may stand where its executor will copy it.
    case reserve
    case archive(ArchiveReason)
    /// Whole in the history, and to be taken out of `.running`.
    case clear
    /// Whole in the history and gone from `.running`.
    case forget
    /// Nothing until something changes.
    case idle
    /// Nothing until this time of the steady clock.
    case askAgain(at: Int64)

    package var isArchive: Bool {
        if case .archive = self { return true }
        return false
    }
}

/// Why a run is archived.
package enum ArchiveReason: String, Sendable, Hashable {
    case ended, parked, abandoned, gone
}
