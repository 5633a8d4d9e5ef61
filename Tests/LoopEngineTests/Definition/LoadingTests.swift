import LoopModel
import TestSupport
import Testing

@testable import LoopEngine

/// Files of loops, made up at random, through the loader of both engines.
@Suite struct LoadingTests {
    /// What ours refuses and Python's engine loads: its run would end in an error, or could not begin.
    private static let refusedByOursAlone = [
        "there is no evaluator", "the target must be a number", "expected one of pause, spawn, terminate",
        "expected a number",
        "expected a text", "expected a name", "expected a list", "expected keys with values", "there is no value",
        "cannot be negative", "file names", "must be a number",
    ]

    @Test func `a file is loaded or refused as by Python, and holds the same`() throws {
        var generator = LoopGenerator(seed: 0x51)
        let texts = (0..<800).map { _ in generator.loop() }
        let answers = try Reference.call("load", texts.map { ["text": .text($0)] })
        var loaded = 0
        for (text, answer) in zip(texts, answers) {
            let ours = Result { () throws(LoopDefinitionError) in
                try LoopDefinition.parse(Array(text.utf8), file: "loop.yaml")
            }
            switch (ours, answer) {
            case (.success(let ours), .value(let theirs)):
                loaded += 1
                #expect(ours.loop.specified.line == theirs.stringValue?.string, "\(text)")
            case (.failure(let error), .value):
                let reasons = error.problems.filter { $0.severity == .error }.map(\.message)
                let areMeant = reasons.contains { reason in Self.refusedByOursAlone.contains { reason.contains($0) } }
                #expect(areMeant, "\(text)\n\(error)")
            case (.success, .raised("ValueError", let message)):
                Issue.record("\(text)\nPython: \(message)")
            case (.success, .raised), (.failure, .raised):
                // Where Python fails without knowing why, ours may find a meaning.
                break
            }
        }
        #expect(loaded > 120)
    }
}

extension LoopDefinition {
    /// As `load` of `Python/engine.py` gives it.
    fileprivate var specified: JSONValue {
        [
            "name": .text(name), "initial": .text(initial), "states": .array(states.map(\.specified)),
            "context": .object(context), "scope": .array(scope.map(JSONValue.text)),
            "max_iterations": whole(maxIterations), "backoff": number(backoff), "timeout": number(timeout),
            "default_timeout": number(defaultTimeout), "maintain": .bool(maintain),
            "llm": [.bool(llm.enabled), .text(llm.model), number(llm.timeout)],
            "on_handoff": .text(onHandoff.rawValue), "input_key": .text(inputKey),
        ]
    }
}

extension StateDefinition {
    fileprivate var specified: JSONValue {
        var routed = JSONValue.null
        if let route {
            let entries = route.entries.map { JSONValue.array([.text($0.verdict), .text($0.state)]) }
            routed = [.array(entries), text(route.otherwise), text(route.error)]
        }
        let targets = [onYes, onNo, onError, onPartial, onBlocked, next, onMaintain, onRetryExhausted]
        return [
            "name": .text(name), "action": text(action), "action_type": text(actionType?.rawValue),
            "params": .object(params), "evaluate": evaluate?.specified ?? .null, "route": routed,
            "targets": .array(targets.map(text)), "terminal": .bool(isTerminal), "capture": text(capture),
            "timeout": number(timeout), "max_retries": whole(maxRetries), "loop": text(loop),
            "context_passthrough": .bool(contextPassthrough),
        ]
    }
}

extension EvaluatorDefinition {
    fileprivate var specified: JSONValue {
        [
            "type": .text(type), "operator": text(comparison), "target": target ?? .null,
            "tolerance": tolerance ?? .null, "pattern": text(pattern), "negate": .bool(negate), "path": text(path),
            "prompt": text(prompt), "schema": schema.map(JSONValue.object) ?? .null,
            "min_confidence": type == "llm_structured" ? number(minConfidence) : .null,
            "uncertain_suffix": .bool(uncertainSuffix), "source": text(source), "previous": text(previous),
            "direction": type == "convergence" ? .text(direction) : .null,
            "scope": scope.map { .array($0.map(JSONValue.text)) } ?? .null,
            "max_stall": type == "diff_stall" ? whole(maxStall) : .null,
        ]
    }
}

private func text(_ text: String?) -> JSONValue {
    text.map(JSONValue.text) ?? .null
}

private func number(_ number: Double?) -> JSONValue {
    number.map { .text(PythonRepresentation.spelling(of: JSONNumber($0))) } ?? .null
}

private func whole(_ count: Int?) -> JSONValue {
    number(count.map(Double.init))
}
