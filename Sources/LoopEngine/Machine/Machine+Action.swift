import LoopModel

extension Machine {
    /// Seconds for an action that nobody set a time-out for.
    private static let usualTimeout = (mcp: 30.0, other: 3600.0)

    /// Runs a state's action and captures what it gave.
    func run(_ template: String, of state: StateDefinition, _ context: InterpolationContext) async throws
        -> CommandResult
    {
        let action = try Template.interpolate(template, in: context)
        let mode = state.actionMode
        let isPrompt = JSONValue.bool(mode == .prompt)
        try emit("action_start", [("action", .string(JSONString(action))), ("is_prompt", isPrompt)])

        let usual = mode == .mcpTool ? Self.usualTimeout.mcp : Self.usualTimeout.other
        let command = Command(
            try arguments(for: action, mode, state, context),
            timeout: state.timeout ?? loop.defaultTimeout ?? usual
        )
        let (sink, clock, progress) = (sink, engine.clock, progress)
        var result = try await engine.commands.run(command) { line in
            let fields: [(JSONString, JSONValue)] = [("line", .string(JSONString(OutputText.line(line))))]
            try sink(Self.event("action_output", fields, at: clock()), progress)
        }
        if result.timedOut, result.errorOutput.isEmpty {
            result.errorOutput = mode == .mcpTool ? "MCP call timed out" : "Action timed out"
        }
        try complete(result, mode)
        if let name = state.capture {
            self.progress.captured[JSONString(name)] = [
                "output": .string(JSONString(result.output)), "stderr": .string(JSONString(result.errorOutput)),
                "exit_code": .number(JSONNumber(result.exitCode)), "duration_ms": .number(JSONNumber(result.duration)),
            ]
        }
        // A loop inside of another asks nothing of the executor.
        if depth == 0, let signal = OutputSignal.first(in: result.output) { take(signal) }
        return result
    }

    private func arguments(
        for action: String,
        _ mode: StateDefinition.ActionMode,
        _ state: StateDefinition,
        _ context: InterpolationContext
    ) throws -> [String] {
        switch mode {
        case .shell:
            return ["bash", "-c", action]
        case .prompt:
            return engine.claude + ["--dangerously-skip-permissions", "--no-session-persistence", "-p", action]
        case .mcpTool:
            let parameters = try Template.interpolate(state.params, in: context)
            return ["mcp-call", action, String(decoding: JSONValue.object(parameters).serialized(), as: UTF8.self)]
        }
    }

    private func complete(_ result: CommandResult, _ mode: StateDefinition.ActionMode) throws {
        let preview = OutputText.preview(of: result.output)
        var fields: [(JSONString, JSONValue)] = [
            ("exit_code", .number(JSONNumber(result.exitCode))),
            ("duration_ms", .number(JSONNumber(result.duration))),
            ("output_preview", preview.map { .string(JSONString($0)) } ?? .null),
            ("is_prompt", .bool(mode == .prompt)),
        ]
        if mode == .prompt {
            fields.append(("session_jsonl", SessionFile.newest().map { .string(JSONString($0)) } ?? .null))
        }
        try emit("action_complete", fields)
    }
}
