public import LoopModel

/// How the result of an action becomes a verdict.
public struct EvaluatorDefinition: Sendable {
    /// As written; which types there are is checked when it is used, as in the specification.
    public var type: String
    public var comparison: String?
    /// A number, or a template of one; any value for `output_json`.
    public var target: JSONValue?
    public var tolerance: JSONValue?
    public var pattern: String?
    public var negate = false
    public var path: String?
    public var prompt: String?
    public var schema: JSONValue?
    public var minConfidence = 0.5
    public var uncertainSuffix = false
    /// A template that replaces the output of the action as what is evaluated.
    public var source: String?
    public var previous: String?
    public var direction = "minimize"
    public var scope: [String]?
    public var maxStall = 1

    public init(type: String) {
        self.type = type
    }
}
