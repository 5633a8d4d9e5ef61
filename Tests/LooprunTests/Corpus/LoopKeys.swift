extension Corpus {
    /// What stands at the top of a definition.
    static let loopKeys: [LoopCase] = [
        LoopCase(
            "two states, the second ends",
            """
            description: not used
            initial: a
            states:
              a: {action: "echo hi", on_yes: done}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "the initial state is terminal",
            "initial: done\nstates:\n  done: {terminal: true, action: 'echo never'}\n"
        ),
        LoopCase(
            "a name that is not the file's",
            "name: other-name\ninitial: a\nstates:\n  a: {action: 'true', on_yes: b}\n  b: {terminal: true}\n"
        ),
        LoopCase(
            "a name beyond ASCII",
            "name: héllo 😀\ninitial: a\nstates:\n  a: {action: 'echo ${loop.name}', on_yes: b}\n  b: {terminal: true}\n"
        ),
        LoopCase(
            "context of every type",
            """
            context: {s: text, i: 42, f: 1.5, t: true, n: null, l: [1, two, {k: v}], m: {a: {b: deep}}, e: {}, z: []}
            initial: a
            states:
              a:
                action: 'echo "${context.s}|${context.i}|${context.f}|${context.t}|${context.n}|${context.m.a.b}"'
                on_yes: b
              b: {action: 'cat <<"E"', next: c}
              c:
                action: |
                  cat <<"E"
                  ${context.l} ${context.m} ${context.e} ${context.z}
                  E
                on_yes: done
              done: {terminal: true}
            """
        ),
        LoopCase(
            "a cap on the states that are entered",
            "initial: a\nmax_iterations: 3\nstates:\n  a: {action: 'false', on_no: a, on_yes: b}\n  b: {terminal: true}\n"
        ),
        LoopCase(
            "the cap is used up at the terminal state",
            "initial: a\nmax_iterations: 1\nstates:\n  a: {action: 'true', on_yes: b}\n  b: {terminal: true}\n"
        ),
        LoopCase(
            "without a cap there are fifty",
            "initial: a\nstates:\n  a: {on_yes: a, on_no: b}\n  b: {terminal: true}\n"
        ),
        LoopCase(
            "a state that nothing leads to is no error",
            "initial: a\nstates:\n  a: {next: b}\n  b: {terminal: true}\n  c: {next: b}\n"
        ),
        LoopCase(
            "a back-off",
            "initial: a\nbackoff: 0.15\nstates:\n  a: {action: 'true', on_yes: b}\n  b: {terminal: true}\n"
        ),
        LoopCase(
            "the loop's own time limit",
            """
            initial: a
            timeout: 1
            states:
              a: {action: "sleep 0.6", on_yes: a, on_no: done}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "a default time-out that is kept",
            """
            initial: a
            default_timeout: 5
            states:
              a: {action: "echo quick", on_yes: done}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "unknown keys are no error",
            """
            initial: a
            colour: green
            states:
              a: {action: "echo hi", on_yes: done, shade: dark, evaluate: {type: exit_code, tint: 3}}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "a scope of two paths",
            """
            initial: a
            scope: [src/, "docs"]
            states:
              a: {action: 'sed "s/[0-9][0-9.T:+-]*/N/g" .loops/.running/loop.lock | tr -d "\\n" | sed "s#[^\\"]*/##g"', next: done}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "another key for the input",
            """
            initial: a
            input_key: topic
            states:
              a: {action: "echo ${context.topic}", on_yes: done}
              done: {terminal: true}
            """
        ).run("snow and ice"),
        LoopCase(
            "an `.fsm.yaml` comes before a `.yaml`",
            "initial: a\nstates:\n  a: {action: 'echo wrong', on_yes: b}\n  b: {terminal: true}\n"
        ).with {
            $0.loops["loop.fsm"] =
                "name: loop\ninitial: a\nstates:\n  a: {action: 'echo right', on_yes: b}\n  b: {terminal: true}\n"
        },
    ]

    /// What YAML makes of a text.
    static let yaml: [LoopCase] = [
        LoopCase(
            "numbers of YAML 1.1 in the context",
            """
            context: {a: 1_000, b: 0o17, c: 017, d: 0x1F, e: 1e16, f: 1.0e+16, g: .inf, h: -.inf, i: .nan, j: 1:30, k: 0b101,
              l: +12, m: 1., n: .5, o: 1e-5, p: 1.0e-05, q: 0.0001, r: 123456789012345678, s: "12", t: -0.0, u: 1:30.5}
            initial: a
            states:
              a:
                action: |
                  cat <<"E"
                  ${context.a} ${context.b} ${context.c} ${context.d} ${context.e} ${context.f} ${context.g} ${context.h}
                  ${context.i} ${context.j} ${context.k} ${context.l} ${context.m} ${context.n} ${context.o} ${context.p}
                  ${context.q} ${context.r} ${context.s} ${context.t} ${context.u}
                  E
                on_yes: done
              done: {terminal: true}
            """
        ),
        LoopCase(
            "words of YAML 1.1 in the context",
            """
            context: {a: yes, b: No, c: on, d: OFF, e: ~, f: null, g: "yes", h: y, i: TRUE, j: "", k: ! x, l: NULL}
            initial: a
            states:
              a:
                action: |
                  echo "${context.a} ${context.b} ${context.c} ${context.d} ${context.e} ${context.f} ${context.g}"
                  echo "${context.h} ${context.i} ${context.j} ${context.l}"
                on_yes: done
              done: {terminal: true}
            """
        ),
        LoopCase(
            "anchors, aliases and merge keys",
            """
            context: &c {x: 1, y: 2}
            x-base: &base
              on_yes: done
              action: echo base
            initial: a
            states:
              a: {<<: *base, action: "echo own ${context.x}", on_yes: b}
              b: *base
              done: {terminal: true}
            """
        ),
        LoopCase(
            "block scalars in all forms",
            """
            initial: a
            states:
              a:
                action: |
                  echo one
                  echo "two  "
                on_yes: b
              b:
                action: >
                  echo folded
                  into one

                  echo next
                on_yes: c
              c:
                action: >-
                  echo stripped
                on_yes: d
              d:
                action: |+
                  echo kept

                on_yes: done
              done: {terminal: true}
            """
        ),
        LoopCase(
            "text beyond ASCII, escapes and quotes",
            #"""
            initial: a
            states:
              a: {action: "printf '%s\n' \"h\u00e9 \U0001F600 \\t\"", on_yes: b}
              b: {action: 'printf "%s\n" ''it''''s'' "ü — ☃"', on_yes: done}
              done: {terminal: true}
            """#
        ),
        LoopCase(
            "a key that comes twice counts last",
            "initial: a\nstates:\n  a: {action: 'echo 1', action: 'echo 2', on_yes: b}\n  b: {terminal: true}\n"
        ),
        LoopCase("no YAML at all", verbatim: "name: loop\ninitial: [a\nstates: }\n").refused,
    ]
}
