import Synchronization

/// Evaluates the results of the actions of one run.
///
/// It remembers what `diff_stall` saw and the patterns that it has translated, so that a run makes one of its own.
public final class Evaluator: Sendable {
    let commands: any CommandRunning
    /// The program that asks a model, and arguments before all others.
    let model: [String]
    private let patterns = Mutex<[String: OutputPattern]>([:])
    let diffs = Mutex<[String: DiffSnapshot]>([:])

    /// An evaluator that remembers nothing yet.
    ///
    /// - Parameters:
    ///   - commands: runs `git` and the model's program.
    ///   - model: the model's program, and arguments before all others.
    public init(commands: any CommandRunning, model: [String] = ["claude"]) {
        self.commands = commands
        self.model = model
    }

    /// Evaluates by a definition.
    ///
    /// - Parameters:
    ///   - output: of the action, empty without one; the definition's `source` replaces it.
    ///   - exitCode: of the action, 0 without one.
    ///   - llm: only whether models may be asked counts here: the model and its time-out are those of every explicit
    ///     evaluation.
    /// - Throws: where the definition has no meaning: the run ends in an error.
    public func evaluate(
        _ definition: EvaluatorDefinition,
        output: String,
        exitCode: Int,
        in context: InterpolationContext,
        llm: LLMSettings
    ) async throws(EvaluationError) -> Evaluation {
        guard let type = EvaluatorType(rawValue: definition.type) else {
            throw EvaluationError("there is no evaluator \(definition.type)")
        }
        var input = output
        if let source = definition.source, !source.isEmpty {
            input = (try? Template.interpolate(source, in: context)) ?? output
        }
        switch type {
        case .exitCode: return .exitCode(exitCode)
        case .outputNumeric: return try .outputNumeric(definition, input, in: context)
        case .outputJSON: return .outputJSON(definition, input)
        case .outputContains: return contains(definition, input)
        case .convergence: return try .convergence(definition, input, in: context)
        case .mcpResult: return try .mcpResult(input, exitCode: exitCode)
        case .diffStall: return try await diffStall(scope: definition.scope ?? [], maxStall: definition.maxStall)
        case .llmStructured:
            guard llm.enabled else { return .modelsDisabled }
            return try await ask(ModelQuestion(definition, output: input, in: context))
        }
    }

    /// Evaluates the action of a state that does not say how.
    public func evaluateByDefault(
        _ mode: StateDefinition.ActionMode,
        output: String,
        exitCode: Int,
        llm: LLMSettings
    ) async throws(EvaluationError) -> Evaluation {
        switch mode {
        case .shell: return .exitCode(exitCode)
        case .mcpTool: return try .mcpResult(output, exitCode: exitCode)
        case .prompt:
            guard llm.enabled else { return .modelsDisabled }
            return try await ask(ModelQuestion(output: output, model: llm.model, timeout: llm.timeout))
        }
    }

    private func contains(_ definition: EvaluatorDefinition, _ output: String) -> Evaluation {
        let text = definition.pattern ?? ""
        let pattern = patterns.withLock { patterns in
            if let known = patterns[text] { return known }
            let pattern = OutputPattern(text)
            patterns[text] = pattern
            return pattern
        }
        return .outputContains(definition, pattern, output)
    }
}

extension Evaluation {
    /// A model would have to be asked, and must not be.
    static let modelsDisabled = Evaluation.error("LLM evaluation disabled via --no-llm")
}
