package import LoopModel

/// What an archived run's directory says of the run.
package struct ArchivedRun: Hashable, Sendable {
    package var place: RunPlace
    /// The loop's true name; only where neither state nor events tell it, what the directory's name suggests.
    package var loop: JSONString
    /// The id by the state's `started_at`, else by the first `loop_start`, else by the directory's name.
    package var runID: RunID
    /// nil where nothing in the directory identifies the run.
    package var identity: RunIdentity?
    /// nil where there is none or it does not parse.
    package var state: LoopState?
    package var startedAt: JSONString?
    /// The last event's time, else the state's `updated_at`, else its `started_at`; never a file's time.
    package var endedAt: Timestamp?
    /// Bytes that the directory's files take on the disk.
    package var size: Int64
    /// Whether a person pinned it (`.keep`).
    package var isPinned: Bool
    /// The digest of `SHA256SUMS`; nil where there is none.
    package var sums: [UInt8]?
    package var hasEvents: Bool

    /// Whether an executor archived it and loopsync has not taken it over yet.
    package var isExecutorCopy: Bool {
        sums == nil
    }

    package var status: RunStatus? {
        state?.status
    }
}
