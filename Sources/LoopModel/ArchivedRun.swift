/// What an archived run's directory says of the run.
package struct ArchivedRun: Hashable, Sendable {
    package var place: RunPlace
    /// The loop's true name; only where neither state nor events tell it, what the directory's name suggests.
    package var loop: JSONString
    /// The id by the state's `started_at`, else by the first `loop_start`, else by the directory's name.
    package var runID: RunID
    /// nil where nothing in the directory identifies the run.
    package var identity: RunIdentity?
    /// By the state; nil where there is none or it does not parse.
    package var status: RunStatus?
    /// How many states were entered, as the state has it; nil where there is no state.
    package var iteration: JSONValue?
    /// The state of the machine that the run ended in; nil where there is no state.
    package var finalState: JSONString?
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

    /// Describes a run by all that its directory says.
    package init(
        place: RunPlace,
        loop: JSONString,
        runID: RunID,
        identity: RunIdentity?,
        status: RunStatus?,
        iteration: JSONValue?,
        finalState: JSONString?,
        startedAt: JSONString?,
        endedAt: Timestamp?,
        size: Int64,
        isPinned: Bool,
        sums: [UInt8]?,
        hasEvents: Bool
    ) {
        self.place = place
        self.loop = loop
        self.runID = runID
        self.identity = identity
        self.status = status
        self.iteration = iteration
        self.finalState = finalState
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.size = size
        self.isPinned = isPinned
        self.sums = sums
        self.hasEvents = hasEvents
    }

    /// Whether an executor archived it and loopsync has not taken it over yet.
    package var isExecutorCopy: Bool {
        sums == nil
    }
}
