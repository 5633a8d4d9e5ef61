/// How a run stands, as its state says.
///
/// The set is open: an unknown status is kept as it is. A status alone proves nothing; the executor's last event is the better witness.
public struct RunStatus: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The status as the state spells it.
    public var rawValue: JSONString

    /// Takes any status.
    public init(rawValue: JSONString) {
        self.rawValue = rawValue
    }

    /// Takes a status written as text.
    public init(stringLiteral text: String) {
        rawValue = JSONString(text)
    }

    /// Under way; also what a killed run leaves behind.
    public static let running: RunStatus = "running"
    /// Ended in a terminal state.
    public static let completed: RunStatus = "completed"
    /// Ended by an error.
    public static let failed: RunStatus = "failed"
    /// Ended by a signal or a step limit.
    public static let interrupted: RunStatus = "interrupted"
    /// Ended to be continued elsewhere (handoff).
    public static let awaitingContinuation: RunStatus = "awaiting_continuation"
    /// Ended by the loop's time limit.
    public static let timedOut: RunStatus = "timed_out"
    /// Ended by `ll-loop stop` (little-loops from 1.104 on).
    public static let userStopped: RunStatus = "user_stopped"

    /// The status for people.
    public var description: String {
        rawValue.description
    }
}
