import LoopModel

extension Machine {
    /// Where a state leads.
    enum Transition {
        case next(String)
        /// No target for its verdict.
        case nowhere
        /// The run is to end before the state has come to a result.
        case interrupted
    }

    /// Does what a state is for, and says where it leads.
    func execute(_ state: StateDefinition) async throws -> Transition {
        var context = interpolationContext()
        if let child = state.loop { return try await runSubLoop(child, in: state) }
        if let next = state.next {
            guard let action = state.action else { return .next(next) }
            let result = try await run(action, of: state, context)
            progress.previousResult = Self.previousResult(result.output, result.exitCode, state)
            guard result.exitCode < 0 else { return .next(next) }
            // A command that was killed has not done its work.
            if let target = state.onError { return .next(target) }
            stop()
            return .nowhere
        }
        var result: CommandResult?
        if let action = state.action { result = try await run(action, of: state, context) }
        // What the action gave can be referred to at once, but not as the previous result.
        context.captured = progress.captured
        let verdict = try await evaluate(state, result, context)
        progress.previousResult = Self.previousResult(result?.output ?? "", result?.exitCode ?? 0, state)
        return target(of: state, for: verdict).map { .next($0 == "$current" ? state.name : $0) } ?? .nowhere
    }

    private func interpolationContext() -> InterpolationContext {
        InterpolationContext(
            context: loop.context,
            captured: progress.captured,
            previous: progress.previousResult,
            stateName: progress.currentState,
            iteration: progress.iteration,
            loopName: loop.name,
            startedAt: progress.startedAt.string,
            elapsed: elapsed
        )
    }

    private static func previousResult(_ output: String, _ exitCode: Int, _ state: StateDefinition) -> JSONObject {
        [
            "output": .string(JSONString(output)), "exit_code": .number(JSONNumber(exitCode)),
            "state": .string(JSONString(state.name)),
        ]
    }

    /// The state that a verdict leads to.
    private func target(of state: StateDefinition, for verdict: String) -> String? {
        if let route = state.route {
            // In this order, as in the specification: the catch-all takes errors too.
            return route[verdict] ?? route.otherwise ?? (verdict == "error" ? route.error : nil)
        }
        return switch verdict {
        case "yes": state.onYes
        case "no": state.onNo
        case "error": state.onError
        case "partial": state.onPartial
        case "blocked": state.onBlocked
        default: nil
        }
    }

    /// Runs another loop inside of this state, without events and without a state of its own.
    private func runSubLoop(_ name: String, in state: StateDefinition) async throws -> Transition {
        guard depth < Self.deepest else { throw MachineError.tooDeep(loop: name, most: Self.deepest) }
        var child = engine
        do {
            child.loop = try engine.subLoops(name)
        } catch let error as LoopDefinitionError where error.kind != .malformed {
            guard let target = state.onError else { throw error }
            return .next(target)
        }
        if state.contextPassthrough {
            var context = loop.context
            for member in progress.captured.members + child.loop.context.members { context[member.key] = member.value }
            child.loop.context = context
        }
        let machine = Machine(child, from: child.start(), inside: self) { _, _ in }
        let outcome = try await machine.run()
        if state.contextPassthrough, !outcome.progress.captured.isEmpty {
            progress.captured[JSONString(state.name)] = .object(outcome.progress.captured)
        }
        // Ended from outside, it has come to no result; its state is the one to begin with again.
        if Task.isCancelled, outcome.reason == .signal { return .interrupted }
        let target = outcome.reason == .terminal ? state.onYes : state.onNo
        return target.map(Transition.next) ?? .nowhere
    }

    /// How many loops may run inside each other.
    private static let deepest = 50
}
