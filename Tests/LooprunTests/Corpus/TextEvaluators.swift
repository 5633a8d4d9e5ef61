extension Corpus {
    private static func contains(_ output: String, _ pattern: String, _ more: String = "") -> String {
        let quoted = pattern.replacing("'", with: "''")
        return "action: \"printf '\(output)'\", evaluate: {type: output_contains, pattern: '\(quoted)'\(more)}"
    }

    private static func converge(_ fields: String) -> String {
        "evaluate: {type: convergence, \(fields)}"
    }

    /// Patterns, and numbers that approach another.
    static let textEvaluators: [LoopCase] = [
        LoopCase(
            "patterns that are found and not",
            chain: [
                contains("all tests passed", "passed"), contains("all tests passed", "failed"),
                contains("all tests passed", "passed", ", negate: true"), contains("", "x"), contains("", ""),
                contains("one\\\\ntwo\\\\n", "two$"), contains("one\\\\ntwo\\\\n", "one$"),
                contains("one\\\\ntwo", "^two"),
                contains("one\\\\ntwo", "(?m)^two$"), contains("ONE", "one"), contains("ONE", "(?i)one"),
                contains("a.b", "a.b"),
                contains("axb", "a\\.b"), contains("a\\\\nb", "a.b"), contains("a\\\\nb", "(?s)a.b"),
            ]
        ),
        LoopCase(
            "the language of patterns",
            chain: [
                contains("v12 of 3", "\\d+"), contains("x_y", "\\w+_\\w"), contains("a b", "\\bb\\b"),
                contains("aaa", "^a{2,3}$"),
                contains("abcabc", "(abc)\\1"), contains("foobar", "foo(?=bar)"), contains("foobaz", "foo(?!bar)"),
                contains("barfoo", "(?<=bar)foo"), contains("x", "[^a-f]"), contains("]", "[]a]"),
                contains("aab", "a*?b"),
                contains("k=v", "(?P<key>k)=v"), contains("tab\\\\there", "\\t"), contains("a|b", "a\\|b"),
                contains("cat", "cat|dog"),
                contains("é", "\\w"), contains("٣", "\\d"), contains("end\\\\n", "end\\Z"), contains("end", "end\\Z"),
                contains("start", "\\Astart"),
            ]
        ),
        LoopCase(
            "patterns that are none are text",
            chain: [
                contains("f(x)", "("), contains("fx", "("), contains("a[b", "[b"), contains("2**3", "**"),
                contains("x", "(", ", negate: true"),
                contains("a{1,x}", "a{1,x}"),
            ]
        ),
        LoopCase("a pattern is no template", chain: [contains("x", "${context.x}")], "context: {x: x}"),
        LoopCase(
            "approach to a target",
            """
            initial: a
            states:
              a: {action: "echo 5", capture: m, evaluate: {type: convergence, target: 3, tolerance: 0.5, previous: "${captured.m.output}"}, route: {progress: b, _: z}}
              b: {action: "echo 4", evaluate: {type: convergence, target: 3, tolerance: 0.5, previous: "${prev.output}"}, route: {progress: c, _: z}}
              c: {action: "echo 4", evaluate: {type: convergence, target: 3, tolerance: 0.5, previous: "${prev.output}"}, route: {stall: d, _: z}}
              d: {action: "echo 6", evaluate: {type: convergence, target: 3, previous: "${prev.output}", direction: maximize}, route: {progress: e, _: z}}
              e: {action: "echo 3.2", evaluate: {type: convergence, target: 3, tolerance: "0.5"}, route: {target: done, _: z}}
              z: {terminal: true}
              done: {terminal: true}
            """
        ),
        LoopCase(
            "convergence whose parts are missing or wrong",
            chain: [
                "action: 'echo x', " + converge("target: 1"),
                "action: 'echo 1', " + converge("target: '${captured.no.output}'"),
                "action: 'echo 1', " + converge("target: some"),
                "action: 'echo 1', " + converge("target: 0, tolerance: much"),
                "action: 'echo 1', " + converge("target: 0, tolerance: '${context.t}'"),
                "action: 'echo 1', " + converge("target: 0, previous: nothing"),
                "action: 'echo 1', " + converge("target: 0, previous: '${captured.no.output}'"),
                "action: 'echo nan', " + converge("target: 0, previous: '1'"),
                "action: 'echo inf', " + converge("target: .inf"),
                "action: 'echo 0.3', " + converge("target: 0.1, tolerance: 0.2"),
                "action: 'echo 1e20', " + converge("target: 1, previous: '2e20'"),
                "action: 'echo 5', " + converge("target: 1, previous: '5'"),
                "action: 'echo 5', " + converge("target: '5'"),
            ],
            "context: {t: 2}"
        ),
        LoopCase(
            "evaluation without an action",
            chain: [contains("", "x").split(separator: ", ", maxSplits: 1)[1]].map(String.init)
        ),
    ]
}
