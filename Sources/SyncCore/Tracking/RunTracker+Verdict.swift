import LoopModel

extension RunTracker {
    /// What a run's archive is made from; equal signatures make equal archives.
    package func signature(of run: TrackedRun) -> RunSignature {
        RunSignature(
            runID: run.runID,
            events: run.events.map { [Int64(bitPattern: $0.inode), $0.birth, events[$0]?.log.position ?? 0] },
            state: run.state?.bytes,
            unreadable: unreadableState(of: run)?.modified,
            siblings: siblings[run.stem]?.signature ?? [:]
        )
    }

    /// The state file in `.running` that stands where this run's state should and cannot be read.
    ///
    /// The next start of version A makes its state first, empty, then its events: where a run's events have gone, only the
    /// very file that held its state before is still its own.
    package func unreadableState(of run: TrackedRun) -> StateFile? {
        guard !run.isSuperseded else { return nil }
        // A state whose events are lost takes none that stands beside the events of another run.
        let hasEvents =
            run.events.isEmpty
            ? !eventsFiles(of: run.stem).contains(where: \.isInRunning)
            : run.events.contains { events[$0]?.isInRunning == true }
        return stateFiles(of: run.stem).first {
            guard $0.isUnreadable else { return false }
            return run.identity == .unreadable($0) || ($0.isInRunning && (hasEvents || $0.identity == run.state?.file))
        }
    }

    /// What is to be done with a run now, or when to ask again.
    package func verdict(on run: TrackedRun, at now: Moment) -> RunVerdict {
        let memory = memories[run.identity] ?? Memory()
        if memory.isUnderWay { return .idle }
        var verdict = phase(of: run, owner: memory.owner.verdict, at: now)
        if case .archive(let reason) = verdict {
            let isKnown = memory.archived?.signature == signature(of: run)
            // A run that left is looked at once more in the history; one that stays is whole there.
            if isKnown, reason != .gone || memory.archived?.signature.wasGone == true {
                verdict = run.isInRunning ? clearing(of: run, owner: memory.owner.verdict, at: now) : .forget
            } else if let retry = memory.retryAt, retry > now.steady {
                verdict = .askAgain(at: retry)
            }
        }
        if case .askAgain = verdict { return verdict }
        if verdict == .live, memory.reserved != run.runID, run.state != nil { return .reserve }
        return verdict
    }

    /// Whether a run has no end, and nothing tells who would write one.
    package func isOfUnknownOwner(_ run: TrackedRun) -> Bool {
        run.isInRunning && !run.isSuperseded && run.witness == .none && !run.wasSetAside
            && run.state?.facts.status != .awaitingContinuation
            && (memories[run.identity] ?? Memory()).owner.verdict == .unknown
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
        // Whoever set it aside had its lock; whoever goes on with it from there writes tokens.
        let owner = owner == .unknown && run.wasSetAside ? .dead : owner
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
    package static let ownerCheck: Int64 = 2000
}
