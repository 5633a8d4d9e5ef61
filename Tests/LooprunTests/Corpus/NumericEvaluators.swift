extension Corpus {
    private static func number(_ output: String, _ comparison: String, _ target: String) -> String {
        "action: \"printf '%s' '\(output)'\", evaluate: {type: output_numeric, operator: \(comparison), target: \(target)}"
    }

    private static func json(_ output: String, _ path: String, _ comparison: String, _ target: String) -> String {
        let quoted = output.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return
            "action: \"printf '%s' '\(quoted)'\", evaluate: {type: output_json, path: \(path), operator: \(comparison), "
            + "target: \(target)}"
    }

    /// Exit codes, numbers and JSON.
    static let numericEvaluators: [LoopCase] = [
        LoopCase(
            "exit codes, asked for",
            chain: [0, 1, 2, 130].map { "action: 'exit \($0)', evaluate: {type: exit_code}" }
        ),
        LoopCase(
            "every comparison",
            chain: ["eq", "ne", "lt", "le", "gt", "ge"].flatMap { comparison in
                ["1", "2", "3"].map { number($0, comparison, "2") }
            }
        ),
        LoopCase(
            "every form of a number",
            chain: [
                "1_000", "1e3", "+5", "-0", " 7 ", "nan", "-NaN", "inf", "-Infinity", "INFINITY", ".5", "5.", "1_0.0_1",
                "1e-7", "1e16",
                "123456789012345680", "0.1", "1e400", "-1e400", "1e-400", "0x10", "1__0", "_1", "1_", "", " ", "1 2",
                "1,5", "1.2.3",
                "e5", "infin", "٣", "１２", "0.30000000000000004", "1E5", "1e+5", "9007199254740993", "5e-324",
                "2.2250738585072014e-308",
            ].map { number($0, "ge", "1") }
        ),
        LoopCase(
            "targets of every form",
            chain: ["1", "1.5", "'2'", "'1e3'", "1e16", "1.0e+16", ".inf", ".nan", "true", "-0.0", "'nan'", "1_000"].map
            {
                number("2", "gt", $0)
            }
        ),
        LoopCase(
            "a target template that fails ends the run",
            chain: ["action: 'echo 1', evaluate: {type: output_numeric, operator: eq, target: '${captured.x.output}'}"]
        ),
        LoopCase("a number of a long text", chain: [number(String(repeating: "word ", count: 60), "eq", "1")]),
        LoopCase(
            "JSON by paths",
            chain: [
                json(#"{"a": {"b": [1, 2.0, "x", null, true]}}"#, ".a.b.1", "eq", "2"),
                json(#"{"a": {"b": [1, 2.0, "x", null, true]}}"#, "a.b.2", "eq", "x"),
                json(#"{"a": {"b": [1, 2.0, "x", null, true]}}"#, "a.b.3", "ne", "x"),
                json(#"{"a": {"b": [1, 2.0, "x", null, true]}}"#, "a.b.4", "ge", "1"),
                json(#"{"a": {"b": [1, 2.0, "x", null, true]}}"#, "a.b", "eq", "[1, 2, x, null, true]"),
                json(#"{"a": {"b": [1, 2.0, "x", null, true]}}"#, "a", "ne", "{b: 1}"),
                json(#"{"a": 1}"#, ".zz", "eq", "1"),
                json(#"{"a": [1]}"#, "a.5", "eq", "1"), json(#"{"a": [1]}"#, "a.-1", "eq", "1"),
                json(#"{"a": [1]}"#, "a.x", "eq", "1"), json(#"{"a": 1}"#, "a.b", "eq", "1"),
                json(#"{"a": 1}"#, "..a", "eq", "1"), json(#"{"": 3}"#, "'.'", "eq", "3"),
                json(#"{"0": "k"}"#, "'0'", "eq", "k"), json("[[1, 2], [3]]", "'1.0'", "lt", "4"),
            ]
        ),
        LoopCase(
            "JSON that is compared",
            chain: [
                json(#"{"a": "text"}"#, "a", "gt", "1"), json(#"{"a": "2"}"#, "a", "eq", "2"),
                json(#"{"a": 2}"#, "a", "eq", "'2'"),
                json(#"{"a": false}"#, "a", "eq", "0"), json(#"{"a": NaN}"#, "a", "ne", "1"),
                json(#"{"a": Infinity}"#, "a", "gt", "1"),
                json(#"{"a": 1e400}"#, "a", "gt", "1"), json(#"{"a": 10000000000000000000001}"#, "a", "gt", "5"),
                json(#"{"a": 1.50}"#, "a", "le", "1.5"), json(#"{"a": null}"#, "a", "lt", "1"),
                json(#"{"a": "é\u00e9😀"}"#, "a", "ne", "x"),
                json(#"{"a": {"k": 1, "b": [true]}}"#, "a", "eq", "{b: [true], k: 1}"),
                json(#"{"a": 1, "a": 2}"#, "a", "eq", "2"),
                json(#"  {"a" : 1}  "#, "a", "eq", "1"), json(#"{"a": -0}"#, "a", "eq", "0"),
                json(#"{"a": -0.0}"#, "a", "eq", "0"),
            ]
        ),
        LoopCase(
            "what is no JSON",
            chain: [
                json("", "a", "eq", "1"), json("nothing", "a", "eq", "1"), json("{\"a\": }", "a", "eq", "1"),
                json("{\"a\": 1,}", "a", "eq", "1"), json("[1, 2", "a", "eq", "1"), json("{'a': 1}", "a", "eq", "1"),
                json("{\"a\" 1}", "a", "eq", "1"), json("{\"a\": 1} x", "a", "eq", "1"), json("\"abc", "a", "eq", "1"),
                json("{\"a\": 01}", "a", "eq", "1"), json("[1 2]", "a", "eq", "1"),
                json("{\"a\": 1 \"b\": 2}", "a", "eq", "1"),
                json("\"\\q\"", "a", "eq", "1"), json("\"\\u12\"", "a", "eq", "1"), json("{1: 2}", "a", "eq", "1"),
                json("tru", "a", "eq", "1"),
            ]
        ),
    ]
}
