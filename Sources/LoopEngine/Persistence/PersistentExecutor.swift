public import LoopModel
public import LoopStore
import Synchronization

/// What becomes of the files of the run before when a new one begins.
public enum Leftovers: Sendable {
    /// They get a name of their own beside the new run's, by a rename: nothing is copied, nothing overwritten.
    case setAside
    /// They are copied into the history, then removed, as in the specification.
    case archive
}

/// Runs a loop and keeps its run in files: every event when it happens, the state at every transition.
///
/// It follows the specification's `PersistentExecutor` with any engine inside. Different on purpose: a resumed run keeps
/// its `started_at` (a new one would rename the run half-way, and the agent and later versions of little-loops hold the
/// first one for the run's name) and its context, which the state carries for that.
///
/// One value is for one run: the files are the loop's, and `ExecutorLock` is what keeps others from them.
public final class PersistentExecutor<Engine: LoopRunning>: Sendable {
    private let engine: Engine
    private let persistence: StatePersistence
    private let leftovers: Leftovers
    private let isDurable: Bool
    private let clock: @Sendable () -> Timestamp
    private let thread: (any TaskExecutor)?
    private let observer: @Sendable (LoopEvent) -> Void
    private let shutdown = Mutex(Shutdown())

    private struct Shutdown {
        var isRequested = false
        var task: Task<RunOutcome, any Error>?
        var recorder: RunRecorder?
    }

    /// Prepares a run; nothing is written yet.
    ///
    /// - Parameters:
    ///   - engine: runs the loop.
    ///   - persistence: the run's files; by default those of the loop's name in `.loops`.
    ///   - leftovers: what becomes of the files of the run before.
    ///   - isDurable: whether every event and state is on the disk (fsync) before the run goes on.
    ///   - clock: tells the time of what is saved.
    ///   - thread: where the run takes place; by default on the shared pool, which it then blocks while it writes.
    ///   - observer: is told each event after it was persisted, saved and tracked.
    public init(
        _ engine: Engine,
        persistence: StatePersistence? = nil,
        leftovers: Leftovers = .setAside,
        isDurable: Bool = false,
        clock: @escaping @Sendable () -> Timestamp = WallClock.now,
        thread: (any TaskExecutor)? = nil,
        observer: @escaping @Sendable (LoopEvent) -> Void = { _ in }
    ) {
        self.engine = engine
        self.persistence = persistence ?? StatePersistence(loopName: engine.name)
        self.leftovers = leftovers
        self.isDurable = isDurable
        self.clock = clock
        self.thread = thread
        self.observer = observer
    }

    /// Runs the loop from its first state.
    ///
    /// - Parameter clearPrevious: whether the files of the run before make way; else this run is appended to them.
    /// - Throws: where the files cannot be written; how the loop ends is no error.
    public func run(clearPrevious: Bool = true) async throws -> RunOutcome {
        try persistence.initialize()
        if clearPrevious {
            switch leftovers {
            case .setAside: try persistence.setAside()
            case .archive: try persistence.clearAll()
            }
        }
        return try await perform(engine, from: engine.start(), lastResult: .null, first: nil)
    }

    /// Goes on with a run that was killed, or that was handed over.
    ///
    /// - Parameters:
    ///   - statuses: of which runs; by default those of the specification, `running` and `awaiting_continuation`.
    ///   - context: values that win over those which the run was given at its start, as these do over the definition's.
    /// - Returns: nil where there is no such run.
    public func resume(
        from statuses: Set<RunStatus> = [.running, .awaitingContinuation],
        context: JSONObject = [:]
    ) async throws -> RunOutcome? {
        try persistence.initialize()
        guard let state = try persistence.load(), statuses.contains(state.status) else { return nil }
        var engine = engine
        for member in (state[.context]?.objectValue?.members ?? []) + context.members {
            engine.context[member.key] = member.value
        }
        var progress = engine.start()
        progress.take(state)
        return try await perform(
            engine,
            from: progress,
            lastResult: state.lastResult,
            first: Self.resumption(state, loop: engine.name, at: clock())
        )
    }

    private static func resumption(_ state: LoopState, loop: JSONString, at now: Timestamp) -> LoopEvent {
        var event: JSONObject = [
            "event": "loop_resume", "ts": .string(now.iso), "loop": .string(loop),
            "from_state": .string(state.currentState), "iteration": state.iteration,
        ]
        if state.status == .awaitingContinuation, let prompt = state.continuationPrompt, !prompt.isEmpty {
            event["from_handoff"] = true
            event["continuation_prompt"] = .string(prompt)
        }
        return LoopEvent(event)
    }

    private func perform(_ engine: Engine, from progress: RunProgress, lastResult: JSONValue, first: LoopEvent?)
        async throws -> RunOutcome
    {
        let recorder = RunRecorder(
            engine,
            writer: try persistence.writer(isDurable: isDurable),
            from: progress,
            lastResult: lastResult,
            clock: clock,
            observer: observer
        )
        // A task of its own, so that a request for shutdown from anywhere can cancel it.
        let task = Task(executorPreference: thread) {
            if let first { try recorder.take(first, progress) }
            let outcome = try await engine.run(from: progress) { try recorder.take($0, $1) }
            try recorder.finish(outcome)
            return outcome
        }
        let isRequested = shutdown.withLock { shutdown in
            shutdown.task = task
            shutdown.recorder = recorder
            return shutdown.isRequested
        }
        if isRequested { task.cancel() }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Asks the run to end after its current state, whose action is ended at once; it is saved as interrupted.
    public func requestShutdown() {
        let task = shutdown.withLock { shutdown in
            shutdown.isRequested = true
            return shutdown.task
        }
        task?.cancel()
    }

    /// Saves the run as interrupted where it stands, for a program that exits without waiting for its end; nothing is
    /// written after that.
    public func abandon() throws {
        try shutdown.withLock { $0.recorder }?.abandon()
    }
}

extension RunProgress {
    /// Takes over where a saved run stands.
    fileprivate mutating func take(_ state: LoopState) {
        currentState = state.currentState.string
        iteration = state.iteration.integerValue ?? 0
        captured = state.captured.objectValue ?? [:]
        previousResult = state.previousResult.objectValue
        retryCounts = state.retryCounts.objectValue ?? [:]
        startedAt = state.startedAt
        earlierMilliseconds = state.accumulatedMilliseconds.integerValue ?? 0
    }
}
