public import LoopModel

/// One state of a loop.
public struct StateDefinition: Sendable {
    /// How an action is to be run.
    public enum ActionType: String, Sendable, CaseIterable {
        case prompt
        case slashCommand = "slash_command"
        case shell
        case mcpTool = "mcp_tool"
    }

    public var name: String
    /// A template.
    public var action: String?
    /// Without one the action decides: a prompt where it begins with `/`, else a shell command.
    public var actionType: ActionType?
    /// Arguments of an MCP tool; the strings in it are templates.
    public var params: JSONObject = [:]
    public var evaluate: EvaluatorDefinition?
    /// Verdicts with their targets. Takes precedence over the shorthands.
    public var route: RouteTable?
    public var onYes: String?
    public var onNo: String?
    public var onError: String?
    public var onPartial: String?
    public var onBlocked: String?
    /// The successor without an evaluation.
    public var next: String?
    public var isTerminal = false
    /// The key in the captures that the result of the action goes to.
    public var capture: String?
    /// Seconds for the action.
    public var timeout: Int?
    /// Where a loop that maintains starts over.
    public var onMaintain: String?
    public var maxRetries: Int?
    public var onRetryExhausted: String?
    /// The name of a loop that runs inside.
    public var loop: String?
    public var contextPassthrough = false

    public init(name: String) {
        self.name = name
    }
}

/// Where each verdict leads.
public struct RouteTable: Sendable, Hashable {
    /// In the order of the file.
    public var targets: [(verdict: String, target: String)] {
        get { zip(verdicts, states).map { ($0, $1) } }
        set {
            verdicts = newValue.map(\.verdict)
            states = newValue.map(\.target)
        }
    }
    private var verdicts: [String] = []
    private var states: [String] = []
    /// The target of `_`.
    public var otherwise: String?
    /// The target of `_error`.
    public var error: String?

    public init() {}
}
