extension Corpus {
    private static func failing(_ name: String, _ template: String) -> LoopCase {
        LoopCase(
            name,
            "initial: a\nstates:\n  a: {action: 'echo \(template)', on_yes: b, on_error: b}\n  b: {terminal: true}\n"
        )
    }

    /// `${…}` in all its forms.
    static let interpolation: [LoopCase] = [
        LoopCase(
            "every namespace",
            """
            context: {x: {y: deep}}
            initial: first
            states:
              first: {action: "echo out; echo err >&2; exit 3", capture: c, on_error: second}
              second:
                action: |
                  cat <<"E"
                  ${context.x.y} ${captured.c.output} ${captured.c.stderr} ${captured.c.exit_code}
                  ${prev.output} ${prev.exit_code} ${prev.state}
                  ${state.name} ${state.iteration} ${loop.name}
                  ${env.WEATHER} ${context.x}
                  E
                on_yes: done
                on_error: done
              done: {terminal: true}
            """
        ).with { $0.environment["WEATHER"] = "snow ☃" },
        LoopCase(
            "the rest of the namespaces",
            """
            context: {x: {y: deep}}
            initial: first
            states:
              first: {action: "echo ${context.x} ${env.A.B}", capture: c, on_yes: second}
              second: {action: "cat <<'E'\\n${captured.c}\\nE\\n", on_yes: done, on_error: done}
              done: {terminal: true}
            """
        ).with {
            $0.environment["A.B"] = "dotted"
            $0.unlike = [#"duration_ms': \d+"#]
        },
        LoopCase(
            "a capture as a whole",
            """
            initial: first
            states:
              first: {action: "printf 'it''s \\\\ \\t\\n'", capture: c, on_yes: second}
              second: {action: "cat <<'E'\\n${captured.c}\\nE\\n", on_yes: done}
              done: {terminal: true}
            """
        ).with { $0.unlike = [#"duration_ms': \d+"#] },
        LoopCase(
            "escapes",
            """
            context: {x: value}
            initial: a
            states:
              a: {action: 'X=1; echo $${X} $$$${X} $x ${context.x}$${X}${context.x} $ { } ${}', on_yes: b, on_no: b, on_error: b}
              b: {terminal: true}
            """
        ),
        LoopCase(
            "what was inserted is not looked at again",
            """
            context: {x: "$${context.y} and ${context.y}", y: no}
            initial: a
            states:
              a: {action: "echo '${context.x}'", on_yes: b}
              b: {terminal: true}
            """
        ),
        LoopCase(
            "times of the loop",
            """
            initial: a
            states:
              a: {action: "sleep 0.02; echo '${loop.started_at}' '${loop.elapsed_ms}' '${loop.elapsed}'", on_yes: b}
              b: {action: "echo '${loop.elapsed}'", on_yes: done}
              done: {terminal: true}
            """
        ).with { $0.unlike = [#"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}"#, #"'\d+(ms)?'"#, #"\d+ \d+ms"#, #"\d+ms"#] },
        LoopCase(
            "previous output is raw, with its line ends",
            """
            initial: a
            states:
              a: {action: "printf ' x \\n\\n'", on_yes: b}
              b: {action: "printf '[%s]' '${prev.output}'", on_yes: c}
              c: {next: d}
              d: {action: "printf '[%s]' '${prev.output}' '${prev.state}'", on_yes: done}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "templates in source and in targets",
            """
            context: {low: "2", high: 10}
            initial: a
            states:
              a: {action: "echo 5", capture: n, on_yes: b}
              b: {evaluate: {type: output_numeric, source: "${captured.n.output}", operator: gt, target: "${context.low}"}, on_yes: c}
              c: {evaluate: {type: output_numeric, source: "${context.high}", operator: eq, target: " 1_0.0e0 "}, on_yes: d}
              d: {action: "echo 7", evaluate: {type: output_numeric, source: "${captured.zz.output}", operator: eq, target: 7}, on_yes: done}
              done: {terminal: true}
            """
        ),
        failing("no dot", "${HOME}"),
        failing("an unknown namespace", "${weather.today}"),
        failing("an unknown key of a capture", "${captured.never.output}"),
        failing("no previous result", "${prev.output}"),
        failing("an unset variable", "${env.NOBODY_SETS_THIS}"),
        failing("an unknown property of the loop", "${loop.colour}"),
        failing("an unknown property of the state", "${state.colour}"),
        failing("a result that is never there", "${result.verdict}"),
        LoopCase(
            "a list has no keys",
            "context: {l: [1, 2]}\ninitial: a\nstates:\n  a: {action: 'echo ${context.l.0}', on_yes: b}\n  b: {terminal: true}\n"
        ),
        LoopCase(
            "params are interpolated in depth",
            """
            context: {who: "Zoë", n: 3}
            initial: a
            states:
              a:
                action: "${context.who}/tool"
                action_type: mcp_tool
                params: {a: "hi ${context.who}", b: [1, "${context.n}", {c: "${state.name}"}], d: 1.5, e: true, f: null, g: 1e3}
                route: {success: done, _: done}
              done: {terminal: true}
            """
        ).program("mcp-call", "printf '%s\\n' \"$@\" > calls; echo '{\"content\": []}'\n"),
    ]
}
