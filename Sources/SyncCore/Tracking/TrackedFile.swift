package import LoopModel

/// An events file that the tracker follows, in `.running` or, once it left, by its pin alone.
package struct EventsFile: Sendable, Hashable {
    package var identity: FileIdentity
    package var stem: Stem
    package var log = EventLog()
    /// Whether its name still stands in `.running`.
    package var isInRunning: Bool
    /// How often a name in `.running` had been seen to come or go by the time it left; means nothing while it is there.
    package var left: UInt64 = 0
    /// When a change of it was last seen.
    package var changed: Moment
    /// The file's own modification time, nanoseconds since the epoch.
    package var modified: Int64

    package init(identity: FileIdentity, stem: Stem, isInRunning: Bool, changed: Moment, modified: Int64) {
        self.identity = identity
        self.stem = stem
        self.isInRunning = isInRunning
        self.changed = changed
        self.modified = modified
    }
}

/// What a state says of its run, as far as decisions need it.
package struct StateFacts: Sendable, Hashable {
    package var loop: JSONString
    /// Whether the loop's name is text at all; anything else is taken as it is written.
    package var isLoopText: Bool
    package var startedAt: JSONString
    package var start: Timestamp?
    package var updated: Timestamp?
    package var status: RunStatus
    package var pid: Int32?
    package var currentState: JSONString
    package var iteration: JSONValue

    package init(_ state: LoopState) {
        loop = state.loopName
        if case .string? = state[.loopName] { isLoopText = true } else { isLoopText = false }
        startedAt = state.startedAt
        start = Timestamp(iso: state.startedAt)
        updated = Timestamp(iso: state.updatedAt)
        status = state.status
        pid = state.pid.flatMap { Int32(exactly: $0) }
        currentState = state.currentState
        iteration = state.iteration
    }
}

/// The newest content seen of one segment's state, whichever file it stood in.
///
/// Version A writes a run's state into the file that may hold the next run's already (`stop`, executor protocol 2.9), so
/// that contents are kept by what they say and not by where they lay.
package struct StateVersion: Sendable, Hashable {
    package var stem: Stem
    package var facts: StateFacts
    package var bytes: [UInt8]
    package var mode: UInt32
    package var modified: Int64
    /// The file that it was read from last.
    package var file: FileIdentity
    /// Counts sightings: of two, the greater was seen later.
    package var sighting: UInt64
    package var changed: Moment
}

/// A state file and what it holds at the moment.
package struct StateFile: Sendable, Hashable {
    /// What the file's bytes are.
    package enum Content: Sendable, Hashable {
        /// A state of the segment that began then.
        case version(startedAt: JSONString, loop: JSONString)
        /// Not to be understood, with the reason; the bytes, unless there are too many of them to hold.
        case unreadable(reason: String, bytes: [UInt8]?)
    }

    package var identity: FileIdentity
    package var stem: Stem
    package var isInRunning: Bool
    package var content: Content
    package var changed: Moment
    package var modified: Int64
    package var mode: UInt32
}
