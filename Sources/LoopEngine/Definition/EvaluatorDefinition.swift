public import LoopModel

/// How the result of an action becomes a verdict.
public struct EvaluatorDefinition: Sendable {
    /// As written; a type that does not exist ends the run where it is used.
    public var type: String
    /// `eq`, `ne`, `lt`, `le`, `gt` or `ge`: the key `operator`.
    public var comparison: String?
    /// A number, or a template of one; any value for `output_json`.
    public var target: JSONValue?
    /// A number, or a template of one.
    public var tolerance: JSONValue?
    /// A regular expression in Python's syntax, or what is no expression and is searched as it is.
    public var pattern: String?
    /// Whether a pattern that is found means no.
    public var negate = false
    /// Keys and array places with dots between them.
    public var path: String?
    /// The question to a model, a template.
    public var prompt: String?
    /// The JSON schema of a model's answer.
    public var schema: JSONObject?
    /// From which confidence on a model's answer counts as confident.
    public var minConfidence = 0.5
    /// Whether an answer that is not confident gets `_uncertain` at its end.
    public var uncertainSuffix = false
    /// A template that replaces the output of the action as what is evaluated.
    public var source: String?
    /// A template of the value before.
    public var previous: String?
    /// `minimize`, or else the values are to grow.
    public var direction = "minimize"
    /// Paths whose changes count; nil or empty for all.
    public var scope: [String]?
    /// So many times in a row nothing may change.
    public var maxStall = 1

    /// An evaluator of a type, with the defaults for all that is not said.
    public init(type: String) {
        self.type = type
    }
}
