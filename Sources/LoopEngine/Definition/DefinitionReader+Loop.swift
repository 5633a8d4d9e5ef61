import LoopModel
import YAMLReading
import Yams

extension DefinitionReader {
    private static let loopKeys = [
        "name", "initial", "states", "description", "context", "scope", "max_iterations", "backoff", "timeout",
        "default_timeout", "maintain", "llm", "on_handoff", "input_key",
    ]

    /// Reads a loop and checks it.
    ///
    /// - Parameter loopExists: whether there is a file for the name of a sub-loop.
    /// - Returns: nil where there are errors.
    mutating func loop(_ root: Node?, loopExists: (String) -> Bool) -> LoopDefinition? {
        guard let root, root.mapping != nil, let fields = mapping(root, "", expected: "") else {
            report("a loop's file holds keys with values, not \(root.map(kind) ?? "nothing")", at: root, "")
            return nil
        }
        warnOfUnknown(fields, known: Self.loopKeys, "")
        for required in ["name", "initial", "states"] where fields[required] == nil {
            report("the key \(required) is missing", at: nil, required)
        }
        let states = fields["states"].map { self.states($0) } ?? []
        var loop = LoopDefinition(
            name: requiredName(fields, "name"),
            initial: requiredName(fields, "initial"),
            states: states.map(\.definition)
        )
        if loop.name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 }) {
            report(
                "the name becomes a part of file names, so that it cannot have a / in it",
                at: fields["name"],
                "name"
            )
        }
        loop.description = fields["description"]?.scalar?.string
        loop.context = object(fields["context"], "context") ?? [:]
        loop.scope = list(fields["scope"], "scope", of: "paths") ?? []
        loop.maintain = flag(fields["maintain"], "maintain", default: false)
        if let key = name(fields["input_key"], "input_key") { loop.inputKey = key }
        limits(fields, &loop)
        llm(fields, &loop.llm)
        handoff(fields, &loop.onHandoff)
        validate(loop, states, fields, loopExists: loopExists)
        return hasErrors ? nil : loop
    }

    private mutating func requiredName(_ fields: YAMLMapping, _ key: String) -> String {
        guard let node = fields[key] else { return "" }
        let before = problems.count
        if let name = name(node, key), !name.isEmpty { return name }
        if problems.count == before { report("there is no value", at: fields.key(key), key) }
        return ""
    }

    private mutating func states(_ node: Node) -> [ReadState] {
        guard let fields = mapping(node, "states", expected: "expected states with their names") else { return [] }
        return fields.fields.compactMap { state($0.name, $0.key, $0.value) }
    }

    private mutating func limits(_ fields: YAMLMapping, _ loop: inout LoopDefinition) {
        if let node = fields["max_iterations"] {
            let before = problems.count
            let number = number(node, "max_iterations")
            if number == nil, problems.count == before { report("there is no value", at: node, "max_iterations") }
            if let number, number <= 0 { report("must be more than 0", at: node, "max_iterations") }
            loop.maxIterations = number.map { wholeNumber($0.rounded(.up)) } ?? 0
        }
        loop.backoff = number(fields["backoff"], "backoff")
        if let backoff = loop.backoff, !(backoff >= 0) {
            report("must not be negative", at: fields["backoff"], "backoff")
        }
        loop.timeout = number(fields["timeout"], "timeout")
        if let timeout = loop.timeout, timeout <= 0 { report("must be more than 0", at: fields["timeout"], "timeout") }
        loop.defaultTimeout = seconds(fields["default_timeout"], "default_timeout")
    }

    private mutating func llm(_ fields: YAMLMapping, _ llm: inout LLMSettings) {
        guard let node = fields["llm"],
            let fields = mapping(node, "llm", expected: "expected enabled, model, max_tokens or timeout")
        else { return }
        warnOfUnknown(fields, known: ["enabled", "model", "max_tokens", "timeout"], "llm")
        llm.enabled = flag(fields["enabled"], "llm.enabled", default: true)
        if let model = text(fields["model"], "llm.model"), !model.isEmpty { llm.model = model }
        if let node = fields["max_tokens"] {
            let tokens = number(node, "llm.max_tokens") ?? 0
            if tokens <= 0 { report("must be a number more than 0", at: node, "llm.max_tokens") }
            llm.maxTokens = wholeNumber(tokens)
        }
        if let node = fields["timeout"] {
            llm.timeout = number(node, "llm.timeout") ?? 0
            if llm.timeout <= 0 { report("must be a number more than 0", at: node, "llm.timeout") }
        }
    }

    private mutating func handoff(_ fields: YAMLMapping, _ behaviour: inout HandoffBehaviour) {
        guard let node = fields["on_handoff"] else { return }
        let text = name(node, "on_handoff") ?? ""
        guard let known = HandoffBehaviour(rawValue: text) else {
            let words = HandoffBehaviour.allCases.map(\.rawValue).joined(separator: ", ")
            report("expected one of \(words), not \(kind(node))", at: node, "on_handoff")
            return
        }
        behaviour = known
    }
}
