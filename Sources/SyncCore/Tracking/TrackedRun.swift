package import LoopModel

/// A run as its files add up at the moment.
package struct TrackedRun: Sendable, Hashable {
    package var identity: RunIdentity
    package var stem: Stem
    package var loop: JSONString
    /// The name of its archive.
    package var runID: RunID
    /// Its events files in order of birth: more than one where a foreign sweep took the first from a live run.
    package var events: [FileIdentity]
    /// The state of its last segment.
    package var state: StateVersion?
    /// The states of all its segments.
    package var states: [StateVersion]
    /// Whether one of its files stands in `.running`.
    package var isInRunning: Bool
    /// Whether a later run of the same stem has begun.
    package var isSuperseded: Bool
    package var witness: EventLog.Witness
    package var witnessTime: Timestamp?
    package var carriesRunID: Bool
    /// When anything of it was last seen to change.
    package var changed: Moment
    /// The newest modification time of its files, nanoseconds since the epoch.
    package var modified: Int64
}

/// Puts the files of one stem together to runs, by what they say and never by when they were seen.
package enum RunAssembly {
    /// - Parameters:
    ///   - events: the stem's events files.
    ///   - states: the newest content of each segment's state seen at this stem.
    ///   - files: the stem's state files, in `.running` or pinned.
    /// - Returns: the runs, oldest first.
    package static func runs(events: [EventsFile], states: [StateVersion], files: [StateFile]) -> [TrackedRun] {
        let current = files.filter(\.isInRunning)
        // A file without a whole line yet may turn out to be anybody's.
        let known = events.filter { $0.log.wholeLines > 0 || (!$0.isInRunning && $0.log.position > 0) }
        var runs = grouped(known.sorted(by: bornEarlier))
        pair(states, with: &runs)
        reunite(&runs, states)
        // Whoever writes what has the name is the stem's present run, whatever the clock said when it began.
        if let present = runs.firstIndex(where: { $0.files.contains(where: \.isInRunning) }) {
            runs.append(runs.remove(at: present))
        }
        for index in runs.indices {
            runs[index].isInRunning = runs[index].files.contains(where: \.isInRunning)
            if let state = runs[index].state {
                runs[index].isInRunning =
                    runs[index].isInRunning || current.contains { $0.isInRunning && $0.holds(state) }
            }
        }
        let taken = Set(runs.flatMap { $0.states.map(\.sighting) })
        let orphans = states.filter { !taken.contains($0.sighting) }
        runs += lone(orphans, runs: runs, current: current)
        if runs.isEmpty { runs += unreadable(files) }
        let last = runs.indices.last { runs[$0].hasStart }
        return runs.indices.compactMap { index in
            tracked(runs[index], isSuperseded: last.map { index < $0 } ?? false, current: current)
        }
    }

    private struct Draft {
        var files: [EventsFile] = []
        var states: [StateVersion] = []
        var state: StateVersion?
        var isInRunning = false
        var lone: (identity: RunIdentity, loop: JSONString, startedAt: JSONString, stem: Stem, changed: Moment)?

        var hasStart: Bool { files.contains { $0.log.firstStart != nil } }
        var starts: [EventLog.Start] { files.flatMap(\.log.starts) }

        /// Whether its last state was written at a time or later, by its file.
        func isSaved(since time: Int64) -> Bool {
            state.map { $0.modified >= time } ?? false
        }

        /// Whether its events carry the `run_id` that B makes of a state's start and loop.
        func isNamed(by facts: StateFacts) -> Bool {
            let runID = JSONString("\(RunID(startedAt: facts.startedAt))-\(facts.loop)")
            return starts.contains { $0.runID == runID }
        }

        mutating func take(_ version: StateVersion) {
            states.append(version)
            state = version
        }
    }

    /// What still has its name came last, and of others what lost it last, whatever the clock said when they were made.
    ///
    /// What nobody saw lose it had done so when it was first looked at.
    private static func bornEarlier(_ left: EventsFile, _ right: EventsFile) -> Bool {
        if left.isInRunning != right.isInRunning { return right.isInRunning }
        return (left.left, left.identity.birth, left.began, left.identity.inode)
            < (right.left, right.identity.birth, right.began, right.identity.inode)
    }

    /// A file with a `loop_start` of its own begins a run, one without continues the run before it.
    ///
    /// What left without one whole line is nobody's: a loss of power tears a first line, and half a line must not come
    /// behind the events of a run that is whole.
    private static func grouped(_ events: [EventsFile]) -> [Draft] {
        var drafts: [Draft] = []
        var begun: [[UInt8]: Int] = [:]
        for file in events {
            if let start = file.log.firstStart, let same = begun[start] {
                // One run's file copied back by somebody: the one that says more stands for both.
                if file.log.position >= drafts[same].files[0].log.position { drafts[same].files[0] = file }
            } else if file.log.firstStart != nil || drafts.isEmpty || file.log.wholeLines == 0 {
                if let start = file.log.firstStart { begun[start] = drafts.count }
                drafts.append(Draft(files: [file]))
            } else {
                drafts[drafts.count - 1].files.append(file)
            }
        }
        return drafts
    }

    /// A state and a start belong together only if the start is the earliest one not before the state's `started_at`,
    /// and no other state has a later `started_at` that is not after the start.
    private static func pair(_ states: [StateVersion], with drafts: inout [Draft]) {
        if Defect.pairedByArrival.isMade, !drafts.isEmpty {
            for state in states { drafts[drafts.count - 1].take(state) }
            return
        }
        let starts = drafts.enumerated().flatMap { index, draft in
            draft.starts.enumerated().compactMap { segment, start in
                start.timestamp.map { (time: $0, draft: index, segment: segment) }
            }
        }.sorted { $0.time < $1.time }
        let begins = states.compactMap(\.facts.start).sorted()
        // Which segment was the last one its file tells, also where the clock was set back between two.
        var latest: [Int: Int] = [:]
        for state in states.sorted(by: { $0.sighting < $1.sighting }) {
            guard let began = state.facts.start else {
                // Its time cannot be read; where the stem has only one run there is no doubt whose it is.
                if drafts.count == 1 { drafts[0].take(state) }
                continue
            }
            let first = starts.lowerBound { $0.time >= began }
            guard first < starts.count else {
                let named = drafts.indices.filter { drafts[$0].isNamed(by: state.facts) }
                if drafts.count == 1, starts.isEmpty {
                    drafts[0].take(state)
                } else if named.count == 1 {
                    // The clock was set back after B took the time: its `run_id` tells all the same.
                    drafts[named[0]].take(state)
                }
                continue
            }
            let start = starts[first]
            let next = begins.lowerBound { $0 > began }
            guard next == begins.count || begins[next] > start.time else { continue }
            drafts[start.draft].states.append(state)
            if latest[start.draft].map({ $0 <= start.segment }) ?? true {
                latest[start.draft] = start.segment
                drafts[start.draft].state = state
            }
        }
    }

    /// Gives what continues a run to another one than the run born before it, where only that other one can have written
    /// it: it had begun, and was saved since.
    ///
    /// Two runs of version B have one stem where they began in one second, or where the clock was set back to that of the
    /// first: then the order of births is not that of the runs, or the beginning of the second went while nobody looked.
    private static func reunite(_ drafts: inout [Draft], _ states: [StateVersion]) {
        let paired = Set(drafts.flatMap { $0.states.map(\.sighting) })
        for index in drafts.indices where drafts[index].hasStart {
            for file in drafts[index].files
            where file.log.firstStart == nil && !drafts[index].isSaved(since: file.identity.birth) {
                let birth = file.identity.birth
                let writers = drafts.indices.filter { other in
                    guard let first = drafts[other].files.first, first.log.firstStart != nil else { return false }
                    return first.identity.birth < birth && drafts[other].isSaved(since: birth)
                }
                let lone = states.filter { state in
                    !paired.contains(state.sighting) && state.modified >= birth
                        && state.facts.start.map { $0 <= Timestamp(nanoseconds: birth) } ?? false
                }
                guard writers.count + lone.count == 1 else { continue }
                drafts[index].files.removeAll { $0.identity == file.identity }
                if let writer = writers.first {
                    drafts[writer].files.append(file)
                } else if let state = lone.first, let there = drafts.firstIndex(where: { $0.state == state }) {
                    drafts[there].files.append(file)
                } else if let state = lone.first {
                    drafts.append(Draft(files: [file]))
                    drafts[drafts.count - 1].take(state)
                }
            }
        }
    }

    /// States without any events: library use that never appended, or events that somebody deleted.
    ///
    /// Beside runs with events a state is one only once its file has left: what is still there may be the next run's,
    /// whose events are to come.
    private static func lone(_ states: [StateVersion], runs: [Draft], current: [StateFile]) -> [Draft] {
        let alone = states.filter { state in runs.isEmpty || !current.contains { $0.identity == state.file } }
        return alone.sorted { $0.sighting < $1.sighting }.map { state in
            var draft = Draft()
            draft.take(state)
            draft.lone = (
                .state(loop: state.facts.loop, startedAt: state.facts.startedAt), state.facts.loop,
                state.facts.startedAt, state.stem, state.changed
            )
            draft.isInRunning = current.contains { $0.isInRunning && $0.holds(state) }
            return draft
        }
    }

    /// State files that cannot be read and have nothing beside them: a run of unknown name, kept all the same.
    private static func unreadable(_ files: [StateFile]) -> [Draft] {
        files.compactMap { file -> Draft? in
            guard let identity = RunIdentity.unreadable(file), case .state(let loop, let born) = identity else {
                return nil
            }
            var draft = Draft()
            draft.lone = (identity, loop, born, file.stem, file.changed)
            draft.isInRunning = file.isInRunning
            return draft
        }
    }

    private static func tracked(_ draft: Draft, isSuperseded: Bool, current: [StateFile]) -> TrackedRun? {
        let first = draft.files.first
        guard let stem = first?.stem ?? draft.lone?.stem else { return nil }
        let identity: RunIdentity
        if let start = draft.files.lazy.compactMap(\.log.firstStart).first {
            identity = .loopStart(start)
        } else if let lone = draft.lone {
            identity = lone.identity
        } else if let state = draft.state {
            identity = .state(loop: state.facts.loop, startedAt: state.facts.startedAt)
        } else if let first, first.log.wholeLines > 0 || (!first.isInRunning && first.log.position > 0) {
            // Events without a beginning and without a state: named after the file.
            let born = Timestamp(nanoseconds: first.identity.birth).iso
            identity = .state(loop: JSONString(stem.base.description), startedAt: born)
        } else {
            // Just created; the first line is still to come.
            return nil
        }
        let start = draft.starts.first
        let startedAt =
            draft.state?.facts.startedAt ?? draft.lone?.startedAt ?? start?.timestamp.map(\.iso)
            ?? Timestamp(nanoseconds: first?.identity.birth ?? 0).iso
        let last = draft.files.last { $0.log.position > 0 }
        let states = current.filter { file in
            draft.states.contains { file.holds($0) } || (file.isInRunning && file.isUnreadable && !isSuperseded)
        }
        let changes = draft.files.map(\.changed) + states.map(\.changed) + (draft.lone.map { [$0.changed] } ?? [])
        return TrackedRun(
            identity: identity,
            stem: stem,
            loop: draft.state?.facts.loop ?? start?.loop ?? draft.lone?.loop ?? JSONString(stem.base.description),
            runID: RunID(startedAt: startedAt),
            events: draft.files.map(\.identity),
            state: draft.state,
            states: draft.states,
            // A late `stop` leaves an earlier run's state in the file of the present one: that run has gone all the same.
            isInRunning: isSuperseded ? draft.files.contains(where: \.isInRunning) : draft.isInRunning,
            isSuperseded: isSuperseded,
            witness: last?.log.witness ?? .none,
            witnessTime: last?.log.witnessTime,
            carriesRunID: draft.files.contains(where: \.log.carriesRunID),
            changed: changes.max { $0.steady < $1.steady } ?? Moment(wall: Timestamp(microseconds: 0), steady: 0),
            modified: (draft.files.map(\.modified) + states.map(\.modified)).max() ?? 0
        )
    }
}

extension RunIdentity {
    /// What stands for the run of a state file that cannot be understood; nil for one that can, or that is empty and gone.
    static func unreadable(_ file: StateFile) -> RunIdentity? {
        guard case .unreadable(_, let bytes) = file.content, file.isInRunning || bytes != [] else { return nil }
        return .state(
            loop: JSONString(file.stem.base.description),
            startedAt: Timestamp(nanoseconds: file.identity.birth).iso
        )
    }
}

extension EventsFile {
    /// When its first segment says that it began.
    fileprivate var began: Int64 { log.starts.first?.timestamp?.microseconds ?? 0 }
}

extension StateFile {
    /// Whether this file's bytes are that version.
    package func holds(_ state: StateVersion) -> Bool {
        state.file == identity
            && content == .version(startedAt: state.facts.startedAt, loop: state.facts.loop)
    }

    package var isUnreadable: Bool {
        if case .unreadable = content { return true }
        return false
    }
}

extension Array {
    /// The first index of a sorted array from which on everything satisfies a condition.
    fileprivate func lowerBound(_ isBehind: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
