package import LoopModel

/// What stands at a place where a run may stand.
package struct Standing: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The run itself, or pieces of it.
        case same
        /// An executor is copying there right now.
        case underWay
        /// Another run, or something that cannot be told to be this one.
        case other
        /// No directory: a file, a link.
        case blocked
    }

    package enum Role: Hashable, Sendable {
        case canonical
        /// The canonical name of the layout that was not asked for.
        case otherLayout
        /// A name for a run that had to make way.
        case aside
        /// A name of an earlier run id, before a resume.
        case earlier
    }

    package var place: RunPlace
    package var kind: Kind
    package var role: Role

    package init(_ place: RunPlace, _ kind: Kind, as role: Role) {
        self.place = place
        self.kind = kind
        self.role = role
    }
}

/// Where a run is to stand and what has to happen for it, decided from what was read; pure.
package enum ArchivePlan: Hashable, Sendable {
    /// Nothing may be touched now.
    case wait(String)
    /// It stands nowhere yet.
    case create(at: RunPlace, movingFirst: Move?)
    /// It stands at `place` already and is brought up to date there, takes in what stands at `absorbing`, and then
    /// goes to `target`, which may be the same.
    case change(RunPlace, absorbing: [RunPlace], target: RunPlace, movingFirst: Move?)

    /// Another run's archive that has to leave a name which an executor will write to.
    package struct Move: Hashable, Sendable {
        package var from: RunPlace
        package var to: RunPlace

        package init(from: RunPlace, to: RunPlace) {
            self.from = from
            self.to = to
        }
    }

    /// Decides.
    ///
    /// - Parameters:
    ///   - canonical: where the run's executor archives it.
    ///   - standings: what stands at the places where the run may stand; a place that is not among them is free.
    ///   - free: free names to step aside to, nearest first.
    ///   - isInRunning: whether the run's executor may still archive it.
    ///   - isContested: whether another run in `.running` would be archived under the same name. Then neither has a
    ///     right to it, and who stands there stays.
    package static func decide(
        canonical: RunPlace,
        standings: [Standing],
        free: [RunPlace],
        isInRunning: Bool,
        isContested: Bool
    ) -> ArchivePlan {
        if let copy = standings.first(where: { $0.kind == .underWay }) {
            return .wait("an executor is archiving to \(copy.place)")
        }
        let own = standings.filter { $0.kind == .same }
        let blocker = standings.first { $0.place == canonical && $0.kind != .same }
        var move: Move?
        var target = canonical
        if own.contains(where: { $0.place == canonical }) {
            // It stands where it should.
        } else if let other = own.first(where: { $0.role == .otherLayout }) {
            // Found where an executor of the other layout put it, and would put it again.
            target = other.place
        } else if let blocker, blocker.kind == .other, isInRunning, !isContested {
            guard let aside = free.first else { return .wait("no name is free beside \(canonical)") }
            move = Move(from: canonical, to: aside)
        } else if blocker != nil {
            guard let aside = own.first(where: { $0.role == .aside })?.place ?? free.first else {
                return .wait("no name is free beside \(canonical)")
            }
            target = aside
        } else if !isInRunning || isContested, let aside = own.first(where: { $0.role == .aside }) {
            // Nobody will write to the canonical name, or another run has as good a right to it.
            target = aside.place
        }
        guard let base = own.first(where: { $0.place == target }) ?? own.first else {
            return .create(at: target, movingFirst: move)
        }
        let others = own.filter { standing in
            // What an executor may write again at any time is not removed under its hands.
            standing.place != base.place && !(isInRunning && standing.role == .otherLayout)
        }
        return .change(base.place, absorbing: others.map(\.place), target: target, movingFirst: move)
    }
}
