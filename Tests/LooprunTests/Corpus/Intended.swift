extension Corpus {
    private static let begin = #"{"event": "loop_start", "loop": "loop"}"#
    private static let end =
        #"{"event": "loop_complete", "final_state": "done", "iterations": 1, "terminated_by": "terminal"}"#

    private static func enter(_ state: String, _ iteration: Int = 1) -> String {
        #"{"event": "state_enter", "state": "\#(state)", "iteration": \#(iteration)}"#
    }

    /// Where looprun does not do as A does.
    static let intended: [LoopCase] = [
        LoopCase(
            "a time-out while the output is open",
            "initial: a\nstates:\n  a: {action: 'echo hi; sleep 2', timeout: 1, on_error: done}\n  done: {terminal: true}\n"
        ).differs(
            .timeoutWhileOutputIsOpen,
            #"""
            \#(begin)
            \#(enter("a"))
            {"event": "action_start", "action": "echo hi; sleep 2", "is_prompt": false}
            {"event": "action_output", "line": "hi"}
            {"event": "action_complete", "exit_code": 124, "duration_ms": 1000, "output_preview": "hi", "is_prompt": false}
            {"event": "evaluate", "type": "default", "verdict": "error", "exit_code": 124}
            {"event": "route", "from": "a", "to": "done"}
            \#(end)
            """#
        ),
        LoopCase(
            "what an action started ends with it",
            "initial: a\nstates:\n  a: {action: '(sleep 1; touch survived) & kill -INT $PPID; sleep 2', next: b}\n"
                + "  b: {terminal: true}\n"
        ).differs(
            .wholeProcessGroup,
            #"""
            \#(begin)
            \#(enter("a"))
            {"event": "action_start", "action": "(sleep 1; touch survived) & kill -INT $PPID; sleep 2", "is_prompt": false}
            {"event": "action_complete", "exit_code": -15, "duration_ms": N, "output_preview": null, "is_prompt": false}
            {"event": "loop_complete", "final_state": "a", "iterations": 1, "terminated_by": "signal"}
            """#
        ),
        LoopCase(
            "output that is no UTF-8",
            #"initial: a\#nstates:\#n  a: {action: "printf 'a\\377b\\n\\303\\nok\\n'", on_yes: done}\#n  done: {terminal: true}\#n"#
        ).differs(
            .undecodableOutput,
            #"""
            \#(begin)
            \#(enter("a"))
            {"event": "action_start", "action": "printf 'a\\377b\\n\\303\\nok\\n'", "is_prompt": false}
            {"event": "action_output", "line": "a\ufffdb"}
            {"event": "action_output", "line": "\ufffd"}
            {"event": "action_output", "line": "ok"}
            {"event": "action_complete", "exit_code": 0, "duration_ms": N, "output_preview": "a\ufffdb\n\ufffd\nok", "is_prompt": false}
            {"event": "evaluate", "type": "default", "verdict": "yes", "exit_code": 0}
            {"event": "route", "from": "a", "to": "done"}
            \#(end)
            """#
        ),
        LoopCase(
            "a signal in a sub-loop",
            "initial: a\nstates:\n  a: {loop: child, on_yes: b, on_no: c}\n  b: {terminal: true}\n  c: {terminal: true}\n"
        )
        .loop(
            "child",
            """
            initial: x
            states:
              x: {action: "kill -INT $PPID; sleep 1", on_yes: y, on_no: y, on_error: y}
              y: {action: "touch ran-on", on_yes: z}
              z: {terminal: true}
            """
        ).differs(
            .subLoopsHearShutdown,
            #"""
            \#(begin)
            \#(enter("a"))
            {"event": "loop_complete", "final_state": "a", "iterations": 1, "terminated_by": "signal"}
            """#
        ),
        LoopCase("a run after another", "initial: a\nstates:\n  a: {next: done}\n  done: {terminal: true}\n")
            .with { $0.commands.append(["run", "loop"]) }
            .differs(
                .leftoversAreSetAside,
                #"""
                \#(begin)
                \#(enter("a"))
                {"event": "route", "from": "a", "to": "done"}
                \#(end)
                \#(begin)
                \#(enter("a"))
                {"event": "route", "from": "a", "to": "done"}
                \#(end)
                """#
            ),
        LoopCase(
            "context after a resume",
            """
            initial: a
            states:
              a: {action: "if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: x'; fi", next: b}
              b: {evaluate: {type: output_contains, source: "${context.k}", pattern: kept}, on_yes: done, on_no: lost}
              c: {action: "echo ${context.k}", next: done}
              lost: {terminal: true}
              done: {terminal: true}
            """
        ).with { $0.commands = [["run", "loop", "--context", "k=kept"], ["resume", "loop"]] }
            .differs(
                .contextSurvivesResume,
                #"""
                \#(begin)
                \#(enter("a"))
                {"event": "action_start", "action": "if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: x'; fi", "is_prompt": false}
                {"event": "action_output", "line": "CONTEXT_HANDOFF: x"}
                {"event": "action_complete", "exit_code": 0, "duration_ms": N, "output_preview": "CONTEXT_HANDOFF: x", "is_prompt": false}
                {"event": "handoff_detected", "state": "a", "iteration": 1, "continuation": "x"}
                {"event": "loop_resume", "loop": "loop", "from_state": "a", "iteration": 1, "from_handoff": true, "continuation_prompt": "x"}
                \#(begin)
                \#(enter("a", 2))
                {"event": "action_start", "action": "if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: x'; fi", "is_prompt": false}
                {"event": "action_output", "line": "on"}
                {"event": "action_complete", "exit_code": 0, "duration_ms": N, "output_preview": "on", "is_prompt": false}
                {"event": "route", "from": "a", "to": "b"}
                \#(enter("b", 3))
                {"event": "evaluate", "type": "output_contains", "verdict": "yes", "matched": true, "pattern": "kept", "negate": false}
                {"event": "route", "from": "b", "to": "done"}
                {"event": "loop_complete", "final_state": "done", "iterations": 3, "terminated_by": "terminal"}
                """#
            ),
        LoopCase(
            "a diff that stood still in another run",
            "initial: a\nstates:\n  a: {evaluate: {type: diff_stall}, on_yes: done, on_no: done}\n  done: {terminal: true}\n"
        ).program("git", "echo same\n").with { $0.commands.append(["run", "loop"]) }.differs(
            .stallsAreOfOneRun,
            Array(
                repeating: #"""
                    \#(begin)
                    \#(enter("a"))
                    {"event": "evaluate", "type": "diff_stall", "verdict": "yes", "stall_count": 0, "max_stall": 1, "diff_changed": true}
                    {"event": "route", "from": "a", "to": "done"}
                    \#(end)

                    """#,
                count: 2
            ).joined()
        ),
        LoopCase(
            "route keys without quotes",
            "initial: a\nstates:\n  a: {evaluate: {type: exit_code}, route: {yes: done, no: a}}\n  done: {terminal: true}\n"
        ).refused.differs(
            .booleanRouteKeys,
            #"""
            \#(begin)
            \#(enter("a"))
            {"event": "evaluate", "type": "exit_code", "verdict": "yes", "exit_code": 0}
            {"event": "route", "from": "a", "to": "done"}
            \#(end)
            """#
        ),
        LoopCase(
            "a handoff behaviour that is none",
            "initial: a\non_handoff: vanish\nstates:\n  a: {next: done}\n  done: {terminal: true}\n"
        ).refused.differs(.refusedBeforeTheRun, ""),
        LoopCase(
            "context that is text",
            "context: words\ninitial: a\nstates:\n  a: {next: done}\n  done: {terminal: true}\n"
        )
        .differs(.refusedBeforeTheRun, ""),
        LoopCase(
            "an evaluator that is none",
            "initial: a\nstates:\n  a: {evaluate: {type: oracle}, on_yes: done}\n  done: {terminal: true}\n"
        ).differs(.refusedBeforeTheRun, ""),
        LoopCase(
            "a target that is no number",
            "initial: a\nstates:\n  a: {evaluate: {type: output_numeric, operator: eq, target: many}, on_yes: done}\n"
                + "  done: {terminal: true}\n"
        ).differs(.refusedBeforeTheRun, ""),
        LoopCase("a directory of the loop's name", "initial: a\nstates:\n  a: {next: done}\n  done: {terminal: true}\n")
            .refused
            .with { $0.files["loop/file"] = "x" }
            .differs(
                .directoriesAreNoLoops,
                #"""
                \#(begin)
                \#(enter("a"))
                {"event": "route", "from": "a", "to": "done"}
                \#(end)
                """#
            ),
        LoopCase("numbers as names of states", "initial: 1\nstates:\n  1: {next: 2}\n  2: {terminal: true}\n").differs(
            .numbersAsNames,
            #"""
            \#(begin)
            \#(enter("1"))
            {"event": "route", "from": "1", "to": "2"}
            {"event": "loop_complete", "final_state": "2", "iterations": 1, "terminated_by": "terminal"}
            """#
        ),
        LoopCase(
            "numbers as keys of the context",
            """
            context: {m: {1: one}}
            initial: a
            states:
              a: {evaluate: {type: output_contains, source: "${context.m.1}", pattern: one}, on_yes: done}
              done: {terminal: true}
            """
        ).differs(
            .numbersAsNames,
            #"""
            \#(begin)
            \#(enter("a"))
            {"event": "evaluate", "type": "output_contains", "verdict": "yes", "matched": true, "pattern": "one", "negate": false}
            {"event": "route", "from": "a", "to": "done"}
            \#(end)
            """#
        ),
        LoopCase("context without a value", "initial: a\nstates:\n  a: {next: done}\n  done: {terminal: true}\n")
            .refused
            .run("--context", "x").differs(.usage, ""),
        LoopCase(
            "handoff spawns",
            """
            initial: a
            on_handoff: spawn
            states:
              a: {action: "echo 'CONTEXT_HANDOFF: next part'", on_yes: done}
              done: {terminal: true}
            """
        ).program("claude", "printf '<%s>\\n' \"$@\" > calls.new; mv calls.new calls\n").differs(
            .whoGoesOn,
            #"""
            \#(begin)
            \#(enter("a"))
            {"event": "action_start", "action": "echo 'CONTEXT_HANDOFF: next part'", "is_prompt": false}
            {"event": "action_output", "line": "CONTEXT_HANDOFF: next part"}
            {"event": "action_complete", "exit_code": 0, "duration_ms": N, "output_preview": "CONTEXT_HANDOFF: next part", "is_prompt": false}
            {"event": "evaluate", "type": "default", "verdict": "yes", "exit_code": 0}
            {"event": "handoff_detected", "state": "a", "iteration": 1, "continuation": "next part"}
            {"event": "handoff_spawned", "pid": N, "state": "a"}
            """#
        ),
        LoopCase(
            "a date as an argument of a tool",
            "initial: a\nstates:\n  a: {action: s/t, action_type: mcp_tool, params: {day: 2026-01-02}, next: done}\n  done: {terminal: true}\n"
        ).program("mcp-call", "echo \"$2\"\n").differs(
            .dates,
            #"""
            \#(begin)
            \#(enter("a"))
            {"event": "action_start", "action": "s/t", "is_prompt": false}
            {"event": "action_output", "line": "{\"day\": \"2026-01-02\"}"}
            {"event": "action_complete", "exit_code": 0, "duration_ms": N, "output_preview": "{\"day\": \"2026-01-02\"}", "is_prompt": false}
            {"event": "route", "from": "a", "to": "done"}
            \#(end)
            """#
        ),
    ]
}
