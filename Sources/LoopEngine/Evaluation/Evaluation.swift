public import LoopModel

/// What an evaluator made of the result of an action.
public struct Evaluation: Sendable, Hashable {
    /// The word that the route is looked up by.
    public var verdict: String
    /// What the event shows beside it, in this order.
    public var details: JSONObject

    /// Pairs a verdict with its details.
    public init(_ verdict: String, _ details: JSONObject) {
        self.verdict = verdict
        self.details = details
    }

    /// The verdict `error`, with its reason as the first detail.
    static func error(_ reason: String, _ details: JSONObject = [:]) -> Evaluation {
        var all: JSONObject = ["error": .string(JSONString(reason))]
        for member in details.members { all[member.key] = member.value }
        return Evaluation("error", all)
    }
}

/// Why there is no verdict at all; it ends the run.
public struct EvaluationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reason.
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}
