import LoopModel
import YAMLReading
import Yams

/// What holds between the parts of a loop.
///
/// The errors are those for which the Python executor refuses a file, and those for which its run would end in `error`
/// when it comes to the state: an evaluator of no type that exists, a target that is no number. What it runs to a good
/// end is taken: a sub-loop may yet be written by the loop itself, a type of action that does not exist is guessed.
extension DefinitionReader {
    mutating func validate(
        _ loop: LoopDefinition,
        _ states: [ReadState],
        _ fields: YAMLMapping,
        loopExists: (String) -> Bool
    ) {
        if !loop.initial.isEmpty, loop[loop.initial] == nil {
            report(unknownState(loop.initial, in: loop), at: fields["initial"], "initial")
        }
        if fields["states"] != nil, !states.contains(where: \.definition.isTerminal) {
            report("no state ends the loop; one must have terminal: true", at: fields.key("states"), "states")
        }
        for state in states {
            checkReferences(state, in: loop)
            checkAction(state)
            if let evaluator = state.definition.evaluate { check(evaluator, state) }
            checkTransitions(state)
            if let child = state.definition.loop, !loopExists(child) {
                let message = "there is no loop \(quoted(child)) beside this one"
                report(message, at: state.fields["loop"], "\(state.key).loop", .warning)
            }
        }
        let reachable = reachable(in: loop)
        for state in states where !reachable.contains(state.definition.name) {
            report("cannot be reached from the initial state", at: state.node, state.key, .warning)
        }
    }

    private func unknownState(_ name: String, in loop: LoopDefinition) -> String {
        if name.utf8.contains(UInt8(ascii: "$")) {
            return "there is no state \(quoted(name)); names of states are not interpolated"
        }
        let near = nearest(to: name, among: loop.states.map(\.name)).map { "; did you mean \($0)?" } ?? ""
        return "there is no state \(quoted(name))\(near)"
    }

    private mutating func checkReferences(_ state: ReadState, in loop: LoopDefinition) {
        for name in state.definition.references where name != "$current" && loop[name] == nil {
            let place = state.targets[name]
            report(unknownState(name, in: loop), at: place?.node ?? state.node, place?.key ?? state.key)
        }
    }

    private mutating func checkAction(_ state: ReadState) {
        let definition = state.definition
        if !definition.params.isEmpty, definition.actionType != .mcpTool {
            report("params go with action_type: mcp_tool only", at: state.fields.key("params"), "\(state.key).params")
        }
        if definition.loop != nil, state.fields["action"].map({ kind($0) != "nothing" }) ?? false {
            report("a state with a loop cannot have an action too", at: state.fields.key("loop"), "\(state.key).loop")
        }
    }

    private mutating func checkTransitions(_ state: ReadState) {
        let definition = state.definition
        let shorthands = [definition.onYes, definition.onNo, definition.onError, definition.onPartial]
        let hasShorthand = shorthands.contains { $0 != nil }
        if hasShorthand, definition.route != nil {
            let message = "both route and on_… are given; the route counts"
            report(message, at: state.fields.key("route"), "\(state.key).route", .warning)
        }
        if !hasShorthand, definition.route == nil, definition.next == nil, !definition.isTerminal,
            definition.loop == nil
        {
            report("leads nowhere; add on_yes or on_no, route or next, or terminal: true", at: state.node, state.key)
        }
        if let retries = definition.maxRetries {
            let key = "\(state.key).max_retries"
            if retries < 1 { report("must be at least 1", at: state.fields["max_retries"], key) }
            if definition.onRetryExhausted == nil {
                report("needs on_retry_exhausted too", at: state.fields.key("max_retries"), key)
            }
        } else if definition.onRetryExhausted != nil, state.fields["max_retries"].map({ kind($0) == "nothing" }) ?? true
        {
            let key = "on_retry_exhausted"
            report("needs max_retries too", at: state.fields.key(key), "\(state.key).\(key)")
        }
    }

    private func reachable(in loop: LoopDefinition) -> Set<String> {
        var reachable: Set<String> = []
        var waiting = [loop.initial]
        while let name = waiting.popLast() {
            guard let state = loop[name], reachable.insert(name).inserted else { continue }
            waiting += state.references
        }
        return reachable
    }
}

// MARK: - Evaluators

extension DefinitionReader {
    private static let comparisons = ["eq", "ne", "lt", "le", "gt", "ge"]

    private mutating func check(_ evaluator: EvaluatorDefinition, _ state: ReadState) {
        guard let fields = state.evaluatorFields else { return }
        let key = "\(state.key).evaluate"
        // In the other states it is never looked at.
        let isUsed = !state.definition.isTerminal && state.definition.next == nil && state.definition.loop == nil
        if let comparison = evaluator.comparison, !Self.comparisons.contains(comparison) {
            let message = "\(quoted(comparison)) is none of \(Self.comparisons.joined(separator: ", "))"
            report(message, at: fields["operator"], "\(key).operator")
        }
        guard let type = EvaluatorType(rawValue: evaluator.type) else {
            let known = EvaluatorType.allCases.map(\.rawValue)
            let hint = nearest(to: evaluator.type, among: known).map { "; did you mean \($0)?" } ?? ""
            let message = "there is no evaluator \(quoted(evaluator.type))\(hint)"
            report(message, at: fields["type"], "\(key).type", isUsed ? .error : .warning)
            return
        }
        for required in type.required where fields[required].map({ kind($0) == "nothing" }) ?? true {
            report("\(type.rawValue) needs \(required)", at: fields.key("type"), "\(key).\(required)")
        }
        switch type {
        case .outputNumeric:
            if let target = evaluator.target, !mayBeNumber(target) {
                let message = "the target must be a number, or a template of one"
                report(message, at: fields["target"], "\(key).target", isUsed ? .error : .warning)
            }
        case .convergence:
            if !["minimize", "maximize"].contains(evaluator.direction) {
                report("expected minimize or maximize", at: fields["direction"], "\(key).direction")
            }
            if case .number(let tolerance)? = evaluator.tolerance, tolerance.double < 0 {
                report("must not be negative", at: fields["tolerance"], "\(key).tolerance")
            }
        case .diffStall:
            if evaluator.maxStall < 1 {
                report("must be a number of at least 1", at: fields["max_stall"], "\(key).max_stall")
            }
        case .llmStructured:
            let confidence = evaluator.minConfidence
            if !(0...1 ~= confidence), fields["min_confidence"].map({ kind($0) != "\".nan\"" }) ?? true {
                report("must be a number from 0 to 1", at: fields["min_confidence"], "\(key).min_confidence")
            }
        case .outputContains:
            checkPattern(evaluator, fields["pattern"], "\(key).pattern")
        case .exitCode, .outputJSON, .mcpResult:
            break
        }
    }

    private mutating func checkPattern(_ evaluator: EvaluatorDefinition, _ node: Node?, _ key: String) {
        switch evaluator.pattern.map(PatternTranslator.translate) {
        case .failure(.invalid(let reason)):
            report("no regular expression (\(reason)), so that the text itself is searched", at: node, key, .warning)
        case .failure(.unsupported(let reason)):
            report("\(reason) is not supported, so that the verdict is error", at: node, key, .warning)
        case .success, nil:
            break
        }
    }

    private func mayBeNumber(_ target: JSONValue) -> Bool {
        switch target {
        case .number, .bool: true
        case .string(let text): text.string.contains("$") || PythonFloat.parse(text.string) != nil
        case .null, .array, .object: false
        }
    }
}
