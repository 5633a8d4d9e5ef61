public import LoopModel

/// A loop as its file describes it: a finite-state machine, and what bounds its run.
///
/// The schema is that of little-loops 1.52.0. A value of this type is well formed only if `LoopValidation` found no error.
public struct LoopDefinition: Sendable {
    /// The name, which is the stem of the files of a run.
    public var name: String
    /// The first state.
    public var initial: String
    /// In the order of the file.
    public var states: [StateDefinition]
    public var description: String?
    /// Values for `${context.…}`.
    public var context: JSONObject
    /// Paths that the loop works on, and locks.
    public var scope: [String]
    /// How many states may be entered.
    public var maxIterations: Int
    /// Seconds between a transition and the next state.
    public var backoff: Double?
    /// Seconds for the whole loop, over all its segments.
    public var timeout: Int?
    /// Seconds for the action of a state that has no time-out of its own.
    public var defaultTimeout: Int?
    /// Whether to start over instead of ending.
    public var maintain: Bool
    public var llm: LLMSettings
    public var onHandoff: HandoffBehaviour
    /// The key of the context that the positional input goes to.
    public var inputKey: String

    /// A loop with the defaults for all that is not said.
    public init(name: String, initial: String, states: [StateDefinition]) {
        self.name = name
        self.initial = initial
        self.states = states
        context = [:]
        scope = []
        maxIterations = 50
        maintain = false
        llm = LLMSettings()
        onHandoff = .pause
        inputKey = "input"
    }

    /// The state of a name.
    public subscript(_ name: String) -> StateDefinition? {
        states.first { $0.name == name }
    }
}

/// How a model is asked for a verdict.
public struct LLMSettings: Sendable, Hashable {
    public var enabled = true
    public var model = "sonnet"
    /// Read and checked; without effect, as in the specification.
    public var maxTokens = 256
    /// Seconds.
    public var timeout = 1800

    public init() {}
}

/// What is done when an action hands over to a new session.
public enum HandoffBehaviour: String, Sendable, CaseIterable {
    case pause, spawn, terminate
}
