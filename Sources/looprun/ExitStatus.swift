/// How the program ends, as little-loops 1.52.0 has it; scripts read the numbers.
enum ExitStatus: Int32 {
    /// The loop reached a terminal state, was asked to end or has handed over; any other verb has done its work.
    case done = 0
    /// The loop ended otherwise, or was not run; the message says why. Also after a second signal.
    case failed = 1
    /// The command line is wrong.
    case usage = 64
}

/// An end before the work was done, with what to tell the person.
struct Failure: Error {
    let status: ExitStatus
    /// What failed, on which path, why it matters and what to do next.
    let message: String

    init(_ message: String, _ status: ExitStatus = .failed) {
        self.status = status
        self.message = message
    }
}
