public import LoopModel
public import LoopStore

/// Runs a loop by its definition, as the executor of little-loops 1.52.0 does.
///
/// The events are that executor's, in its order and spelling. Different on purpose: a command's whole process group ends
/// with it, its time-out counts while its output is open, output that is no UTF-8 ends no run, and a sub-loop hears that
/// the run is to end.
public struct Engine: LoopRunning {
    /// What it runs.
    public var loop: LoopDefinition
    /// Runs the actions.
    public var commands: any CommandRunning
    /// Starts the session that goes on after a handoff.
    public var continuations: any DetachedStarting
    /// The program for prompts and questions, with its first arguments.
    public var claude: [String]
    /// Gives a sub-loop's definition by its name.
    public var subLoops: @Sendable (String) throws -> LoopDefinition
    /// Tells the time of the events.
    public var clock: @Sendable () -> Timestamp

    /// An engine for one loop.
    ///
    /// - Parameters:
    ///   - loop: a definition that is valid.
    ///   - commands: runs the actions, and starts what goes on after a handoff.
    ///   - claude: the program for prompts, with its first arguments.
    ///   - subLoops: gives a sub-loop's definition by its name.
    ///   - clock: tells the time of the events.
    public init(
        _ loop: LoopDefinition,
        commands: any CommandRunning & DetachedStarting,
        claude: [String] = ["claude"],
        subLoops: @escaping @Sendable (String) throws -> LoopDefinition,
        clock: @escaping @Sendable () -> Timestamp = WallClock.now
    ) {
        self.loop = loop
        self.commands = commands
        continuations = commands
        self.claude = claude
        self.subLoops = subLoops
        self.clock = clock
    }

    /// The loop's name.
    public var name: JSONString { JSONString(loop.name) }

    /// Values for `${context.…}`.
    public var context: JSONObject {
        get { loop.context }
        set { loop.context = newValue }
    }

    /// Whether a state ends the loop.
    public func isTerminal(_ state: String) -> Bool {
        loop[state]?.isTerminal ?? false
    }

    /// The loop's first state, now.
    public func start() -> RunProgress {
        RunProgress(at: loop.initial, now: clock())
    }

    /// Runs the loop to its end; a cancelled task ends its action, and the loop after the current state.
    public func run(from progress: RunProgress, sink: @escaping EventSink) async throws -> RunOutcome {
        try await Machine(self, from: progress, sink: sink).run()
    }

    /// Starts a session that is told to resume this loop.
    func startContinuation(_ continuation: JSONString) throws -> Int {
        var prompt = "A loop has handed over to you. Resume it with this command: looprun resume \(loop.name)"
        if !continuation.isEmpty { prompt += "\n\n\(continuation.string)" }
        return try continuations.startDetached(claude + ["-p", prompt])
    }
}
