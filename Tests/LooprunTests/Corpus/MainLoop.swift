extension Corpus {
    /// The order of things from state to state.
    static let mainLoop: [LoopCase] = [
        LoopCase(
            "retries that are used up",
            """
            initial: a
            states:
              a: {action: "exit 1", max_retries: 2, on_retry_exhausted: x, on_yes: done, on_no: a}
              x: {action: "echo gave up", on_yes: done}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "retries that succeed",
            """
            initial: a
            states:
              a: {action: "echo >> n; [ $(wc -l < n) -ge 3 ]", max_retries: 5, on_retry_exhausted: x, on_yes: done, on_no: a}
              x: {terminal: true}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "retries are counted anew after another state",
            """
            initial: a
            max_iterations: 9
            states:
              a: {action: "false", max_retries: 1, on_retry_exhausted: b, on_yes: done, on_no: $current}
              b: {action: "false", on_no: a, on_yes: done}
              done: {terminal: true}
            """.replacing("$current", with: "'$current'")
        ),
        LoopCase(
            "two states in turn are no retries",
            """
            initial: a
            max_iterations: 6
            states:
              a: {action: "false", max_retries: 1, on_retry_exhausted: done, on_no: b}
              b: {action: "false", max_retries: 1, on_retry_exhausted: done, on_no: a}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "retries exhausted into the same state",
            """
            initial: a
            max_iterations: 6
            states:
              a: {action: "false", max_retries: 1, on_retry_exhausted: a, on_no: a, on_yes: done}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "maintain starts over",
            """
            initial: a
            max_iterations: 7
            maintain: true
            states:
              a: {action: "true", on_yes: done}
              b: {action: "exit 1", on_yes: done}
              done: {terminal: true, on_maintain: b, action: "echo never"}
            """
        ),
        LoopCase(
            "maintain goes to a state's own target",
            """
            initial: a
            max_iterations: 5
            maintain: true
            states:
              a: {action: "false", on_yes: done, on_maintain: b}
              b: {action: "true", on_yes: done}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "maintain into a terminal state again and again",
            "initial: done\nmaintain: true\nmax_iterations: 3\nstates:\n  done: {terminal: true}\n"
        ),
        LoopCase(
            "no transition for the verdict",
            "initial: a\nstates:\n  a: {action: 'false', on_yes: b}\n  b: {terminal: true}\n"
        ),
        LoopCase(
            "a state without action or evaluation says yes",
            "initial: a\nstates:\n  a: {on_yes: b, on_no: b}\n  b: {next: c}\n  c: {terminal: true}\n"
        ),
        LoopCase(
            "a self-transition without retries",
            """
            initial: a
            states:
              a: {action: "echo >> n; [ $(wc -l < n) -ge 4 ]", on_yes: done, on_no: a}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "a long way",
            chain: (0..<60).map { "action: 'echo \($0); exit \($0 % 3)', capture: c\($0 % 7)" }
        ),
    ]

    /// How actions are run.
    static let actions: [LoopCase] = [
        LoopCase(
            "a successor whatever the exit code",
            """
            initial: a
            states:
              a: {action: "exit 7", next: b, capture: x}
              b: {action: "nonexistent-program", next: c}
              c: {action: "exit 124", next: d, evaluate: {type: exit_code}}
              d: {next: done}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "killed by a signal before a successor",
            "initial: a\nstates:\n  a: {action: 'kill -KILL $$', next: b}\n  b: {terminal: true}\n"
        ),
        LoopCase(
            "killed by a signal with a way for errors",
            "initial: a\nstates:\n  a: {action: 'kill -SEGV $$', next: b, on_error: c}\n  b: {terminal: true}\n  c: {terminal: true}\n"
        ),
        LoopCase(
            "exit codes and their verdicts",
            chain: [0, 1, 2, 3, 77, 124, 126, 127, 128, 137, 255].map { "action: 'exit \($0)'" }
        ),
        LoopCase(
            "signals as exit codes",
            chain: ["TERM", "KILL", "HUP", "USR1", "ABRT", "PIPE"].map { "action: 'kill -\($0) $$'" }
        ),
        LoopCase(
            "standard error is captured",
            chain: [
                "action: 'echo out; echo err >&2', capture: x",
                "action: 'printf \"no end\" >&2; printf \"none here\"', capture: y",
                "action: 'no-such-program --at-all', capture: z",
            ]
        ),
        LoopCase(
            "what begins with a slash is a prompt",
            chain: [
                "action: /bin/echo hi", "action: '/bin/echo hi', action_type: shell",
                "action: '/x', action_type: other",
            ]
        ).program("claude", "printf '<%s>\\n' \"$@\" | tee -a calls\n").run("--no-llm"),
        LoopCase(
            "a template may begin with a slash, its value not",
            "context: {p: /bin/echo}\n" + """
                initial: a
                states:
                  a: {action: "${context.p} shell", on_yes: done}
                  done: {terminal: true}
                """
        ),
        LoopCase(
            "prompts of both types",
            chain: [
                "action: 'Look at this\n\n\n    and that', action_type: prompt",
                "action: '/fix all', action_type: slash_command",
                "action: 'exit 3', action_type: prompt, capture: x",
            ]
        ).program(
            "claude",
            "printf '<%s>\\n' \"$@\" >> calls; case \"$*\" in *exit\\ 3*) echo no; exit 3;; esac; echo answer\n"
        ).run("--no-llm"),
        LoopCase("a prompt with a session file", chain: ["action: 'Hi', action_type: prompt"])
            .program("claude", "echo hello\n").run("--no-llm")
            .with {
                $0.home[".claude/projects/PROJECT/agent-1.jsonl"] = "{}"
                $0.home[".claude/projects/PROJECT/0a.jsonl"] = "{}"
            },
        LoopCase("the program for prompts is missing", chain: ["action: 'Hi', action_type: prompt"]).with {
            $0.isBare = true
        },
        LoopCase("the program for tools is missing", chain: ["action: 'a/b', action_type: mcp_tool"]).with {
            $0.isBare = true
        },
        LoopCase("a shell with nothing to say", chain: ["action: ':'", "action: ' '", "action: '# only a comment'"]),
        LoopCase("standard input is the executor's", chain: ["action: 'cat; echo end'"]),
        LoopCase("working directory and environment", chain: ["action: 'pwd; echo $WEATHER; echo $TZ', capture: x"])
            .with { $0.environment["WEATHER"] = "rain" },
        LoopCase("a syntax error of the shell", chain: ["action: 'if then', capture: x"]),
        LoopCase(
            "captures of one name are replaced",
            chain: ["action: 'echo 1', capture: x", "action: 'echo 2', capture: x"]
        ),
        LoopCase("an empty action is none", chain: ["action: ''", "action: null"]),
        LoopCase(
            "two children at once in one action",
            chain: ["action: '(echo a) & (sleep 0.05; echo b) & wait; echo c'"]
        ),
    ]
}
