import LoopModel

extension Evaluation {
    /// `exit_code`, which is also what a shell command gets by default.
    static func exitCode(_ exitCode: Int) -> Evaluation {
        let verdict =
            switch exitCode {
            case 0: "yes"
            case 1: "no"
            default: "error"
            }
        return Evaluation(verdict, ["exit_code": .number(JSONNumber(exitCode))])
    }

    /// `output_numeric`.
    static func outputNumeric(_ definition: EvaluatorDefinition, _ output: String, in context: InterpolationContext)
        throws(EvaluationError) -> Evaluation
    {
        let target: Double
        switch try number(definition.target, "target", in: context) {
        case .success(let number): target = number
        case .failure(let reason): throw EvaluationError("the target of output_numeric is no number: \(reason)")
        }
        guard let value = PythonFloat.parse(output.pythonStripped) else {
            return .error("Cannot parse as number: \(OutputText.first(100, of: output))")
        }
        let comparison = definition.comparison ?? ""
        guard let holds = Comparison(rawValue: comparison.isEmpty ? "eq" : comparison)?.holds(value, target) else {
            return .error("Unknown operator: \(comparison)")
        }
        return Evaluation(
            holds ? "yes" : "no",
            [
                "value": .number(JSONNumber(value)), "target": .number(JSONNumber(target)),
                "operator": .string(JSONString(comparison.isEmpty ? "eq" : comparison)),
            ]
        )
    }

    /// `output_contains`.
    static func outputContains(_ definition: EvaluatorDefinition, _ pattern: OutputPattern, _ output: String)
        -> Evaluation
    {
        let matched: Bool
        switch pattern.isFound(in: output) {
        case .success(let found): matched = found
        case .failure(let reason): return .error(reason.description)
        }
        return Evaluation(
            matched == definition.negate ? "no" : "yes",
            [
                "matched": .bool(matched), "pattern": .string(JSONString(definition.pattern ?? "")),
                "negate": .bool(definition.negate),
            ]
        )
    }

    /// `convergence`.
    static func convergence(_ definition: EvaluatorDefinition, _ output: String, in context: InterpolationContext)
        throws(EvaluationError) -> Evaluation
    {
        var previous: Double?
        if let template = definition.previous, !template.isEmpty {
            previous = (try? Template.interpolate(template, in: context)).flatMap(PythonFloat.parse)
        }
        guard let current = PythonFloat.parse(output.pythonStripped) else {
            return .error("Cannot parse output as number: \(OutputText.first(100, of: output))")
        }
        let target: Double
        switch try number(definition.target, "target", in: context) {
        case .success(let number): target = number
        case .failure(let reason): return .error("Cannot resolve target: \(reason)")
        }
        var tolerance = 0.0
        if let given = definition.tolerance, case .success(let number) = try number(given, "tolerance", in: context) {
            tolerance = number
        }
        var details: JSONObject = ["current": .number(JSONNumber(current))]
        if abs(current - target) <= tolerance {
            details["target"] = .number(JSONNumber(target))
            details["delta"] = 0
            return Evaluation("target", details)
        }
        details["previous"] = previous.map { .number(JSONNumber($0)) } ?? .null
        details["target"] = .number(JSONNumber(target))
        guard let previous else {
            details["delta"] = .null
            return Evaluation("progress", details)
        }
        let delta = current - previous
        details["delta"] = .number(JSONNumber(delta))
        details["direction"] = .string(JSONString(definition.direction))
        let isProgress = definition.direction == "minimize" ? delta < 0 : delta > 0
        return Evaluation(isProgress ? "progress" : "stall", details)
    }

    /// A field that is a number or a template of one.
    ///
    /// - Returns: the number, or why a template gives none, in Python's words.
    /// - Throws: where the field can never be a number.
    private static func number(_ field: JSONValue?, _ name: String, in context: InterpolationContext)
        throws(EvaluationError) -> Result<Double, InterpolationError>
    {
        switch field {
        case .number(let number): return .success(number.double)
        case .bool(let bool): return .success(bool ? 1 : 0)
        case .string(let template):
            do throws(InterpolationError) {
                let text = try Template.interpolate(template.string, in: context)
                if let number = PythonFloat.parse(text) { return .success(number) }
                let shown = PythonRepresentation.representation(of: .string(JSONString(text)))
                return .failure(InterpolationError("could not convert string to float: \(shown)"))
            } catch {
                return .failure(error)
            }
        case nil: throw EvaluationError("the evaluator has no \(name)")
        case .null, .array, .object: throw EvaluationError("the \(name) of the evaluator is no number")
        }
    }
}

/// How two values are compared: the key `operator`.
enum Comparison: String {
    case equal = "eq"
    case notEqual = "ne"
    case less = "lt"
    case lessOrEqual = "le"
    case greater = "gt"
    case greaterOrEqual = "ge"

    /// Whether it holds; with NaN nothing does but `ne`.
    func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }
}
