import LoopModel

extension Machine {
    /// Makes a verdict of a state's result, and tells it where there was anything to evaluate.
    func evaluate(_ state: StateDefinition, _ result: CommandResult?, _ context: InterpolationContext) async throws
        -> String
    {
        let type: JSONString
        let evaluation: Evaluation
        if let definition = state.evaluate {
            type = JSONString(definition.type)
            evaluation = try await evaluator.evaluate(
                definition,
                output: result?.output ?? "",
                exitCode: result?.exitCode ?? 0,
                in: context,
                llm: loop.llm
            )
        } else if let result {
            type = "default"
            evaluation = try await evaluator.evaluateByDefault(
                state.actionMode,
                output: result.output,
                exitCode: result.exitCode,
                llm: loop.llm
            )
        } else {
            return "yes"
        }
        let fields: [(JSONString, JSONValue)] = [
            ("type", .string(type)), ("verdict", .string(JSONString(evaluation.verdict))),
        ]
        try emit("evaluate", fields + evaluation.details.members.map { ($0.key, $0.value) })
        return evaluation.verdict
    }
}
