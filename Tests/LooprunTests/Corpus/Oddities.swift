extension Corpus {
    private static func yaml(_ name: String, _ text: String) -> LoopCase { LoopCase(name, text) }

    private static func state(_ name: String, _ text: String, _ head: String = "") -> LoopCase {
        LoopCase(name, "initial: a\n\(head)\nstates:\n  a: {\(text)}\n  done: {terminal: true}\n")
    }

    /// What a person may write that nobody thought of.
    static let oddities: [LoopCase] = [
        state(
            "explicit tags",
            #"action: !!str 'echo ${context.x} ${context.y}', next: done"#,
            "context: {x: !!int '3', y: !!str 4}"
        ),
        state("a tag that nobody knows", "action: !thing x, next: done").refused,
        yaml("two documents", "initial: a\nstates:\n  a: {terminal: true}\n---\nname: other\n").refused,
        yaml("a directive and an end", "%YAML 1.1\n---\nname: loop\ninitial: a\nstates:\n  a: {terminal: true}\n...\n")
            .with {
                $0.loops["loop"] = "%YAML 1.1\n---\nname: loop\ninitial: a\nstates:\n  a: {terminal: true}\n...\n"
            },
        LoopCase("a byte order mark", verbatim: "\u{FEFF}name: loop\ninitial: a\nstates:\n  a: {terminal: true}\n"),
        LoopCase(
            "line ends of DOS",
            verbatim:
                "name: loop\r\ninitial: a\r\nstates:\r\n  a:\r\n    action: |\r\n      echo one\r\n      echo two\r\n    next: b\r\n  b: {terminal: true}\r\n"
        ),
        LoopCase("tabs where none may be", verbatim: "name: loop\ninitial: a\nstates:\n\ta: {terminal: true}\n")
            .refused,
        state("a state without a body is refused", "action: 'true', next: b").refused.with {
            $0.loops["loop"] = "name: loop\ninitial: a\nstates:\n  a: {next: b}\n  b:\n  c: {terminal: true}\n"
        },
        yaml("states as a list", "initial: a\nstates: [a, b]\n").refused,
        yaml("no states in it", "initial: a\nstates: {}\n").refused,
        state("a cap that is text", "next: done", "max_iterations: '5'").refused,
        state("a time limit that is text", "next: done", "timeout: soon").refused,
        state("a back-off that is text", "next: done", "backoff: long").refused,
        state("an evaluator that is text", "next: done, evaluate: exit_code").refused,
        state("an evaluator without a type", "on_yes: done, evaluate: {target: 1}").refused,
        state("a route that is text", "action: 'true', route: done").refused,
        state("a name with blanks", "action: 'echo ${state.name}', next: 'all done'").with {
            $0.loops["loop"] =
                "name: my loop\ninitial: 'a b'\nstates:\n  'a b': {action: 'echo \"${state.name}\"', next: 'c: d'}\n  'c: d': {terminal: true}\n"
        },
        state("names that are words of YAML", "next: 'null'").with {
            $0.loops["loop"] =
                "name: loop\ninitial: 'true'\nstates:\n  'true': {next: 'null'}\n  'null': {next: '1'}\n  '1': {terminal: true}\n"
        },
        state("a cap beyond all numbers", "next: done", "max_iterations: 99999999999999999999"),
        state("a variable that is no UTF-8", "action: 'printf \"%s\" \"$ODD\" | od -An -tx1', next: done"),
        state(
            "control characters in a template",
            #"action: "printf '%s\\n' '${context.x}'", next: done"#,
            #"context: {x: "a\tb\u0001c\u007f\u2028d\\n"}"#
        ),
        state(
            "a dollar at every place",
            "action: 'echo $ $$$ $(echo 1) ${context.x}$ $', next: done".replacing("$$$", with: "$x$"),
            "context: {x: v}"
        ),
        state("braces that do not close", "action: 'echo ${context.x ${context.x}', next: done", "context: {x: v}")
            .refused,
        state("blanks inside the braces", "action: 'echo ${ context.x }', next: done", "context: {x: v}"),
        state(
            "keys with dots, blanks and dashes",
            "action: 'echo ${context.a-b} ${context.c d}', next: done",
            "context: {a-b: 1, c d: 2, e.f: 3}"
        ),
        state(
            "a key with a dot cannot be reached",
            "action: 'echo ${context.e.f}', next: done",
            "context: {e: {g: 1}, e.f: 3}"
        ),
        LoopCase(
            "deep context in Python's words",
            #"""
            context: {m: {a: [1.0, 1.0e+3, null, true, {b: "it's"}, 'say "x"', "both ' and \"", "\u00e9\n\t\\\u0001\u00a0\u200b"],
              c: .inf, d: {}, e: [], f: 1e3, "g h": "😀", i: -0.0, j: 1.0e-7}}
            initial: a
            states:
              a:
                action: |
                  cat <<"E"
                  ${context.m}
                  ${context.m.a}
                  E
                on_yes: done
              done: {terminal: true}
            """#
        ),
        state("the model is named on the command line", "action: 'Hi', action_type: prompt, on_yes: done")
            .program(
                "claude",
                "printf '<%s>\\n' \"$@\" >> calls; case \"$*\" in *json-schema*) echo '{\"verdict\": \"yes\"}';; *) echo did it;; esac\n"
            )
            .run("--llm-model", "haiku").inOwnWords,
        state("a tool's time-out", "action: s/t, action_type: mcp_tool, timeout: 1, capture: x, route: {timeout: done}")
            .program("mcp-call", "echo '{}'; exec >&- 2>&-; exec sleep 3\n"),
        state(
            "a fatal error in captured output does not count twice",
            "action: \"echo 'FATAL_ERROR: x'\", capture: x, on_yes: a"
        ),
        LoopCase(
            "the time limit counts over all parts",
            """
            initial: a
            timeout: 1
            states:
              a: {action: "sleep 0.7; if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: x'; fi", on_yes: b}
              b: {action: "echo late", on_yes: done}
              done: {terminal: true}
            """
        ).with { $0.commands = [["run", "loop"], ["resume", "loop"]] },
        LoopCase(
            "a maintained loop is gone on with",
            """
            initial: a
            maintain: true
            max_iterations: 5
            states:
              a: {action: "echo >> n; [ $(wc -l < n) != 2 ] || echo 'CONTEXT_HANDOFF: x'", on_yes: done}
              done: {terminal: true}
            """
        ).with { $0.commands = [["run", "loop"], ["resume", "loop"]] },
        LoopCase(
            "a sub-loop is gone on with from its beginning",
            """
            initial: a
            states:
              a: {action: "if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: x'; fi", on_yes: b}
              b: {loop: child, context_passthrough: true, on_yes: c, on_no: c}
              c: {action: "echo '${captured.b.v.output}'", on_yes: done}
              done: {terminal: true}
            """
        ).loop("child", "initial: x\nstates:\n  x: {action: 'echo in', capture: v, on_yes: y}\n  y: {terminal: true}\n")
            .with { $0.commands = [["run", "loop"], ["resume", "loop"]] },
    ]
}
