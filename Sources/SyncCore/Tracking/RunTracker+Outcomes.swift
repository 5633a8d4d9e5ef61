package import LoopModel

extension RunTracker {
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

    /// When a run that left may be forgotten; nil: now.
    ///
    /// What this agent has seen is always a little behind: a namesake may have come and gone since, and its executor may
    /// have copied it over this run's archive. So the run is kept for a while, and its archive looked at again then.
    package mutating func patience(with run: RunIdentity, at now: Moment) -> Int64? {
        guard !Defect.forgottenAtOnce.isMade, let memory = memories[run] else { return nil }
        let left = memory.leftAt ?? now.steady
        guard memory.leftAt == nil || now.steady < left + Self.grace else { return nil }
        memories[run]?.leftAt = left
        memories[run]?.isDoubted = true
        return left + Self.grace
    }

    /// How long a run is kept that is whole in the history, in milliseconds: longer than any look is behind.
    private static let grace: Int64 = 5000

    /// Whether a run's archive is to be looked at once more before the run is forgotten: an executor may have copied
    /// another run of the same name over it.
    ///
    /// - Parameter hasNamesake: whether such a run is still in `.running`; when that one has gone, another look is due.
    package mutating func endDoubt(_ run: RunIdentity, hasNamesake: Bool) -> Bool {
        guard var memory = memories[run] else { return false }
        defer { memories[run] = memory }
        let isDue = memory.isDoubted || (memory.hadNamesake && !hasNamesake)
        memory.isDoubted = false
        memory.hadNamesake = hasNamesake
        if isDue { memory.archived?.signature.wasGone = false }
        return isDue
    }

    /// What was under way for a run has ended without a new archive.
    package mutating func finished(_ run: RunIdentity) {
        memories[run]?.isUnderWay = false
    }

    /// A run's archive is not what it was: it is asked for again.
    package mutating func lostArchive(_ run: RunIdentity) {
        memories[run]?.archived = nil
    }

    /// What stands at some places is another run's: an executor copied that one over whatever stood there.
    ///
    /// - Parameter isNews: whether it came there only now. Where it was found unchanged, somebody else saw to it before, or two
    ///   identities are of one run, and both are right: then each is asked for once.
    /// - Returns: the stems of the runs that stood there, which are asked for again.
    package mutating func lostArchives(at places: [RunPlace], to taker: RunIdentity, isNews: Bool = true) -> Set<Stem> {
        let others = memories.filter { identity, memory in
            guard identity != taker, let place = memory.archived?.place, places.contains(place) else { return false }
            return isNews || memory.shared != place
        }
        guard !others.isEmpty else { return [] }
        let lost = runs.filter { others[$0.identity] != nil }
        for run in lost {
            memories[run.identity]?.shared = isNews ? nil : others[run.identity]?.archived?.place
            lostArchive(run.identity)
        }
        return Set(lost.map(\.stem))
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

    /// The name could not be looked after; it is tried again.
    package mutating func notReserved(_ run: RunIdentity, _ id: RunID) {
        if memories[run]?.reserved == id { memories[run]?.reserved = nil }
        memories[run]?.strangers.remove(id)
    }

    /// Ids of other runs whose state stands beside this run's events, seen for the first time.
    ///
    /// `stop` of version A writes the state of the run that it stopped, also when the next run has begun. The executor
    /// would archive this run's events under that other id, over the other run's archive.
    package mutating func newStrangers(beside run: TrackedRun) -> Set<RunID> {
        guard !run.isSuperseded, run.isInRunning, run.state != nil else { return [] }
        let found = stateFiles(of: run.stem).compactMap { file -> RunID? in
            guard file.isInRunning, case .version(let startedAt, _) = file.content,
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
        let ids = Set(starts(of: run).map { RunID(startedAt: $0) }).union(memories[run.identity]?.strangers ?? [])
        return ids.subtracting([run.runID]).sorted()
    }

    /// When a run's last segment began, by its events.
    package func lastStart(of run: TrackedRun) -> Timestamp? {
        starts(of: run).last
    }

    private func starts(of run: TrackedRun) -> [Timestamp] {
        run.events.flatMap { events[$0]?.log.starts ?? [] }.compactMap(\.timestamp)
    }

    /// A run is whole in the history and nothing of it is in `.running`: it needs no files any more.
    ///
    /// - Returns: the files whose pins may go.
    package mutating func forget(_ run: TrackedRun) -> [FileIdentity] {
        let others = runs(of: run.stem).filter { $0.identity != run.identity }
        let held = Set(others.flatMap { $0.events + $0.states.map(\.file) })
        var files = run.events
        for file in run.events { removeEvents(file, of: run.stem) }
        for state in run.states {
            versions[state.stem]?.removeAll { $0 == state }
            if versions[state.stem]?.isEmpty ?? false { versions[state.stem] = nil }
            if !held.contains(state.file), states[state.file]?.isInRunning != true {
                removeState(state.file, of: states[state.file]?.stem ?? state.stem)
                files.append(state.file)
            }
        }
        for state in stateFiles(of: run.stem) where run.identity == .unreadable(state) && !state.isInRunning {
            removeState(state.identity, of: run.stem)
            files.append(state.identity)
        }
        tidy(run.stem)
        if runs(of: run.stem).isEmpty { siblings[run.stem] = nil }
        memories[run.identity] = nil
        return files
    }

    /// Files that left `.running` without a byte in them, whose pins may go: they were never anything.
    package mutating func emptyFiles(of stem: Stem) -> [FileIdentity] {
        let events = eventsFiles(of: stem).filter { !$0.isInRunning && $0.log.position == 0 }.map(\.identity)
        for file in events { removeEvents(file, of: stem) }
        let held = Set((versions[stem] ?? []).map(\.file))
        let states = stateFiles(of: stem).filter { file in
            guard case .unreadable(_, let bytes) = file.content else { return false }
            return !file.isInRunning && bytes == [] && !held.contains(file.identity)
        }.map(\.identity)
        for file in states { removeState(file, of: stem) }
        return events + states
    }

    private mutating func removeEvents(_ file: FileIdentity, of stem: Stem) {
        events[file] = nil
        files[stem]?.events.remove(file)
        tidy(stem)
    }

    private mutating func removeState(_ file: FileIdentity, of stem: Stem) {
        states[file] = nil
        files[stem]?.states.remove(file)
        tidy(stem)
    }

    /// Forgets a stem of which nothing is left.
    mutating func tidy(_ stem: Stem) {
        touch(stem)
        if let left = files[stem], left.events.isEmpty, left.states.isEmpty { files[stem] = nil }
        guard files[stem] == nil, versions[stem] == nil else { return }
        families[stem.family]?.remove(stem)
        if families[stem.family]?.isEmpty ?? false { families[stem.family] = nil }
    }

    /// State files that hold nothing a run needs any more, with their pins: replaced by newer ones of the same run.
    ///
    /// - Parameter unreadable: whether those that do not parse are replaced too, by what has their name now.
    package mutating func supersededStates(of stem: Stem, unreadable: Bool) -> [FileIdentity] {
        let needed = Set((versions[stem] ?? []).map(\.file))
        let old = stateFiles(of: stem).filter { file in
            if case .unreadable = file.content, !unreadable { return false }
            return !file.isInRunning && !needed.contains(file.identity)
        }
        for file in old { removeState(file.identity, of: stem) }
        return old.map(\.identity)
    }
}
