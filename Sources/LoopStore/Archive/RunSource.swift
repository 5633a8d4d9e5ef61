package import LoopModel

/// Bytes to archive: a file that somebody may still hold, or bytes at hand.
package enum SourceContent: Sendable {
    /// A file by its place; another identity under that name means that it was replaced, and nothing is copied.
    case file(any Directory, FileName, FileIdentity)
    /// A file that is held open because it could not be linked; it may have no name any more.
    case open(any File)
    /// Bytes with a modification time (nanoseconds since the epoch) and permission bits.
    case bytes([UInt8], modified: Int64, mode: UInt32)
}

/// A run as it is to stand in the history.
package struct RunSource: Sendable {
    package var identity: RunIdentity
    /// The loop's true name, which may be no file name.
    package var loop: JSONString
    /// The id that the executor would archive it under now.
    package var runID: RunID
    package var layout: HistoryLayout
    /// Whether the run has a file in `.running`: then the executor may still archive it itself, over what is there.
    package var isInRunning: Bool
    /// The events files in order of birth; their bytes one after the other are the run's events.
    package var events: [SourceContent]
    package var state: SourceContent?
    /// Whether the state parses; one that does not is archived as it is.
    package var stateIsReadable: Bool
    /// The last state that parsed, where the present one does not.
    package var lastGoodState: [UInt8]?
    /// Further files, under the names that they get.
    package var siblings: [(name: FileName, content: SourceContent)]
    /// Whether the run is over for good.
    package var isFinished: Bool
    /// Ids that the run had before a resume changed `started_at`, as far as known; its archive may stand under them.
    package var earlierRunIDs: [RunID]
    /// When its last segment began by its events; nil where no start can be read.
    package var lastStart: Timestamp?

    package init(
        identity: RunIdentity,
        loop: JSONString,
        runID: RunID,
        layout: HistoryLayout,
        isInRunning: Bool,
        events: [SourceContent],
        state: SourceContent?,
        stateIsReadable: Bool,
        lastGoodState: [UInt8]? = nil,
        siblings: [(name: FileName, content: SourceContent)] = [],
        isFinished: Bool,
        earlierRunIDs: [RunID] = [],
        lastStart: Timestamp? = nil
    ) {
        self.identity = identity
        self.loop = loop
        self.runID = runID
        self.layout = layout
        self.isInRunning = isInRunning
        self.events = events
        self.state = state
        self.stateIsReadable = stateIsReadable
        self.lastGoodState = lastGoodState
        self.siblings = siblings
        self.isFinished = isFinished
        self.earlierRunIDs = earlierRunIDs
        self.lastStart = lastStart
    }
}

/// What became of an attempt to archive a run.
package enum ArchiveOutcome: Sendable {
    /// It stands at the place, whole and durable.
    ///
    /// `conflicts` tells for people what was found there that contradicts the run and was kept beside it; `moved`
    /// names archives of other runs that had to leave a name that the executor will write to.
    /// What had stood at the `absorbed` places was this run's too and stands in its place now. Where nothing changed the place
    /// is among them, if the run was met there: a pruned one stands nowhere.
    case archived(
        RunPlace,
        change: ArchiveChange,
        conflicts: [String],
        moved: [(from: RunPlace, to: RunPlace)],
        absorbed: [RunPlace] = []
    )
    /// Not now, for this reason: somebody is writing. To be tried again after the next change or some seconds.
    case wait(String)
    /// Nothing was lost and nothing is half done; try again when the reason may have gone.
    case failed(PosixError)
}

/// What was done to the history.
package enum ArchiveChange: Hashable, Sendable {
    case created
    /// Something was added to the archive that was there.
    case extended
    /// What an executor had archived itself was found whole and got its sums.
    case adopted
    /// The run's id changed with a resume.
    case renamed(from: RunPlace)
    case unchanged
}
