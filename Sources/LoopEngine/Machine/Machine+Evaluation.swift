import LoopModel

extension Machine {
    /// Makes a verdict of a state's result, and tells it where there was anything to evaluate.
    func evaluate(_ state: StateDefinition, _ result: CommandResult?, _ context: InterpolationContext) async throws
        -> String
    {
        guard state.evaluate == nil else { throw MachineError.tooDeep(loop: "evaluator", most: 0) }
        guard let result else { return "yes" }
        let verdict = result.exitCode == 0 ? "yes" : result.exitCode == 1 ? "no" : "error"
        try emit(
            "evaluate",
            [
                ("type", "default"), ("verdict", .string(JSONString(verdict))),
                ("exit_code", .number(JSONNumber(result.exitCode))),
            ]
        )
        return verdict
    }
}
