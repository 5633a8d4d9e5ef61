import LoopModel
import YAMLReading
import Yams

/// A state with the nodes that it was read from.
struct ReadState {
    var definition: StateDefinition
    var fields: YAMLMapping
    /// Of the evaluator.
    var evaluatorFields: YAMLMapping?
    /// Where each target is named first, by the target.
    var targets: [String: Place] = [:]
    var key: String
    var node: Node

    /// A place in the file.
    struct Place {
        var node: Node
        var key: String
    }
}

extension DefinitionReader {
    private static let stateKeys = [
        "action", "action_type", "params", "evaluate", "route", "on_yes", "on_success", "on_no", "on_failure",
        "on_error", "on_partial", "on_blocked", "next", "terminal", "capture", "timeout", "on_maintain", "max_retries",
        "on_retry_exhausted", "loop", "context_passthrough", "description",
    ]

    /// Reads one state.
    mutating func state(_ name: String, _ nameNode: Node, _ node: Node) -> ReadState? {
        let key = "states.\(name)"
        guard let fields = mapping(node, key, expected: "a state takes keys with values") else { return nil }
        warnOfUnknown(fields, known: Self.stateKeys, key)
        var read = ReadState(definition: StateDefinition(name: name), fields: fields, key: key, node: nameNode)
        var state = StateDefinition(name: name)

        state.action = text(fields["action"], "\(key).action").flatMap { $0.isEmpty ? nil : $0 }
        state.actionType = actionType(fields["action_type"], "\(key).action_type")
        state.params = object(fields["params"], "\(key).params") ?? [:]
        if let node = fields["evaluate"] {
            read.evaluatorFields = mapping(node, "\(key).evaluate", expected: "an evaluator takes keys with values")
            if let fields = read.evaluatorFields { state.evaluate = evaluator(fields, node, "\(key).evaluate") }
        }
        if let node = fields["route"] { state.route = route(node, "\(key).route", &read.targets) }

        func target(_ reader: inout DefinitionReader, _ field: String) -> String? {
            guard let node = fields[field], let target = reader.name(node, "\(key).\(field)") else { return nil }
            let place = ReadState.Place(node: node, key: "\(key).\(field)")
            if read.targets[target] == nil { read.targets[target] = place }
            return target
        }
        let yes = target(&self, "on_yes")
        state.onYes = yes?.isEmpty == false ? yes : target(&self, "on_success")
        let no = target(&self, "on_no")
        state.onNo = no?.isEmpty == false ? no : target(&self, "on_failure")
        state.onError = target(&self, "on_error")
        state.onPartial = target(&self, "on_partial")
        state.onBlocked = target(&self, "on_blocked")
        state.next = target(&self, "next")
        state.onMaintain = target(&self, "on_maintain")
        state.onRetryExhausted = target(&self, "on_retry_exhausted")

        state.isTerminal = flag(fields["terminal"], "\(key).terminal", default: false)
        state.capture = self.name(fields["capture"], "\(key).capture").flatMap { $0.isEmpty ? nil : $0 }
        state.timeout = seconds(fields["timeout"], "\(key).timeout")
        state.maxRetries = number(fields["max_retries"], "\(key).max_retries").map(wholeNumber)
        state.loop = self.name(fields["loop"], "\(key).loop")
        let passthrough = "context_passthrough"
        state.contextPassthrough = flag(fields[passthrough], "\(key).\(passthrough)", default: false)
        read.definition = state
        return read
    }

    /// A time-out that is used when an action runs; 0 is none.
    mutating func seconds(_ node: Node?, _ key: String) -> Double? {
        guard let seconds = number(node, key), seconds != 0 else { return nil }
        guard seconds.isNaN || seconds < 0 else { return seconds }
        report("a time-out cannot be negative", at: node, key)
        return nil
    }

    private mutating func actionType(_ node: Node?, _ key: String) -> StateDefinition.ActionType? {
        guard let text = text(node, key) else { return nil }
        if let type = StateDefinition.ActionType(rawValue: text) { return type }
        let known = StateDefinition.ActionType.allCases.map(\.rawValue)
        let hint = nearest(to: text, among: known).map { "; did you mean \($0)?" } ?? ""
        let message = "unknown type \(quoted(text)), so the action decides how it is run\(hint)"
        report(message, at: node, key, .warning)
        return nil
    }

    private mutating func route(_ node: Node, _ key: String, _ targets: inout [String: ReadState.Place]) -> RouteTable?
    {
        guard let fields = mapping(node, key, expected: "a route takes verdicts with states") else { return nil }
        var table = RouteTable()
        for field in fields.fields {
            let verdict = verdict(field)
            let key = "\(key).\(verdict)"
            let target = name(field.value, key)
            if let target, targets[target] == nil { targets[target] = ReadState.Place(node: field.value, key: key) }
            switch verdict {
            case "_": table.otherwise = target
            case "_error": table.error = target
            case _ where verdict.hasPrefix("_"):
                report("verdicts do not begin with _, so that this is ignored", at: field.key, key, .warning)
            default:
                guard let target else {
                    report("there is no state given for the verdict \(quoted(verdict))", at: field.key, key)
                    continue
                }
                table.entries.append(RouteTable.Entry(verdict: verdict, state: target))
            }
        }
        return table
    }

    /// A verdict that YAML takes for a truth value is the word that people mean by it.
    private func verdict(_ field: YAMLMapping.Field) -> String {
        guard field.key.scalar?.style == .plain, case .bool(let bool) = YAMLScalar.resolve(field.name) else {
            return field.name
        }
        return bool ? "yes" : "no"
    }
}

/// A number of Python's, rounded down, as `count > number` does.
func wholeNumber(_ number: Double) -> Int {
    number.isNaN ? .max : Int(exactly: number.rounded(.down)) ?? (number < 0 ? .min : .max)
}
