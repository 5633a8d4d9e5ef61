import Testing

/// The loops of the differential suite.
enum Corpus {
    /// Loops about one part of the specification.
    struct Section: Sendable, CustomTestStringConvertible {
        let title: String
        let cases: [LoopCase]
        var testDescription: String { title }
    }

    static let sections: [Section] = [
        Section(title: "keys of a loop", cases: loopKeys),
        Section(title: "YAML", cases: yaml),
        Section(title: "options of run", cases: options),
        Section(title: "definitions that are refused", cases: refused),
        Section(title: "interpolation", cases: interpolation),
        Section(title: "main loop", cases: mainLoop),
        Section(title: "states and actions", cases: actions),
        Section(title: "output", cases: output),
        Section(title: "numeric and JSON evaluators", cases: numericEvaluators),
        Section(title: "text and convergence evaluators", cases: textEvaluators),
        Section(title: "git and MCP evaluators", cases: toolEvaluators),
        Section(title: "models as evaluators", cases: modelEvaluators),
        Section(title: "routes", cases: routes),
        Section(title: "signals in the output, and handoff", cases: signals),
        Section(title: "sub-loops", cases: subLoops),
        Section(title: "time limits", cases: timeLimits),
        Section(title: "resume", cases: resumes),
        Section(title: "oddities", cases: oddities),
        Section(title: "intended differences", cases: intended),
    ]
}
