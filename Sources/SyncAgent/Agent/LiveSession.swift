import LoopModel
import LoopStore
import SyncCore

/// Follows the live runs of one loops directory into its mirror; confined to the conducting thread.
///
/// The mirror remembers what it could not write; here is what it needs to catch up: the open files and last states.
final class LiveSession {
    private let mirror: Mirror
    private var sources: [Stem: any File] = [:]
    private var states: [Stem: (bytes: [UInt8], mode: UInt32, modified: Int64)] = [:]
    private var loops: [Stem: JSONString] = [:]
    /// Copies under way, and whether their runs have ended.
    private var unfinished: [Stem: Bool] = [:]
    /// Whether the mirror's leftovers were looked for.
    private var isSwept = false
    private var wasSuspended = false
    private var hadProblem = false
    /// Called when the mirror is suspended, and with nil when it is back.
    private let onStanding: (MirrorSuspension?) -> Void
    /// Called with what keeps a live run from being mirrored, and with nil when one was mirrored again.
    private let onProblem: (String?) -> Void

    init(
        mirror: Mirror,
        onStanding: @escaping (MirrorSuspension?) -> Void,
        onProblem: @escaping (String?) -> Void
    ) {
        self.mirror = mirror
        self.onStanding = onStanding
        self.onProblem = onProblem
    }

    /// Takes a change of `.running`.
    ///
    /// - Parameter loop: the name of the loop that runs at a stem; nil while nothing names it yet.
    func take(_ change: LiveChange, at now: Moment, loop: (Stem) -> JSONString?) {
        switch change {
        case .events(let stem, let file):
            sources[stem] = file
            if name(stem, loop) != nil { append(stem, now) }
        case .state(let stem, let bytes, let mode, let modified):
            states[stem] = (bytes, mode, modified)
            guard name(stem, loop) != nil else { return }
            save(stem, now)
        case .gone(let stem, let kind):
            var hadOne = false
            if kind == .events {
                hadOne = sources.removeValue(forKey: stem) != nil
                unfinished[stem] = nil
            }
            if kind == .state { hadOne = states.removeValue(forKey: stem) != nil }
            if hadOne, sources[stem] != nil || states[stem] != nil, let live = Self.live(stem) {
                // One run's file must not stand beside the next one's.
                settle(mirror.remove(kind == .events ? .events : .state, of: live, now: now.wall))
            }
            guard sources[stem] == nil, states[stem] == nil, loops.removeValue(forKey: stem) != nil,
                let live = Self.live(stem)
            else { return }
            settle(mirror.remove(live, now: now.wall))
        }
    }

    private func name(_ stem: Stem, _ loop: (Stem) -> JSONString?) -> JSONString? {
        if let known = loops[stem] { return known }
        loops[stem] = loop(stem)
        return loops[stem]
    }

    /// A run has ended: its last line is mirrored also where it is torn.
    func ended(_ stem: Stem, at now: Moment) {
        append(stem, now, hasEnded: true)
        save(stem, now, hasEnded: true)
    }

    /// When something is due without any change, in milliseconds of the steady clock.
    func nextDeadline(at now: Moment) -> Int64? {
        if !unfinished.isEmpty { return now.steady }
        return mirror.nextDeadline(now: now.wall).map { due in
            let rest = due.microseconds - now.wall.microseconds
            return rest <= 0 ? now.steady : now.steady + rest / 1000 + 1
        }
    }

    /// Does what is due.
    ///
    /// - Parameter listed: what stands in `.running`, also where it could not be opened; nil where not all of it could be
    ///   looked at.
    func attend(at now: Moment, listed: [Stem: Set<RunningFile>]?) {
        mirror.tick(now: now.wall)
        for (stem, hasEnded) in unfinished.sorted(by: { $0.key < $1.key }) { append(stem, now, hasEnded: hasEnded) }
        for live in mirror.due(now: now.wall) {
            let stem = Stem(live)
            if sources[stem] == nil, states[stem] == nil {
                settle(mirror.remove(live, now: now.wall))
            } else {
                append(stem, now)
                save(stem, now)
            }
        }
        stand(now)
        if let listed { sweep(listed, now) }
    }

    private func append(_ stem: Stem, _ now: Moment, hasEnded: Bool = false) {
        guard let source = sources[stem], let loop = loops[stem], let live = Self.live(stem) else { return }
        let outcome = mirror.append(live, loop: loop, from: source, hasEnded: hasEnded, now: now.wall)
        // A long copy goes on in the next round, so that the other runs are not kept waiting.
        if outcome == .more { unfinished[stem] = hasEnded } else { unfinished[stem] = nil }
        settle(outcome)
        stand(now)
    }

    private func save(_ stem: Stem, _ now: Moment, hasEnded: Bool = false) {
        guard let state = states[stem], let loop = loops[stem], let live = Self.live(stem) else { return }
        settle(
            mirror.save(
                live,
                loop: loop,
                state: state.bytes,
                mode: state.mode,
                modified: state.modified,
                hasEnded: hasEnded,
                now: now.wall
            )
        )
        stand(now)
    }

    private func settle(_ outcome: LiveMirrorOutcome) {
        if case .failed(let error) = outcome {
            hadProblem = true
            onProblem("\(error): the live run is not mirrored at the moment")
        } else if hadProblem {
            hadProblem = false
            onProblem(nil)
        }
    }

    /// Tells when the mirror came or went.
    private func stand(_ now: Moment) {
        let isSuspended = mirror.suspension != nil
        guard isSuspended != wasSuspended else { return }
        wasSuspended = isSuspended
        onStanding(mirror.suspension)
    }

    /// Clears the mirror once of runs that ended while no agent ran; only when all of `.running` was looked at.
    private func sweep(_ listed: [Stem: Set<RunningFile>], _ now: Moment) {
        guard !isSwept, mirror.suspension == nil, mirror.open(now: now.wall) != nil else { return }
        isSwept = true
        let present = Set(listed.keys).union(sources.keys).union(states.keys).compactMap(Self.live)
        mirror.removeLive(except: Set(present), now: now.wall)
        for (stem, kinds) in listed.sorted(by: { $0.key < $1.key }) {
            guard let live = Self.live(stem) else { continue }
            // What the mirror has of a kind that is not here is of a run that had the stem before.
            if !kinds.contains(.state), states[stem] == nil { settle(mirror.remove(.state, of: live, now: now.wall)) }
            if !kinds.contains(.events), sources[stem] == nil {
                settle(mirror.remove(.events, of: live, now: now.wall))
            }
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
