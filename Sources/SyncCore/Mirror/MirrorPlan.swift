package import LoopModel

/// What tells whether two copies of a run are one and the same without reading them.
package struct RunSeal: Hashable, Sendable {
    /// A digest of the bytes of `SHA256SUMS`.
    package var sums: [UInt8]
    /// The sizes of the files that it lists, in its order; -1 where one is missing.
    package var sizes: [Int64]

    /// Describes a sealed run.
    package init(sums: [UInt8], sizes: [Int64]) {
        self.sums = sums
        self.sizes = sizes
    }
}

/// A run in the history, as the mirror's plan needs it.
package struct SourceRun: Hashable, Sendable {
    package var place: RunPlace
    /// nil as long as it has no `SHA256SUMS`: it is not ours to publish yet.
    package var seal: RunSeal?
    /// nil where it is not known; then the run is never taken for another.
    package var identity: RunIdentity?
    /// Whether the configuration wants this loop mirrored.
    package var isIncluded: Bool

    /// Describes a run of the history.
    package init(place: RunPlace, seal: RunSeal?, identity: RunIdentity?, isIncluded: Bool = true) {
        self.place = place
        self.seal = seal
        self.identity = identity
        self.isIncluded = isIncluded
    }
}

/// A run in the mirror, as its plan needs it.
package struct MirroredRun: Hashable, Sendable {
    package var place: RunPlace
    /// nil where there is no `SHA256SUMS`.
    package var seal: RunSeal?
    package var identity: RunIdentity?

    /// Describes a run of the mirror.
    package init(place: RunPlace, seal: RunSeal?, identity: RunIdentity?) {
        self.place = place
        self.seal = seal
        self.identity = identity
    }
}

/// A run that this agent pruned, from its own record.
package struct PrunedRun: Hashable, Sendable {
    package var place: RunPlace
    /// The digest of the `SHA256SUMS` that it had.
    package var sums: [UInt8]?
    package var identity: RunIdentity?

    /// Names a pruned run.
    package init(place: RunPlace, sums: [UInt8]?, identity: RunIdentity? = nil) {
        self.place = place
        self.sums = sums
        self.identity = identity
    }

    /// Whether a run at that place in the mirror is the pruned one: its bytes say so, or its first line.
    package func isCopy(sums: [UInt8]?, identity: RunIdentity?) -> Bool {
        if let mine = self.sums, mine == sums { return true }
        if let mine = self.identity, mine == identity { return true }
        return false
    }
}

/// One unit of work on the mirror's history.
package enum MirrorStep: Hashable, Sendable {
    /// The same run stands elsewhere in the history now.
    case rename(from: RunPlace, to: RunPlace)
    /// The mirror has nothing there.
    case publish(RunPlace)
    /// The mirror has an older or a damaged copy of the run there.
    case replace(RunPlace)
    /// The mirror has another run there, one that the history has nowhere: keep it among the conflicts.
    case setAside(RunPlace)
    /// Pruned here by this agent, and `deletions` is `follow`.
    case removePruned(RunPlace, RunSeal?)
    /// The same run is mirrored at its right place too.
    case removeDouble(RunPlace, of: RunPlace)
}

extension MirrorStep {
    /// The run that the step is about, by its place in the mirror after the step.
    package var place: RunPlace {
        switch self {
        case .publish(let place), .replace(let place), .rename(from: _, to: let place), .setAside(let place): place
        case .removePruned(let place, _), .removeDouble(let place, of: _): place
        }
    }
}

/// Everything that brings the mirror's history up to date, as values: it can be printed, and is what gets carried out.
package struct MirrorPlan: Hashable, Sendable {
    /// The work in order; what removes comes last.
    package var steps: [MirrorStep] = []
    /// Runs without `SHA256SUMS`, left to a later pass.
    package var unsealed: [RunPlace] = []
    /// Runs that the mirror has and the history has not, and that nobody here pruned; they stay.
    package var vanished: [RunPlace] = []
    /// Runs that were pruned here and stay in the mirror, as `deletions` is `keep`.
    package var kept: [RunPlace] = []
    /// Runs that could not be compared, and why: nothing is done about them.
    package var unreadable: [RunPlace: String] = [:]

    /// An empty plan.
    package init() {}
}
