package import LoopModel
package import SyncCore

/// One unit of work on the mirror's history, small enough that other work can come between.
package enum MirrorWork: Hashable, Sendable {
    /// Begin to compare the whole history.
    case list
    /// Compare the next runs.
    case compare
    /// One step of the plan that came out of that.
    case step(MirrorStep)
    /// Runs of the plan that the mirror has nothing of yet, all at once.
    case publishTogether([RunPlace])
    /// See to one run that was just archived.
    case bring(RunPlace)
}

/// What became of one unit of work.
package enum MirrorWorkOutcome: Sendable {
    /// Done; what changed in the mirror.
    case done([MirrorChange])
    /// Not now: the same work waits for its time.
    case retryLater(String, at: Timestamp)
    /// This run could not be mirrored; all others go on. It is tried again with the next comparison.
    case failed(RunPlace?, String)
}

/// What changed in the mirror's history.
package enum MirrorChange: Hashable, Sendable {
    /// So many bytes were written.
    case published(RunPlace, bytes: Int64)
    case replaced(RunPlace, bytes: Int64)
    case renamed(from: RunPlace, to: RunPlace)
    case setAside(RunPlace)
    case removed(RunPlace)
}

extension MirrorChange {
    /// The run whose files were written to the mirror; nil where they only moved.
    var broughtPlace: RunPlace? {
        switch self {
        case .published(let place, _), .replaced(let place, _): place
        case .renamed, .setAside, .removed: nil
        }
    }
}

extension MirrorWork {
    /// Whether the work writes to the mirror.
    var changes: Bool {
        switch self {
        case .list, .compare: false
        case .step, .bring, .publishTogether: true
        }
    }

    /// Whether the work is to bring one run into the mirror, which needs no order.
    var brings: Bool {
        switch self {
        case .list, .compare, .publishTogether: false
        case .bring: true
        case .step(let step):
            switch step {
            case .publish, .replace: true
            case .rename, .setAside, .removePruned, .removeDouble: false
            }
        }
    }

    /// The run that the work is about.
    var place: RunPlace? {
        switch self {
        case .list, .compare, .publishTogether: nil
        case .bring(let place): place
        case .step(let step): step.place
        }
    }
}
