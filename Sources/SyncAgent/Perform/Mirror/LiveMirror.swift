package import LoopModel
package import LoopStore
package import SyncCore

/// What became of one request to write a live file.
package enum LiveOutcome: Sendable, Hashable {
    /// So many bytes were written.
    case wrote(Int64)
    case unchanged
    /// A long copy is under way and gave way to other work; ask again at once.
    case more
    /// `live_interval` has not passed; ask again then (see `due`).
    case wait(until: Timestamp)
    case failed(PosixError)
}

/// Mirrors runs while they run, file by file.
///
/// Not thread-safe; all calls come from one thread. Descriptors are held only while files are written, and five quiet
/// seconds after, so that a disk can be unmounted between.
package final class LiveMirror {
    private struct Key: Hashable, Sendable {
        var stem: LiveStem
        var kind: LiveFileKind
    }

    private static let quiet = Duration.seconds(5)

    private let site: LiveSite
    private var pacer: LivePacer<Key>
    private var events: [LiveStem: LiveEventsFile] = [:]
    private var states: [LiveStem: LiveStateFile] = [:]
    private var lastUsed: [LiveStem: Timestamp] = [:]
    private var waiting: [Key: Timestamp] = [:]

    /// Mirrors into the scratch directory's mirror.
    package init(scratch: MirrorScratch, interval: Duration) {
        site = LiveSite(scratch: scratch)
        pacer = LivePacer(interval: interval)
    }

    /// Whether the run whose events begin with this line is archived; a live copy of such a run goes without a trace.
    package var isArchived: (_ firstLine: [UInt8]) -> Bool {
        get { site.isArchived }
        set { site.isArchived = newValue }
    }

    /// `live_interval`.
    package var interval: Duration {
        get { pacer.interval }
        set { pacer.interval = newValue }
    }

    /// Appends the source's new whole lines.
    ///
    /// - Parameters:
    ///   - source: the executor's file, opened through its pin.
    ///   - root: the mirror's directory as `MirrorRoot` just gave it; not looked at while the destination is open.
    package func append(_ stem: LiveStem, from source: any File, in root: any Directory, now: Timestamp) -> LiveOutcome
    {
        let key = Key(stem: stem, kind: .events)
        if let next = pacer.wait(for: key, now: now) {
            waiting[key] = next
            return .wait(until: next)
        }
        return follow(stem, source, root, now: now, includingTornLine: false)
    }

    /// Brings the mirror to the source's last byte: the run has ended, and an unfinished line stays unfinished.
    package func finish(_ stem: LiveStem, from source: any File, in root: any Directory, now: Timestamp) -> LiveOutcome
    {
        let outcome = follow(stem, source, root, now: now, includingTornLine: true)
        if outcome != .more { events[stem]?.close() }
        return outcome
    }

    private func follow(
        _ stem: LiveStem,
        _ source: any File,
        _ root: any Directory,
        now: Timestamp,
        includingTornLine: Bool
    ) -> LiveOutcome {
        let key = Key(stem: stem, kind: .events)
        let file = events[stem] ?? LiveEventsFile(stem: stem, site: site)
        events[stem] = file
        waiting[key] = nil
        do {
            let progress = try file.follow(source, in: root, includingTornLine: includingTornLine)
            lastUsed[stem] = now
            switch progress {
            case .unchanged: return .unchanged
            case .more: return .more
            case .wrote(let bytes):
                pacer.wrote(key, now: now)
                return .wrote(bytes)
            }
        } catch {
            file.forget()
            return .failed(error)
        }
    }

    /// Replaces the mirrored state.
    ///
    /// - Parameters:
    ///   - bytes: a state that parses; what does not parse is never mirrored.
    ///   - mode: the source's permission bits.
    ///   - modified: the source's modification time in nanoseconds.
    package func save(
        _ stem: LiveStem,
        state bytes: [UInt8],
        mode: UInt32,
        modified: Int64,
        in root: any Directory,
        now: Timestamp,
        isFinal: Bool = false
    ) -> LiveOutcome {
        let key = Key(stem: stem, kind: .state)
        if !isFinal, let next = pacer.wait(for: key, now: now) {
            waiting[key] = next
            return .wait(until: next)
        }
        let file = states[stem] ?? LiveStateFile(stem: stem, site: site)
        states[stem] = file
        waiting[key] = nil
        do {
            guard try file.save(bytes, mode: mode, modified: modified, in: root) else { return .unchanged }
            pacer.wrote(key, now: now)
            return .wrote(Int64(bytes.count))
        } catch {
            file.forget()
            return .failed(error)
        }
    }

    /// Removes a run's live files, since they left `.running`.
    package func remove(_ stem: LiveStem, in root: any Directory) -> LiveOutcome {
        do {
            try (events[stem] ?? LiveEventsFile(stem: stem, site: site)).remove(in: root)
            try (states[stem] ?? LiveStateFile(stem: stem, site: site)).remove(in: root)
            forget(stem)
            try removeEmptyDirectories(of: stem, in: root)
            return .unchanged
        } catch {
            forget(stem)
            return .failed(error)
        }
    }

    /// Removes one of a run's live files: its source is gone while the other one stands, as when a next run has begun.
    package func remove(_ kind: LiveFileKind, of stem: LiveStem, in root: any Directory) -> LiveOutcome {
        let key = Key(stem: stem, kind: kind)
        defer {
            waiting[key] = nil
            pacer.forget(key)
        }
        do {
            switch kind {
            case .events:
                defer { events[stem] = nil }
                try (events[stem] ?? LiveEventsFile(stem: stem, site: site)).remove(in: root)
            case .state:
                defer { states[stem] = nil }
                try (states[stem] ?? LiveStateFile(stem: stem, site: site)).remove(in: root)
            }
            return .unchanged
        } catch {
            return .failed(error)
        }
    }

    private func removeEmptyDirectories(of stem: LiveStem, in root: any Directory) throws(PosixError) {
        var path = stem.components.dropLast()
        while let name = path.popLast() {
            guard let parent = try root.descend([.running] + path) else { continue }
            // ENOTEMPTY as a rule, where other runs are.
            guard (try? parent.removeDirectory(name)) != nil else { return }
        }
    }

    private func forget(_ stem: LiveStem) {
        events[stem]?.forget()
        events[stem] = nil
        states[stem] = nil
        lastUsed[stem] = nil
        for kind in LiveFileKind.allCases {
            waiting[Key(stem: stem, kind: kind)] = nil
            pacer.forget(Key(stem: stem, kind: kind))
        }
    }

    /// Gives every descriptor back and forgets what was known, since the sync directory may be another one now.
    package func detach() {
        for file in events.values { file.forget() }
        for file in states.values { file.forget() }
        lastUsed = [:]
        waiting = [:]
    }

    /// The stems that were written since the start and not removed.
    var stems: Set<LiveStem> {
        Set(events.keys).union(states.keys)
    }

    /// Closes what was quiet for five seconds.
    package func closeQuiet(now: Timestamp) {
        for (stem, used) in lastUsed where now - used >= Self.quiet || used > now {
            events[stem]?.close()
            lastUsed[stem] = nil
        }
    }

    /// When `closeQuiet` or `due` has something to do; nil for never.
    package var nextDeadline: Timestamp? {
        earlier(lastUsed.values.min().map { $0 + Self.quiet }, waiting.values.min())
    }

    /// The stems whose interval has passed since they had to wait.
    package func due(now: Timestamp) -> [LiveStem] {
        // Whoever asks writes them now or defers them; what stayed here would be due for ever.
        defer { waiting = waiting.filter { $0.value > now } }
        return Set(waiting.filter { $0.value <= now }.keys.map(\.stem)).sorted()
    }

    /// What was found since the last call.
    package func takeNotices() -> [MirrorNotice] {
        defer { site.notices = [] }
        return site.notices
    }
}
