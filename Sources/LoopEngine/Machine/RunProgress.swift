public import LoopModel

/// Where a run stands, in between two things that happen to it.
public struct RunProgress: Hashable, Sendable {
    /// The state that the machine is in, or goes to next.
    public var currentState: String
    /// How many states were entered.
    public var iteration = 0
    /// What actions gave, by the names that states capture it under.
    public var captured: JSONObject = [:]
    /// The result of the state before; nil before the first one.
    public var previousResult: JSONObject?
    /// How often in a row each state was entered again.
    public var retryCounts: JSONObject = [:]
    /// When the run began, over all of its segments: ISO 8601.
    public var startedAt: JSONString
    /// When this segment began.
    public var segmentStart: Timestamp
    /// Milliseconds of the segments before this one.
    public var earlierMilliseconds = 0

    /// A run that begins.
    ///
    /// - Parameters:
    ///   - state: the first state.
    ///   - now: the current time.
    public init(at state: String, now: Timestamp) {
        currentState = state
        startedAt = now.iso
        segmentStart = now
    }

    /// Milliseconds over all segments.
    public func elapsedMilliseconds(at now: Timestamp) -> Int {
        // Each moment is cut to milliseconds before they are compared, as in the specification.
        Int(now.microseconds.dividedDown(by: 1000) - segmentStart.microseconds.dividedDown(by: 1000))
            + earlierMilliseconds
    }
}

extension Int64 {
    fileprivate func dividedDown(by divisor: Int64) -> Int64 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}

/// Why a run ended; the set is open, as that of the executors is.
public struct TerminationReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The reason as `loop_complete` spells it.
    public var rawValue: String

    /// Takes any reason.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A terminal state was reached.
    public static let terminal = TerminationReason(rawValue: "terminal")
    /// As many states were entered as may be.
    public static let maxIterations = TerminationReason(rawValue: "max_iterations")
    /// The time of the whole loop was over.
    public static let timeout = TerminationReason(rawValue: "timeout")
    /// Somebody asked it to end: a signal, a cancelled task, or an action by `LOOP_STOP:`.
    public static let signal = TerminationReason(rawValue: "signal")
    /// It could not go on.
    public static let error = TerminationReason(rawValue: "error")
    /// An action handed over to a new session; no `loop_complete` tells of it.
    public static let handoff = TerminationReason(rawValue: "handoff")

    /// The status that a run ends with for this reason.
    public var status: RunStatus {
        switch self {
        case .terminal: .completed
        case .maxIterations, .signal: .interrupted
        case .handoff: .awaitingContinuation
        case .timeout: .timedOut
        default: .failed
        }
    }

    /// The reason.
    public var description: String {
        rawValue
    }
}

/// How a run, or a segment of it, ended.
public struct RunOutcome: Hashable, Sendable {
    /// Where it stands.
    public var progress: RunProgress
    /// Why it ended.
    public var reason: TerminationReason
    /// Milliseconds over all segments.
    public var duration: Int
    /// What went wrong, for people; no file has it.
    public var error: String?
    /// What the next session is to go on with; only after a handoff.
    public var continuation: JSONString?

    /// Describes an end.
    public init(
        progress: RunProgress,
        reason: TerminationReason,
        duration: Int,
        error: String? = nil,
        continuation: JSONString? = nil
    ) {
        self.progress = progress
        self.reason = reason
        self.duration = duration
        self.error = error
        self.continuation = continuation
    }
}
