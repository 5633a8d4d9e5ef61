import Logging
import LoopModel
import LoopStore
import SyncCore

/// Mirrors the live runs of one loops directory; confined to the conducting thread.
///
/// Whatever could not be written stays on a list and is brought up to date from the files, so that a mirror may be away
/// for as long as it likes.
final class LiveSession {
    private let place: MirrorRoot
    private let mirror: LiveMirror
    private let filter: LoopFilter
    /// Called when the mirror is suspended, with what to tell, and when it is back, with nil.
    private let onStanding: (MirrorSuspension?) -> Void

    /// The mirror's directory while one of its files is open; kept no longer, so that a disk can be unmounted.
    private var root: (any Directory)?
    private var sources: [Stem: any File] = [:]
    private var states: [Stem: (bytes: [UInt8], mode: UInt32, modified: Int64)] = [:]
    private var isWanted: [Stem: Bool] = [:]
    /// What is to be brought up to date as soon as that is possible.
    private var behind: Set<Stem> = []
    private var leaving: Set<Stem> = []
    private var retryAt: Int64?
    private var failures = 0
    private var isSuspended = false
    private var isSwept = false
    private var generation: Int?

    init(
        place: MirrorRoot,
        mirror: LiveMirror,
        filter: LoopFilter,
        onStanding: @escaping (MirrorSuspension?) -> Void
    ) {
        self.place = place
        self.mirror = mirror
        self.filter = filter
        self.onStanding = onStanding
    }

    // MARK: What changed

    /// Takes a change of `.running`.
    ///
    /// - Parameter loop: the name of the loop that runs at a stem; nil while nothing names it yet.
    func take(_ change: LiveChange, at now: Moment, loop: (Stem) -> JSONString?) {
        switch change {
        case .events(let stem, let file):
            sources[stem] = file
            leaving.remove(stem)
            guard wants(stem, loop) else { return }
            if isReady(now, isOpen: Self.live(stem).map(mirror.isOpen) ?? false) { append(stem, now) }
        case .state(let stem, let bytes, let mode, let modified):
            states[stem] = (bytes, mode, modified)
            leaving.remove(stem)
            guard wants(stem, loop) else { return }
            if isReady(now, isOpen: Self.live(stem).map(mirror.isOpen) ?? false) { save(stem, now) }
        case .gone(let stem, let kind):
            if kind == .events { sources[stem] = nil }
            if kind == .state { states[stem] = nil }
            guard sources[stem] == nil, states[stem] == nil else { return }
            isWanted[stem] = nil
            behind.remove(stem)
            leaving.insert(stem)
            if isReady(now, isOpen: false) { remove(stem, now) }
        }
    }

    private func wants(_ stem: Stem, _ loop: (Stem) -> JSONString?) -> Bool {
        if let known = isWanted[stem] {
            if known { behind.insert(stem) }
            return known
        }
        guard let name = loop(stem) else { return false }
        isWanted[stem] = filter.includes(name)
        if isWanted[stem] == true { behind.insert(stem) }
        return isWanted[stem] ?? false
    }

    /// A run has ended: its last line is mirrored also where it is torn.
    func ended(_ stem: Stem, at now: Moment) {
        guard isWanted[stem] == true, let source = sources[stem], let live = Self.live(stem),
            isReady(now, isOpen: false),
            let root
        else { return }
        settle(mirror.finish(live, from: source, in: root, now: now.wall), stem, now)
    }

    // MARK: When time passes

    /// When something is due without any change, in milliseconds of the steady clock.
    func nextDeadline(at now: Moment) -> Int64? {
        let quiet = mirror.nextDeadline.map {
            now.steady + max(0, ($0.microseconds - now.wall.microseconds) / 1000) + 1
        }
        return [quiet, retryAt].compactMap { $0 }.min()
    }

    /// Does what is due.
    func attend(at now: Moment) {
        mirror.closeQuiet(now: now.wall)
        if !sources.keys.contains(where: { Self.live($0).map(mirror.isOpen) ?? false }) { root = nil }
        for live in mirror.due(now: now.wall) { behind.insert(Stem(live)) }
        guard (retryAt ?? .min) <= now.steady, !behind.isEmpty || !leaving.isEmpty || isSuspended || !isSwept else {
            return
        }
        guard isReady(now, isOpen: false) else { return }
        for stem in behind.sorted() {
            append(stem, now)
            save(stem, now)
        }
        for stem in leaving.sorted() { remove(stem, now) }
    }

    // MARK: Writing

    private func append(_ stem: Stem, _ now: Moment) {
        guard let root, let source = sources[stem], let live = Self.live(stem) else { return }
        var outcome = mirror.append(live, from: source, in: root, now: now.wall)
        while case .more = outcome { outcome = mirror.append(live, from: source, in: root, now: now.wall) }
        settle(outcome, stem, now)
    }

    private func save(_ stem: Stem, _ now: Moment) {
        guard let root, let state = states[stem], let live = Self.live(stem) else { return }
        let outcome = mirror.save(
            live,
            state: state.bytes,
            mode: state.mode,
            modified: state.modified,
            in: root,
            now: now.wall
        )
        settle(outcome, stem, now)
    }

    private func remove(_ stem: Stem, _ now: Moment) {
        guard let root, let live = Self.live(stem) else { return }
        if case .failed = mirror.remove(live, in: root) { return postpone(now) }
        leaving.remove(stem)
    }

    private func settle(_ outcome: LiveOutcome, _ stem: Stem, _ now: Moment) {
        switch outcome {
        case .wrote, .unchanged, .more:
            behind.remove(stem)
            failures = 0
        case .wait:
            behind.remove(stem)
        case .failed:
            root = nil
            behind.insert(stem)
            postpone(now)
        }
    }

    private func postpone(_ now: Moment) {
        failures += 1
        retryAt = now.steady + min(60_000, 500 << Int64(min(failures, 7)))
    }

    /// Whether the mirror can be written to; looks at it anew unless one of its files is open anyway.
    private func isReady(_ now: Moment, isOpen: Bool) -> Bool {
        if isOpen, root != nil { return true }
        if let retryAt, retryAt > now.steady { return false }
        switch place.check(now: now.wall) {
        case .open(let open):
            if generation != open.generation {
                mirror.detach()
                generation = open.generation
                behind.formUnion(isWanted.filter(\.value).keys)
                isSwept = false
            }
            root = open.root
            retryAt = nil
            if isSuspended { onStanding(nil) }
            isSuspended = false
            if !isSwept { sweep(open.root, now) }
            return true
        case .suspended(let suspension):
            root = nil
            mirror.detach()
            if !isSuspended { onStanding(suspension) }
            isSuspended = true
            postpone(now)
            return false
        }
    }

    /// Live files of runs that are no longer in `.running`: they ended while no agent ran.
    private func sweep(_ root: any Directory, _ now: Moment) {
        guard let found = try? LiveMirror.stems(in: root).stems else { return }
        isSwept = true
        for live in found where sources[Stem(live)] == nil && states[Stem(live)] == nil {
            _ = mirror.remove(live, in: root)
        }
    }

    private static func live(_ stem: Stem) -> LiveStem? {
        LiveStem(stem.directories + [stem.base])
    }
}

extension Stem {
    fileprivate init(_ live: LiveStem) {
        self.init(directories: live.components.dropLast(), base: live.components[live.components.count - 1])
    }
}
