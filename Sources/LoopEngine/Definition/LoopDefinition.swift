public import LoopModel

/// A loop as its file describes it: a finite-state machine, and what bounds its run.
///
/// The schema is that of little-loops 1.52.0.
public struct LoopDefinition: Sendable {
    /// The name, which is the stem of the files of a run.
    public var name: String
    /// The first state.
    public var initial: String
    /// In the order of the file.
    public let states: [StateDefinition]
    /// Where each state stands in `states`.
    private let places: [String: Int]
    /// What the loop is for; not used at run time.
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
    public var timeout: Double?
    /// Seconds for the action of a state that has no time-out of its own; nil where there is none or 0.
    public var defaultTimeout: Double?
    /// Whether to start over instead of ending.
    public var maintain: Bool
    /// How a model is asked for a verdict.
    public var llm: LLMSettings
    /// What is done when an action hands over to a new session.
    public var onHandoff: HandoffBehaviour
    /// The key of the context that the positional input goes to.
    public var inputKey: String

    /// A loop with the defaults for all that is not said.
    ///
    /// - Parameter states: of two with one name the later counts.
    public init(name: String, initial: String, states: [StateDefinition]) {
        self.name = name
        self.initial = initial
        self.states = states
        places = Dictionary(zip(states.map(\.name), states.indices)) { $1 }
        context = [:]
        scope = []
        maxIterations = 50
        maintain = false
        llm = LLMSettings()
        onHandoff = .pause
        inputKey = "input"
    }

    /// The state of a name, found without a search.
    public subscript(_ name: String) -> StateDefinition? {
        places[name].map { states[$0] }
    }
}

/// How a model is asked for a verdict.
public struct LLMSettings: Sendable, Hashable {
    /// Whether it is asked at all.
    public var enabled = true
    /// The model of the evaluation that a prompt gets by default.
    public var model = LLMSettings.defaultModel
    /// Read and checked; without effect, as in the specification.
    public var maxTokens = 256
    /// Seconds.
    public var timeout = LLMSettings.defaultTimeout

    /// The model of every evaluation that a state asks for.
    public static let defaultModel = "sonnet"
    /// The seconds of every evaluation that a state asks for.
    public static let defaultTimeout = 1800.0

    /// The defaults.
    public init() {}
}

/// What is done when an action hands over to a new session.
public enum HandoffBehaviour: String, Sendable, CaseIterable {
    /// The state is saved, and that is all.
    case pause
    /// A new session is started that resumes the loop.
    case spawn
    /// As `pause`.
    case terminate
}
