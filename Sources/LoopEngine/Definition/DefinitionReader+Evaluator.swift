import LoopModel
import YAMLReading
import Yams

extension DefinitionReader {
    private static let evaluatorKeys = [
        "type", "operator", "target", "tolerance", "pattern", "negate", "path", "prompt", "schema", "min_confidence",
        "uncertain_suffix", "source", "previous", "direction", "scope", "max_stall",
    ]

    /// Reads an evaluator.
    mutating func evaluator(_ fields: YAMLMapping, _ node: Node, _ key: String) -> EvaluatorDefinition? {
        warnOfUnknown(fields, known: Self.evaluatorKeys, key)
        guard let type = text(fields["type"], "\(key).type") else {
            let types = EvaluatorType.allCases.map(\.rawValue).joined(separator: ", ")
            report("an evaluator needs a type: \(types)", at: fields.key("type") ?? node, "\(key).type")
            return nil
        }
        var evaluator = EvaluatorDefinition(type: type)
        evaluator.comparison = text(fields["operator"], "\(key).operator")
        evaluator.target = fields["target"].map { value($0, "\(key).target") }.flatMap { $0 == .null ? nil : $0 }
        let tolerance = fields["tolerance"].map { value($0, "\(key).tolerance") }
        evaluator.tolerance = tolerance.flatMap { $0 == .null ? nil : $0 }
        evaluator.pattern = text(fields["pattern"], "\(key).pattern")
        evaluator.negate = flag(fields["negate"], "\(key).negate", default: false)
        evaluator.path = text(fields["path"], "\(key).path")
        evaluator.prompt = text(fields["prompt"], "\(key).prompt")
        evaluator.schema = object(fields["schema"], "\(key).schema")
        evaluator.uncertainSuffix = flag(fields["uncertain_suffix"], "\(key).uncertain_suffix", default: false)
        evaluator.source = text(fields["source"], "\(key).source")
        evaluator.previous = text(fields["previous"], "\(key).previous")
        if type == EvaluatorType.convergence.rawValue {
            evaluator.direction = text(fields["direction"], "\(key).direction") ?? ""
            if fields["direction"] == nil { evaluator.direction = "minimize" }
        }
        if type == EvaluatorType.llmStructured.rawValue, let node = fields["min_confidence"] {
            evaluator.minConfidence = number(node, "\(key).min_confidence") ?? .nan
        }
        if type == EvaluatorType.diffStall.rawValue {
            evaluator.scope = list(fields["scope"], "\(key).scope", of: "paths")
            if let node = fields["max_stall"] {
                // `count >= number` is what uses it.
                evaluator.maxStall = number(node, "\(key).max_stall").map { wholeNumber($0.rounded(.up)) } ?? 0
            }
        }
        return evaluator
    }
}

/// The evaluators that there are.
enum EvaluatorType: String, CaseIterable {
    case exitCode = "exit_code"
    case outputNumeric = "output_numeric"
    case outputJSON = "output_json"
    case outputContains = "output_contains"
    case convergence
    case diffStall = "diff_stall"
    case llmStructured = "llm_structured"
    case mcpResult = "mcp_result"

    /// The keys without which there is nothing to evaluate by.
    var required: [String] {
        switch self {
        case .outputNumeric: ["operator", "target"]
        case .outputJSON: ["path", "operator", "target"]
        case .outputContains: ["pattern"]
        case .convergence: ["target"]
        case .exitCode, .diffStall, .llmStructured, .mcpResult: []
        }
    }
}
