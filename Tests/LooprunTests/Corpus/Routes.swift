extension Corpus {
    private static func route(_ name: String, _ code: Int, _ table: String) -> LoopCase {
        LoopCase(
            name,
            """
            initial: a
            states:
              a: {action: "exit \(code)", \(table)}
              b: {terminal: true}
              c: {terminal: true}
              d: {terminal: true}
            """
        )
    }

    /// From a verdict to the next state.
    static let routes: [LoopCase] = [
        route("an exact verdict", 1, "route: {'yes': b, 'no': c, _: d}"),
        route("the default", 0, "route: {'no': c, _: d}"),
        route("the default comes before the error's target", 3, "route: {'yes': b, _error: c, _: d}"),
        route("the error's target", 3, "route: {'yes': b, _error: c}"),
        route("an error by its name", 3, "route: {error: b, _error: c, _: d}"),
        route("no target for an error", 3, "route: {'yes': b}"),
        route("no target at all", 0, "route: {'no': b}"),
        route("other keys with an underline are dropped", 0, "route: {_yes: b, _: d}"),
        route("an empty route table", 0, "route: {}"),
        route("a route goes before the shorthands", 0, "route: {'yes': b}, on_yes: c"),
        route("the shorthands for yes", 0, "on_success: b, on_failure: c"),
        route("the shorthands for no", 1, "on_success: b, on_failure: c"),
        route("the new words go before the old", 0, "on_success: b, on_yes: c"),
        route("no shorthand for an error", 2, "on_yes: b, on_no: c"),
        route("the shorthand for an error", 2, "on_yes: b, on_no: c, on_error: d"),
        LoopCase(
            "partial and blocked",
            """
            initial: a
            states:
              a: {action: "echo partial", evaluate: {type: llm_structured}, on_yes: d, on_partial: b}
              b: {action: "echo blocked", evaluate: {type: llm_structured}, on_yes: d, on_blocked: c}
              c: {terminal: true}
              d: {terminal: true}
            """
        ).program(
            "claude",
            "case \"$2\" in *partial*) echo '{\"verdict\": \"partial\"}';; *) echo '{\"verdict\": \"blocked\"}';; esac\n"
        ).inOwnWords,
        LoopCase(
            "the current state",
            """
            initial: a
            states:
              a: {action: "echo >> n; [ $(wc -l < n) -ge 3 ]", route: {'yes': b, 'no': '$current'}}
              b: {terminal: true}
            """
        ),
        LoopCase(
            "the current state by a shorthand and by the successor",
            """
            initial: a
            max_iterations: 4
            states:
              a: {action: "echo >> n; [ $(wc -l < n) -ge 2 ]", on_yes: b, on_no: '$current'}
              b: {next: '$current'}
              c: {terminal: true}
            """
        ),
    ]
}
