package import LoopModel

/// What holds at the moment of an evaluation.
package struct RetentionCircumstances: Sendable {
    package var now: Timestamp
    package var zone: ZoneOffset
    /// Whether a mirror is configured, so that `isMirrored` counts.
    package var hasMirror: Bool
    /// Bytes free on the history's file system; nil where it cannot be told, and then `min_free_space` removes nothing.
    package var freeBytes: Int64?
    /// Bytes in the trash of that file system: they are as good as free, since the trash goes first.
    package var trashedBytes: Int64
    /// What makes a large plan wait for a person.
    package var triggers: [RetentionTrigger]
    /// Whether a person said to go on (`prune --force`).
    package var isForced: Bool
    /// Loops to look at; empty means all.
    package var loops: [Glob]

    /// Describes the moment; what is not told does not hold.
    package init(
        now: Timestamp,
        zone: ZoneOffset,
        hasMirror: Bool = false,
        freeBytes: Int64? = nil,
        trashedBytes: Int64 = 0,
        triggers: [RetentionTrigger] = [],
        isForced: Bool = false,
        loops: [Glob] = []
    ) {
        self.now = now
        self.zone = zone
        self.hasMirror = hasMirror
        self.freeBytes = freeBytes
        self.trashedBytes = trashedBytes
        self.triggers = triggers
        self.isForced = isForced
        self.loops = loops
    }
}

/// What a person may not have meant, so that a plan that removes much waits.
package enum RetentionTrigger: Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case policyChanged
    case clockJumped
    case historyShrank

    package var description: String {
        switch self {
        case .policyChanged: "first plan of a changed policy"
        case .clockJumped: "the clock jumped"
        case .historyShrank: "runs vanished from the history"
        }
    }
}

/// What happens to every run of the history, and why.
///
/// The same value is printed by a dry run and carried out.
package struct RetentionPlan: Sendable, Hashable {
    /// All runs that were looked at, or those that go or would: loop by loop, newest first.
    package var decisions: [Decision]
    /// The loops that wait for a person.
    package var heldBack: [HeldLoop]
    /// How many runs stay merely because the mirror does not hold them yet.
    package var awaitingMirror: Int
    package var triggers: [RetentionTrigger]
    package var now: Timestamp
    package var zoneName: String

    /// Makes a plan as it stands; `RetentionPolicy.plan` decides one.
    package init(
        decisions: [Decision],
        heldBack: [HeldLoop] = [],
        awaitingMirror: Int = 0,
        triggers: [RetentionTrigger] = [],
        now: Timestamp,
        zoneName: String
    ) {
        self.decisions = decisions
        self.heldBack = heldBack
        self.awaitingMirror = awaitingMirror
        self.triggers = triggers
        self.now = now
        self.zoneName = zoneName
    }

    /// One run's fate.
    package struct Decision: Sendable, Hashable {
        package var run: RetentionRun
        package var verdict: Verdict
        package var reasons: [RetentionReason]

        /// Makes a decision.
        package init(run: RetentionRun, verdict: Verdict, reasons: [RetentionReason]) {
            self.run = run
            self.verdict = verdict
            self.reasons = reasons
        }
    }

    /// What to do with a run.
    package enum Verdict: Sendable, Hashable {
        case keep
        case remove(RemovalCause)
        /// It would go, but its loop waits for a person.
        case hold(RemovalCause)
    }

    /// A loop that a valve holds back.
    package struct HeldLoop: Sendable, Hashable {
        package var loop: JSONString
        package var removing: Int
        package var runs: Int

        /// Makes the entry of a loop.
        package init(loop: JSONString, removing: Int, runs: Int) {
            self.loop = loop
            self.removing = removing
            self.runs = runs
        }
    }

    /// The decisions to remove, in the order to carry them out: by cause, and the most dispensable first.
    package var removals: [Decision] {
        decisions.filter { $0.verdict.removes != nil }.sorted { left, right in
            guard let leftCause = left.verdict.removes, let rightCause = right.verdict.removes else { return false }
            if leftCause.rank != rightCause.rank { return leftCause.rank < rightCause.rank }
            if leftCause.rank > 0, left.run.dispensability != right.run.dispensability {
                return left.run.dispensability < right.run.dispensability
            }
            return RetentionRun.isNewer(right.run, left.run)
        }
    }
}

/// What removes a run; a removal that fails stops the others of the same cap, so that no newer run goes in its place.
package enum RemovalCause: Sendable, Hashable {
    /// No rule keeps it: every such run goes for itself.
    case rules
    case maxAge(JSONString)
    case maxRuns(JSONString)
    case maxTotalSize
    case minFreeSpace

    /// The order in which causes are carried out, the same as they are decided in.
    var rank: Int {
        switch self {
        case .rules: 0
        case .maxAge: 1
        case .maxRuns: 2
        case .maxTotalSize: 3
        case .minFreeSpace: 4
        }
    }

    /// Whether a failure stops the removals with the same cause.
    package var isCap: Bool {
        switch self {
        case .rules: false
        case .maxAge, .maxRuns, .maxTotalSize, .minFreeSpace: true
        }
    }
}

extension RetentionPlan.Verdict {
    /// The cause of a removal; nil where the run stays.
    package var removes: RemovalCause? {
        switch self {
        case .remove(let cause): cause
        case .keep, .hold: nil
        }
    }
}
