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

    /// Removes one of a run's live files from the mirror, since it left `.running` before the other.
    package func remove(_ kind: LiveFileKind, of stem: LiveStem, now: Timestamp) -> LiveMirrorOutcome {
        perform(stem, nil, now) { root in live.remove(kind, of: stem, in: root) }
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

    /// Tells which runs are archived, by the first line of their events: their live copies go without a trace.
    ///
    /// What the closure does not know, as it is with runs that ended before it was asked, is searched in the history.
    package func setArchived(_ isArchived: @escaping ([UInt8]) -> Bool) {
        let starts = starts
        live.isArchived = { isArchived($0) || starts.contains($0) }
    }
}
