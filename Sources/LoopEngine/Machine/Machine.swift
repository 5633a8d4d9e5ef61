import LoopModel

/// One run of a loop: the finite-state machine on its way from state to state.
///
/// The order of the tests in `step` is the specification's, on which the events depend.
final class Machine {
    let engine: Engine
    let sink: EventSink
    /// What evaluators remember, which loops inside share.
    let evaluator: Evaluator
    /// How many loops this one runs inside of.
    let depth: Int
    var progress: RunProgress

    private var previousState: String?
    private var isStopping = false
    /// What the output of the state's action asked for.
    private var handoff: JSONString?
    private var fatalError: String?
    private let states: [String: StateDefinition]

    /// A run that is to begin, of an engine's own loop or of one inside of another's.
    init(_ engine: Engine, from progress: RunProgress, inside outer: Machine? = nil, sink: @escaping EventSink) {
        self.engine = engine
        self.progress = progress
        evaluator = outer?.evaluator ?? Evaluator(commands: engine.commands, model: engine.claude)
        depth = outer.map { $0.depth + 1 } ?? 0
        self.sink = sink
        states = Dictionary(engine.loop.states.map { ($0.name, $0) }) { first, _ in first }
    }

    var loop: LoopDefinition { engine.loop }
    var elapsed: Int { progress.elapsedMilliseconds(at: engine.clock()) }

    /// Whether somebody asked for the end: from outside by cancelling the task, or an action by a line of its output.
    var isShuttingDown: Bool { isStopping || Task.isCancelled }

    func stop() {
        isStopping = true
    }

    func take(_ signal: OutputSignal) {
        switch signal {
        case .handoff(let continuation): handoff = continuation
        case .error(let reason): fatalError = reason
        case .stop: stop()
        }
    }

    /// Runs to the end; what goes wrong on the way ends the run as an error, which is no error of this call.
    func run() async throws -> RunOutcome {
        try emit("loop_start", [("loop", .string(JSONString(loop.name)))])
        do {
            while true {
                if let outcome = try await step() { return outcome }
            }
        } catch {
            return try finish(.error, "state \(progress.currentState): \(error)")
        }
    }

    /// Goes through one state; gives the outcome at the end of the run.
    private func step() async throws -> RunOutcome? {
        if isShuttingDown { return try finish(.signal) }
        if progress.iteration >= loop.maxIterations { return try finish(.maxIterations) }
        if let timeout = loop.timeout, Double(elapsed) > timeout * 1000 { return try finish(.timeout) }
        let name = progress.currentState
        guard let state = states[name] else { throw MachineError.unknownState(name) }
        countRetries()
        if state.isTerminal {
            guard loop.maintain else { return try finish(.terminal) }
            progress.iteration += 1
            try go(to: state.onMaintain ?? loop.initial, reason: "maintain")
            return nil
        }
        if let target = try exhaustedTarget(of: state) {
            previousState = name
            progress.currentState = target
            return nil
        }

        progress.iteration += 1
        try emit(
            "state_enter",
            [("state", .string(JSONString(name))), ("iteration", .number(.init(progress.iteration)))]
        )
        var target: String?
        switch try await execute(state) {
        case .next(let next): target = next
        case .nowhere: break
        case .interrupted: return try finish(.signal)
        }
        if let fatalError { return try finish(.error, fatalError) }
        if let handoff { return try handOver(handoff) }
        if target == nil, loop.maintain { target = state.onMaintain ?? loop.initial }
        guard let target else {
            return try isShuttingDown ? finish(.signal) : finish(.error, "state \(name): no transition for its verdict")
        }
        try go(to: target)
        await backOff()
        return nil
    }

    /// Counts consecutive entries into one state; leaving it forgets them.
    private func countRetries() {
        guard let previousState else { return }
        let name = JSONString(progress.currentState)
        if progress.currentState == previousState {
            let count = progress.retryCounts[name]?.integerValue ?? 0
            progress.retryCounts[name] = .number(JSONNumber(count + 1))
        } else {
            progress.retryCounts[JSONString(previousState)] = nil
        }
    }

    /// Where to go instead of a state that was entered too often in a row.
    private func exhaustedTarget(of state: StateDefinition) throws -> String? {
        let name = JSONString(state.name)
        guard let most = state.maxRetries, let target = state.onRetryExhausted,
            let count = progress.retryCounts[name]?.integerValue, count > most
        else { return nil }
        try emit(
            "retry_exhausted",
            [
                ("state", .string(name)), ("retries", .number(JSONNumber(count))),
                ("next", .string(JSONString(target))),
            ]
        )
        progress.retryCounts[name] = nil
        return target
    }

    private func go(to target: String, reason: JSONString? = nil) throws {
        var fields: [(JSONString, JSONValue)] = [
            ("from", .string(JSONString(progress.currentState))), ("to", .string(JSONString(target))),
        ]
        if let reason { fields.append(("reason", .string(reason))) }
        try emit("route", fields)
        previousState = progress.currentState
        progress.currentState = target
    }

    private func backOff() async {
        guard let seconds = loop.backoff, seconds > 0, !isShuttingDown else { return }
        // A cancelled task sleeps no longer.
        try? await Task.sleep(for: .seconds(seconds))
    }

    func emit(_ event: JSONString, _ fields: [(JSONString, JSONValue)]) throws {
        try sink(Self.event(event, fields, at: engine.clock()), progress)
    }

    static func event(_ name: JSONString, _ fields: [(JSONString, JSONValue)], at now: Timestamp) -> LoopEvent {
        var object: JSONObject = ["event": .string(name), "ts": .string(now.iso)]
        for (key, value) in fields { object[key] = value }
        return LoopEvent(object)
    }

    private func finish(_ reason: TerminationReason, _ error: String? = nil) throws -> RunOutcome {
        try emit(
            "loop_complete",
            [
                ("final_state", .string(JSONString(progress.currentState))),
                ("iterations", .number(JSONNumber(progress.iteration))),
                ("terminated_by", .string(JSONString(reason.rawValue))),
            ]
        )
        return RunOutcome(progress: progress, reason: reason, duration: elapsed, error: error)
    }

    /// Ends the run so that a new session can go on with the state that it stands in.
    private func handOver(_ continuation: JSONString) throws -> RunOutcome {
        let state = JSONValue.string(JSONString(progress.currentState))
        try emit(
            "handoff_detected",
            [
                ("state", state), ("iteration", .number(JSONNumber(progress.iteration))),
                ("continuation", .string(continuation)),
            ]
        )
        if loop.onHandoff == .spawn {
            let pid = try engine.startContinuation(continuation)
            try emit("handoff_spawned", [("pid", .number(JSONNumber(pid))), ("state", state)])
        }
        return RunOutcome(progress: progress, reason: .handoff, duration: elapsed, continuation: continuation)
    }
}

/// What the machine cannot go on with.
enum MachineError: Error, CustomStringConvertible {
    case unknownState(String)
    case tooDeep(loop: String, most: Int)

    var description: String {
        switch self {
        case .unknownState(let name):
            "there is no state \(name) in the loop's definition: it was changed since the run began"
        case .tooDeep(let loop, let most):
            "the sub-loop \(loop) would be the \(most + 1)th loop inside another: does it run itself?"
        }
    }
}
