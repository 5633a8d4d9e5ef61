/// A program to be run, and for how long.
public struct Command: Sendable, Hashable {
    /// The program, looked up on the PATH where it has no slash, and its arguments.
    public var arguments: [String]
    /// Seconds until the whole process group is killed.
    public var timeout: Double

    /// A command with its time-out.
    public init(_ arguments: [String], timeout: Double) {
        self.arguments = arguments
        self.timeout = timeout
    }
}

/// How a command ended.
public struct CommandResult: Sendable, Hashable {
    /// Complete, decoded as UTF-8 with replacement characters, line ends as `\n`.
    public var output: String
    /// Complete, decoded in the same way.
    public var errorOutput: String
    /// The exit status; the negative number of the signal that killed it; 124 after the time-out.
    public var exitCode: Int
    /// Milliseconds by the wall clock.
    public var duration: Int
    /// Whether the time-out ended it.
    public var timedOut: Bool

    /// Takes what a command gave.
    public init(output: String, errorOutput: String = "", exitCode: Int, duration: Int, timedOut: Bool = false) {
        self.output = output
        self.errorOutput = errorOutput
        self.exitCode = exitCode
        self.duration = duration
        self.timedOut = timedOut
    }
}

/// Runs commands; the seam between what a loop decides and what happens on the machine.
public protocol CommandRunning: Sendable {
    /// Runs a command to its end.
    ///
    /// A cancelled task kills the command's whole process group and still gives its result.
    ///
    /// - Parameter onLine: is given each line of the output as it comes, without its end.
    /// - Throws: where the program cannot be started.
    func run(_ command: Command, onLine: @Sendable (String) throws -> Void) async throws -> CommandResult
}

/// Starts programs that nobody waits for.
public protocol DetachedStarting: Sendable {
    /// Starts a program in a session of its own, with nothing to read and nowhere to write.
    ///
    /// - Returns: its process id.
    func startDetached(_ arguments: [String]) throws(CommandError) -> Int
}
