import LoopModel
import LoopStore
import Synchronization

/// Keeps the files of one run: each event, and the state at every transition.
final class RunRecorder: Sendable {
    private struct Record {
        var writer: RunWriter
        var progress: RunProgress
        var lastResult: JSONValue
        /// Whether the run's files are final, so that nothing that still happens changes them.
        var isClosed = false
    }

    private let name: JSONString
    private let context: JSONObject
    private let isTerminal: @Sendable (String) -> Bool
    private let clock: @Sendable () -> Timestamp
    private let observer: @Sendable (LoopEvent) -> Void
    private let record: Mutex<Record>

    init(
        _ engine: some LoopRunning,
        writer: RunWriter,
        from progress: RunProgress,
        lastResult: JSONValue,
        clock: @escaping @Sendable () -> Timestamp,
        observer: @escaping @Sendable (LoopEvent) -> Void
    ) {
        name = engine.name
        context = engine.context
        isTerminal = engine.isTerminal
        self.clock = clock
        self.observer = observer
        record = Mutex(Record(writer: writer, progress: progress, lastResult: lastResult))
    }

    /// Persists an event, saves the state where the event stands for a transition, tracks what the next save needs, and
    /// tells the observer, in this order.
    func take(_ event: LoopEvent, _ progress: RunProgress) throws {
        try record.withLock { record in
            guard !record.isClosed else { throw CancellationError() }
            try record.writer.append(event)
            record.progress = progress
            switch event.name {
            case "state_enter", "loop_complete":
                var state = state(
                    progress,
                    status: isTerminal(progress.currentState) ? .completed : .running,
                    lastResult: record.lastResult,
                    milliseconds: progress.elapsedMilliseconds(at: clock())
                )
                state.retryCounts = .object(progress.retryCounts)
                try record.writer.save(&state)
            case "evaluate":
                record.lastResult = Self.result(of: event)
            default: break
            }
        }
        observer(event)
    }

    /// Saves how the run ended.
    func finish(_ outcome: RunOutcome) throws {
        try record.withLock { record in
            guard !record.isClosed else { return }
            var state = state(
                outcome.progress,
                status: outcome.reason.status,
                lastResult: record.lastResult,
                milliseconds: outcome.duration
            )
            state.continuationPrompt = outcome.continuation
            try record.writer.save(&state)
        }
    }

    /// Saves the run as interrupted where it stands, and lets nothing more be written; for a program about to exit.
    func abandon() throws {
        try record.withLock { record in
            guard !record.isClosed else { return }
            record.isClosed = true
            var state = state(
                record.progress,
                status: .interrupted,
                lastResult: record.lastResult,
                milliseconds: record.progress.elapsedMilliseconds(at: clock())
            )
            try record.writer.save(&state)
        }
    }

    private func state(_ progress: RunProgress, status: RunStatus, lastResult: JSONValue, milliseconds: Int)
        -> LoopState
    {
        var state = LoopState(
            loopName: name,
            currentState: JSONString(progress.currentState),
            iteration: .number(JSONNumber(progress.iteration)),
            startedAt: progress.startedAt,
            status: status
        )
        state.captured = .object(progress.captured)
        state.previousResult = progress.previousResult.map(JSONValue.object) ?? .null
        state.lastResult = lastResult
        state.accumulatedMilliseconds = .number(JSONNumber(milliseconds))
        // A resumed run needs the values of the command line again; left out of the file when there are none.
        state[.context] = .object(context)
        return state
    }

    /// The verdict, and all that the evaluator had to say.
    private static func result(of event: LoopEvent) -> JSONValue {
        var details = JSONObject()
        for member in event.json.members where !["event", "ts", "type", "verdict"].contains(member.key) {
            details[member.key] = member.value
        }
        return ["verdict": event.json["verdict"] ?? .null, "details": .object(details)]
    }
}
