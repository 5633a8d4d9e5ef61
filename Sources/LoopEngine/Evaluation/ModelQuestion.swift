import LoopModel

/// What a model is asked about the output of an action.
struct ModelQuestion {
    var prompt: String
    var schema: JSONObject
    var model: String
    var timeout: Double
    var minConfidence: Double
    var hasUncertainSuffix: Bool

    /// The question of a state that asks for one.
    ///
    /// Its model and time-out are fixed, whatever the loop's settings are.
    init(_ definition: EvaluatorDefinition, output: String, in context: InterpolationContext) {
        self.init(output: output, model: LLMSettings.defaultModel, timeout: LLMSettings.defaultTimeout)
        if let question = definition.prompt, !question.isEmpty {
            prompt = Self.prompt((try? Template.interpolate(question, in: context)) ?? question, output)
        }
        if let given = definition.schema, !given.isEmpty { schema = given }
        minConfidence = definition.minConfidence
        hasUncertainSuffix = definition.uncertainSuffix
    }

    /// The question that every prompt is followed by.
    init(output: String, model: String, timeout: Double) {
        prompt = Self.prompt(Self.defaultQuestion, output)
        schema = Self.defaultSchema
        self.model = model
        self.timeout = timeout
        minConfidence = 0.5
        hasUncertainSuffix = false
    }

    private static func prompt(_ question: String, _ output: String) -> String {
        let question = question.isEmpty ? defaultQuestion : question
        let end = String(OutputText.last(4000, of: output))
        return "\(question)\n\n<action_output>\n\(end)\n</action_output>"
    }

    private static let defaultQuestion = "Judge by its output whether this action has done what it was meant to do."

    private static let defaultSchema: JSONObject = [
        "type": "object",
        "properties": [
            "verdict": [
                "type": "string",
                "enum": ["yes", "no", "blocked", "partial"],
                "description": """
                yes: it has, or what was asked is true; no: it has not, or is false; blocked: it cannot go on without \
                help from outside; partial: it has come nearer, but not all the way
                """,
            ],
            "confidence": [
                "type": "number", "minimum": 0, "maximum": 1, "description": "How sure the verdict is, from 0 to 1",
            ],
            "reason": ["type": "string", "description": "In one or two sentences, why"],
        ],
        "required": ["verdict", "confidence", "reason"],
    ]
}

extension Evaluator {
    /// `llm_structured`: asks a model through its command.
    func ask(_ question: ModelQuestion) async throws(EvaluationError) -> Evaluation {
        let schema = String(decoding: JSONValue.object(question.schema).serialized(), as: UTF8.self)
        let command =
            model + [
                "-p", question.prompt, "--output-format", "json", "--json-schema", schema, "--model", question.model,
                "--dangerously-skip-permissions", "--no-session-persistence",
            ]
        let result: CommandResult
        switch await runToEnd(command, timeout: question.timeout) {
        case .ended(let ended): result = ended
        case .missing:
            let program = model.first ?? "claude"
            return .error("\(program) is not on the PATH; install Claude Code", ["missing_dependency": true])
        case .failed(let reason): throw EvaluationError(reason)
        }
        guard !result.timedOut else { return .error("the model gave no verdict in time", ["timeout": true]) }
        guard result.exitCode == 0 else {
            return .error("the model's command failed: \(result.errorOutput.pythonStripped)", ["api_error": true])
        }
        guard !result.output.pythonStripped.isEmpty else {
            let said = OutputText.first(200, of: result.errorOutput.pythonStripped)
            let note = said.isEmpty ? "" : " (on standard error: \(said))"
            return .error("the model's command gave no output\(note)", ["empty_output": true])
        }
        switch try ModelAnswer.read(result.output) {
        case .failure(let failure): return failure.evaluation
        case .success(let answer): return try verdict(answer, of: question, result)
        }
    }

    private func verdict(_ answer: JSONObject, of question: ModelQuestion, _ result: CommandResult)
        throws(EvaluationError) -> Evaluation
    {
        var verdict = answer["verdict"].map(PythonRepresentation.text) ?? "error"
        let confidence: Double
        switch answer["confidence"] {
        case nil: confidence = 1
        case .number(let number): confidence = number.double
        case .bool(let bool): confidence = bool ? 1 : 0
        case .string(let text):
            guard let number = PythonFloat.parse(text.string) else { fallthrough }
            confidence = number
        case .null, .array, .object:
            throw EvaluationError("the model gave a confidence that is no number")
        }
        let isConfident = confidence >= question.minConfidence
        if question.hasUncertainSuffix, !isConfident { verdict += "_uncertain" }
        return Evaluation(
            verdict,
            [
                "confidence": .number(JSONNumber(confidence)), "confident": .bool(isConfident),
                "reason": answer["reason"] ?? "", "raw": .object(answer),
                "llm_model": .string(JSONString(question.model)),
                "llm_latency_ms": .number(JSONNumber(result.duration)),
                "llm_prompt": .string(JSONString(OutputText.first(500, of: question.prompt))),
                "llm_raw_output": .string(JSONString(OutputText.first(500, of: result.output))),
            ]
        )
    }
}
