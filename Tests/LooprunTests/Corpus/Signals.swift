extension Corpus {
    private static func says(
        _ name: String,
        _ text: String,
        _ head: String = "",
        _ state: String = "on_yes: b, on_error: b, on_no: b"
    ) -> LoopCase {
        LoopCase(
            name,
            """
            initial: a
            \(head)
            states:
              a: {action: "printf '\(text)'", \(state)}
              b: {action: "echo b", on_yes: done}
              done: {terminal: true}
            """
        )
    }

    /// Words in an action's output that end a run.
    static let signals: [LoopCase] = [
        says("stop", "LOOP_STOP:\\\\n"),
        says("stop with a reason, in the middle of a line", "x LOOP_STOP: enough \\\\n"),
        says("stop into a state without a way", "LOOP_STOP: x\\\\n", "", "on_no: b"),
        says("a fatal error", "working\\\\nFATAL_ERROR: the disk is full\\\\n"),
        says("a fatal error needs a reason", "FATAL_ERROR:\\\\n"),
        says("a fatal error whose reason is on the next line", "FATAL_ERROR:\\\\n\\\\n  later\\\\n"),
        says("a fatal error before a successor", "FATAL_ERROR: x\\\\n", "", "next: b"),
        says("handoff pauses", "CONTEXT_HANDOFF: go on with part two  \\\\nmore\\\\n"),
        says("handoff ends", "CONTEXT_HANDOFF: é\\\\n", "on_handoff: terminate"),
        says("handoff before a successor", "CONTEXT_HANDOFF: x\\\\n", "", "next: b"),
        says("handoff without a payload", "CONTEXT_HANDOFF:"),
        says("handoff goes before an error, whatever comes first", "FATAL_ERROR: x\\\\nCONTEXT_HANDOFF: y\\\\n"),
        says("an error goes before a stop", "LOOP_STOP: x\\\\nFATAL_ERROR: y\\\\n"),
        says("lower case is no signal", "loop_stop: x\\\\nFatal_Error: y\\\\n"),
        says("a signal on standard error is none", "x' >&2; printf 'y"),
        says(
            "handoff with captures and maintain",
            "CONTEXT_HANDOFF: x\\\\n",
            "maintain: true",
            "capture: c, on_yes: b"
        ),
        LoopCase(
            "a signal of a prompt",
            chain: ["action: 'Go', action_type: prompt"]
        ).program("claude", "echo 'LOOP_STOP: done'\n").run("--no-llm"),
    ]

    private static let child = """
        context: {own: child, shared: child}
        initial: x
        states:
          x: {action: "echo ${context.own} ${context.shared}", capture: inner, on_yes: y}
          y: {terminal: true}
        """

    private static func parent(_ more: String, _ head: String = "") -> String {
        """
        \(head)
        initial: a
        states:
          a: {loop: child, \(more)}
          good: {action: "echo good", on_yes: done}
          bad: {action: "echo bad", on_yes: done}
          failed: {terminal: true}
          done: {terminal: true}
        """
    }

    /// Loops inside a loop.
    static let subLoops: [LoopCase] = [
        LoopCase("a sub-loop that reaches its end", parent("on_yes: good, on_no: bad")).loop("child", child),
        LoopCase("a sub-loop that fails", parent("on_yes: good, on_no: bad"))
            .loop("child", "initial: x\nstates:\n  x: {action: 'false', on_yes: y}\n  y: {terminal: true}\n"),
        LoopCase("a sub-loop that hits its cap", parent("on_yes: good, on_no: bad"))
            .loop(
                "child",
                "initial: x\nmax_iterations: 2\nstates:\n  x: {on_yes: x, on_no: y}\n  y: {terminal: true}\n"
            ),
        LoopCase("a sub-loop without a way for its end", parent("on_no: bad")).loop("child", child),
        LoopCase(
            "context and captures pass through",
            parent("context_passthrough: true, on_yes: good, on_no: bad", "context: {shared: parent, more: 1}")
        )
        .loop("child", child),
        LoopCase(
            "captures of the parent are context of the child",
            """
            initial: first
            states:
              first: {action: "echo found", capture: it, on_yes: a}
              a: {loop: child, context_passthrough: true, on_yes: b, on_no: b}
              b: {action: "echo '${captured.a.inner.output}'", on_yes: done}
              done: {terminal: true}
            """
        ).loop(
            "child",
            "initial: x\nstates:\n  x: {action: 'echo ${context.it.output}', capture: inner, on_yes: y}\n  y: {terminal: true}\n"
        ),
        LoopCase("a sub-loop that is not there", parent("on_yes: good, on_no: bad")),
        LoopCase("a sub-loop that is not there, with a way", parent("on_yes: good, on_no: bad, on_error: failed")),
        LoopCase("an invalid sub-loop", parent("on_yes: good, on_no: bad")).loop(
            "child",
            "initial: z\nstates:\n  x: {terminal: true}\n"
        ),
        LoopCase("an invalid sub-loop, with a way", parent("on_yes: good, on_no: bad, on_error: failed"))
            .loop("child", "initial: z\nstates:\n  x: {terminal: true}\n"),
        LoopCase("a sub-loop of a sub-loop", parent("on_yes: good, on_no: bad"))
            .loop(
                "child",
                "initial: x\nstates:\n  x: {loop: grandchild, on_yes: y, on_no: z}\n  y: {terminal: true}\n  z: {terminal: true}\n"
            )
            .loop(
                "grandchild",
                "initial: x\nstates:\n  x: {action: 'echo deep > deep', on_yes: y}\n  y: {terminal: true}\n"
            ),
        LoopCase("signals of a sub-loop are not heard", parent("on_yes: good, on_no: bad"))
            .loop(
                "child",
                "initial: x\nstates:\n  x: {action: 'echo LOOP_STOP: x', on_yes: y}\n  y: {terminal: true}\n"
            ),
        LoopCase(
            "a route and a successor on a sub-loop are ignored",
            parent("on_yes: good, on_no: bad, next: failed, route: {_: failed}")
        )
        .loop("child", child),
        LoopCase(
            "a sub-loop keeps the previous result",
            """
            initial: first
            states:
              first: {action: "echo before", on_yes: a}
              a: {loop: child, on_yes: b, on_no: b}
              b: {action: "echo '${prev.output}' '${prev.state}'", on_yes: done}
              done: {terminal: true}
            """
        ).loop("child", child),
        LoopCase("a sub-loop in maintain mode", parent("on_yes: good, on_no: bad")).loop(
            "child",
            "initial: x\nmaintain: true\nmax_iterations: 3\nstates:\n  x: {next: y}\n  y: {terminal: true}\n"
        ),
        LoopCase("a sub-loop with a time limit", parent("on_yes: good, on_no: bad")).loop(
            "child",
            "initial: x\ntimeout: 1\nstates:\n  x: {action: 'sleep 0.6', on_yes: x, on_no: y}\n  y: {terminal: true}\n"
        ),
        LoopCase("a sub-loop whose template fails", parent("on_yes: good, on_no: bad")).loop(
            "child",
            "initial: x\nstates:\n  x: {action: 'echo ${context.shared}', on_yes: y}\n  y: {terminal: true}\n"
        ),
    ]
}
