public import LoopModel

/// One state of a loop.
public struct StateDefinition: Sendable {
    /// How an action is to be run.
    public enum ActionType: String, Sendable, CaseIterable {
        /// A prompt for the model's command.
        case prompt
        /// The same.
        case slashCommand = "slash_command"
        /// A command of the shell.
        case shell
        /// A tool of an MCP server.
        case mcpTool = "mcp_tool"
    }

    /// The name.
    public var name: String
    /// A template; nil where there is none or an empty one.
    public var action: String?
    /// Without one the action decides: a prompt where it begins with `/`, else a shell command.
    public var actionType: ActionType?
    /// Arguments of an MCP tool; the strings in it are templates.
    public var params: JSONObject = [:]
    /// Without one the kind of the action decides.
    public var evaluate: EvaluatorDefinition?
    /// Verdicts with their targets; takes precedence over the shorthands.
    public var route: RouteTable?
    /// The successor for the verdict `yes`; of a sub-loop that reached its end.
    public var onYes: String?
    /// The successor for the verdict `no`; of a sub-loop that ended otherwise.
    public var onNo: String?
    /// The successor for the verdict `error`.
    public var onError: String?
    /// The successor for the verdict `partial`.
    public var onPartial: String?
    /// The successor for the verdict `blocked`.
    public var onBlocked: String?
    /// The successor without an evaluation.
    public var next: String?
    /// Whether the loop ends here.
    public var isTerminal = false
    /// The key in the captures that the result of the action goes to.
    public var capture: String?
    /// Seconds for the action; nil where there is none or 0.
    public var timeout: Double?
    /// Where a loop that maintains starts over.
    public var onMaintain: String?
    /// How often in a row the state may be entered again.
    public var maxRetries: Int?
    /// The successor after that.
    public var onRetryExhausted: String?
    /// The name of a loop that runs inside.
    public var loop: String?
    /// Whether the loop inside gets the context and the captures, and gives its captures back.
    public var contextPassthrough = false

    /// A state with the defaults for all that is not said.
    public init(name: String) {
        self.name = name
    }

    /// How an action is run.
    public enum ActionMode: Sendable, Hashable {
        /// By the model's command.
        case prompt
        /// By the shell.
        case shell
        /// By the command for MCP tools.
        case mcpTool
    }

    /// How the action is run, if there is one.
    public var actionMode: ActionMode {
        switch actionType {
        case .mcpTool: .mcpTool
        case .prompt, .slashCommand: .prompt
        case .shell: .shell
        case nil: action?.utf8.first == UInt8(ascii: "/") ? .prompt : .shell
        }
    }

    /// Every state that this one names as a target, `$current` included, each once.
    public var references: [String] {
        var references: [String] = []
        let shorthands = [onYes, onNo, onError, onPartial, onBlocked, next, onMaintain, onRetryExhausted]
        let routed = (route?.entries ?? []).map { Optional($0.state) } + [route?.otherwise, route?.error]
        for case let name? in shorthands + routed where !references.contains(name) { references.append(name) }
        return references
    }
}
