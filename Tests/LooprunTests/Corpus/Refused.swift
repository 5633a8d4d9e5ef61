extension Corpus {
    private static func refused(_ name: String, _ state: String, _ head: String = "") -> LoopCase {
        LoopCase(name, "initial: a\n\(head)\nstates:\n  a: {\(state)}\n  done: {terminal: true}\n")
    }

    /// Definitions that are not run; no file is touched.
    static let refused: [LoopCase] = [
        LoopCase("no name", verbatim: "initial: a\nstates:\n  a: {terminal: true}\n"),
        LoopCase("no initial state", verbatim: "name: loop\nstates:\n  a: {terminal: true}\n"),
        LoopCase("no states", verbatim: "name: loop\ninitial: a\n"),
        LoopCase("a list", verbatim: "- name\n- initial\n"),
        LoopCase("an empty file", verbatim: ""),
        LoopCase("an unknown initial state", "initial: z\nstates:\n  a: {terminal: true}\n"),
        LoopCase("no terminal state", "initial: a\nstates:\n  a: {next: a}\n"),
        refused("an unknown target", "action: 'true', on_yes: nowhere"),
        refused("an unknown target in a route", "action: 'true', route: {x: nowhere, _: done}"),
        refused("an unknown default target", "action: 'true', route: {_: nowhere}"),
        refused("an unknown error target", "action: 'true', route: {_error: nowhere, x: done}"),
        refused("an unknown successor", "next: nowhere"),
        refused("an unknown maintain target", "next: done, on_maintain: nowhere"),
        refused("a template as a target", "next: '${context.x}'", "context: {x: done}"),
        refused("params without a tool", "action: 'true', params: {a: 1}, on_yes: done"),
        refused("a sub-loop with an action", "action: 'true', loop: other, on_yes: done"),
        refused(
            "a number without a target",
            "action: 'true', on_yes: done, evaluate: {type: output_numeric, operator: eq}"
        ),
        refused(
            "a number without an operator",
            "action: 'true', on_yes: done, evaluate: {type: output_numeric, target: 1}"
        ),
        refused(
            "an operator that is none",
            "action: 'true', on_yes: done, evaluate: {type: output_numeric, target: 1, operator: is}"
        ),
        refused(
            "JSON without a path",
            "action: 'true', on_yes: done, evaluate: {type: output_json, target: 1, operator: eq}"
        ),
        refused("no pattern", "action: 'true', on_yes: done, evaluate: {type: output_contains}"),
        refused("convergence to nothing", "action: 'true', on_yes: done, evaluate: {type: convergence}"),
        refused(
            "a direction that is none",
            "action: 'true', on_yes: done, evaluate: {type: convergence, target: 1, direction: up}"
        ),
        refused(
            "a negative tolerance",
            "action: 'true', on_yes: done, evaluate: {type: convergence, target: 1, tolerance: -1}"
        ),
        refused(
            "a confidence of two",
            "action: 'true', on_yes: done, evaluate: {type: llm_structured, min_confidence: 2}"
        ),
        refused("no stall allowed", "action: 'true', on_yes: done, evaluate: {type: diff_stall, max_stall: 0}"),
        refused("a state that leads nowhere", "action: 'true'"),
        refused("blocked alone leads nowhere", "action: 'true', on_blocked: done"),
        refused("retries without their end", "action: 'true', on_yes: done, max_retries: 1"),
        refused("the end of retries without a number", "action: 'true', on_yes: done, on_retry_exhausted: done"),
        refused("no retries", "action: 'true', on_yes: done, max_retries: 0, on_retry_exhausted: done"),
        refused("a cap of nothing", "next: done", "max_iterations: 0"),
        refused("a negative back-off", "next: done", "backoff: -1"),
        refused("no time at all", "next: done", "timeout: 0"),
        refused("no tokens", "next: done", "llm: {max_tokens: 0}"),
        refused("no time for the model", "next: done", "llm: {timeout: 0}"),
    ].map(\.refused)
}
