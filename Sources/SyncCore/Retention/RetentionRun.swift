package import LoopModel

/// What retention needs to know of one directory in the history.
package struct RetentionRun: Sendable, Hashable {
    /// Where it stands below `.history`.
    package var place: RunPlace
    /// The loop's name as the state says it.
    package var loop: JSONString
    package var runID: RunID
    /// nil where the state cannot be read.
    package var status: RunStatus?
    /// The last event's time, else what the state says, never a file's mtime; nil where nothing tells.
    package var endedAt: Timestamp?
    package var startedAt: Timestamp?
    /// Bytes that the directory takes on the disk.
    package var size: Int64
    /// Whether a person pinned it (`.keep` in the directory).
    package var isPinned: Bool
    /// Whether a file of this run is still in `.running`: live, parked, resumable or only not swept yet.
    package var isInRunning: Bool
    /// Whether an executor would archive some run that is in `.running` to this place.
    package var isCanonicalForRunning: Bool
    /// Whether every configured mirror holds it, verified.
    package var isMirrored: Bool
    /// Whether it is a run at all; what is not is never touched.
    package var isRun: Bool
    /// What a look right before the removal must find again, for this process alone.
    ///
    /// nil for a run that cannot be looked at again, and so is not removed.
    package var fingerprint: Int?

    /// Describes one directory of the history.
    package init(
        place: RunPlace,
        loop: JSONString,
        runID: RunID,
        status: RunStatus?,
        endedAt: Timestamp?,
        startedAt: Timestamp?,
        size: Int64,
        isPinned: Bool = false,
        isInRunning: Bool = false,
        isCanonicalForRunning: Bool = false,
        isMirrored: Bool = true,
        isRun: Bool = true,
        fingerprint: Int? = nil
    ) {
        self.place = place
        self.loop = loop
        self.runID = runID
        self.status = status
        self.endedAt = endedAt
        self.startedAt = startedAt
        self.size = size
        self.isPinned = isPinned
        self.isInRunning = isInRunning
        self.isCanonicalForRunning = isCanonicalForRunning
        self.isMirrored = isMirrored
        self.isRun = isRun
        self.fingerprint = fingerprint
    }

    /// The time that decides its age: its end, else its start; nil where neither is known.
    package var time: Timestamp? {
        endedAt ?? startedAt
    }

    /// A total order, newest first; runs without a time come last.
    static func isNewer(_ left: RetentionRun, _ right: RetentionRun) -> Bool {
        if left.time != right.time {
            guard let leftTime = left.time else { return false }
            guard let rightTime = right.time else { return true }
            return leftTime > rightTime
        }
        if left.startedAt != right.startedAt {
            guard let leftStart = left.startedAt else { return false }
            guard let rightStart = right.startedAt else { return true }
            return leftStart > rightStart
        }
        return left.runID != right.runID ? left.runID > right.runID : left.place > right.place
    }

    /// How soon a cap takes the run: successes first, failures last, everything else between.
    var dispensability: Int {
        switch status {
        case .some(.completed): 0
        case .some(.failed), .some(.timedOut): 2
        default: 1
        }
    }
}
