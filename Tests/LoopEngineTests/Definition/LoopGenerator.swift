import TestSupport

/// Makes up files of loops, most of them nearly right.
struct LoopGenerator {
    private var random: SplitMix

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
    }

    private mutating func number() -> String {
        random.below(9) > 0
            ? random.pick(["1", "5", "2.5", "10", "0x10", "1_0"])
            : random.pick(["0", "-1", "'5'", "yes", "~", "[1]", "abc", ".inf", ".nan", "-0.5", "1e3", "0.0"])
    }

    private mutating func target() -> String {
        random.below(50) > 0
            ? random.pick(["a", "b", "c", "end", "$current"])
            : random.pick(["x", "~", "''", "\"${context.a}\"", "[a]"])
    }

    private mutating func flag() -> String {
        random.pick(["true", "false", "yes", "no", "1", "0", "''", "text", "~", "[]"])
    }

    private mutating func field(_ choices: [(String, Int)], into lines: inout [String], indent: String) {
        for (name, chance) in choices where random.below(100) < chance {
            let value: String =
                switch name {
                case "action": random.pick(["exit 1", "'true'", "/do it", "''", "~", "\"echo ${context.a}\""])
                case "action_type": random.pick(["shell", "prompt", "slash_command", "mcp_tool", "other", "~"])
                case "params": random.pick(["{a: 1, b: [x]}", "{}", "~", "{k: '${context.a}'}"])
                case "next", "on_yes", "on_no", "on_error", "on_partial", "on_blocked", "on_success", "on_failure",
                    "on_maintain",
                    "on_retry_exhausted":
                    target()
                case "terminal", "context_passthrough", "maintain", "negate", "uncertain_suffix": flag()
                case "capture": random.pick(["x", "~", "''"])
                case "timeout", "max_retries", "max_iterations", "backoff", "default_timeout", "max_stall",
                    "min_confidence":
                    number()
                case "loop": random.pick(["child", "~"])
                case "evaluate": evaluator()
                case "route": route()
                case "name", "initial": random.pick(random.below(20) > 0 ? ["a", "b"] : ["~", "''", "loop"])
                case "context": random.pick(["{a: 1, b: {c: [1, 2.5, yes]}}", "{}", "{a: x}"])
                case "scope": random.pick(["[src]", "[a, b]", "[]"])
                case "llm":
                    random.pick([
                        "{enabled: false}", "{model: x, timeout: 5}", "{max_tokens: 0}", "{timeout: 0.5}", "{}",
                    ])
                case "on_handoff": random.pick(["pause", "spawn", "terminate", "other"])
                case "input_key": random.pick(["input", "what"])
                default: random.pick(["text", "5"])
                }
            lines.append("\(indent)\(name): \(value)")
        }
    }

    private mutating func evaluator() -> String {
        let types = [
            "exit_code", "output_numeric", "output_json", "output_contains", "convergence", "diff_stall",
            "llm_structured", "mcp_result",
        ]
        var parts = random.below(50) > 0 ? ["type: \(random.below(40) > 0 ? random.pick(types) : "other")"] : []
        let fields: [(String, [String])] = [
            ("operator", ["eq", "lt", "ge", "foo", "~"]),
            ("target", ["1", "2.5", "'${context.a}'", "x", "~", "[1]", "{a: 1}", "yes"]),
            ("tolerance", ["0.5", "-1", "'${context.a}'", "~"]), ("pattern", ["'a+'", "x", "~", "'('"]),
            ("path", [".a.b", "a", "~"]),
            ("direction", ["minimize", "maximize", "up"]), ("max_stall", ["1", "2", "0"]),
            ("min_confidence", ["0", "1", "0.5", "2", "-1"]),
            ("negate", ["true", "false"]), ("prompt", ["why", "~"]), ("schema", ["{type: object}", "~"]),
            ("source", ["'${prev.output}'"]),
            ("previous", ["'${captured.x.output}'"]), ("scope", ["[src]"]), ("uncertain_suffix", ["true"]),
            ("unknown", ["1"]),
        ]
        for (name, values) in fields
        where random.below(100) < (["operator", "target", "path", "pattern"].contains(name) ? 92 : 8) {
            parts.append("\(name): \(random.pick(values))")
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    private mutating func route() -> String {
        let verdicts = ["\"yes\"", "\"no\"", "error", "_", "_error", "_other", "partial", "target"]
        let parts = (0..<random.below(4)).map { _ in "\(random.pick(verdicts)): \(target())" }
        return "{\(parts.joined(separator: ", "))}"
    }

    mutating func loop() -> String {
        var lines: [String] = []
        let isWhole = random.below(30) > 0
        field([("name", isWhole ? 100 : 70), ("initial", isWhole ? 100 : 70)], into: &lines, indent: "")
        field(
            [
                ("max_iterations", 15), ("backoff", 10), ("timeout", 10), ("default_timeout", 8), ("maintain", 10),
                ("context", 30),
                ("scope", 10), ("llm", 10), ("on_handoff", 10), ("input_key", 10), ("description", 10),
                ("unknown_key", 5),
            ],
            into: &lines,
            indent: ""
        )
        lines.append("states:")
        for name in ["a", "b", "c", "end"] where name == "end" || random.below(25) > 0 {
            lines.append("  \(name):")
            let before = lines.count
            if name == "end", random.below(12) > 0 { lines.append("    terminal: true") }
            let exits = name == "end" ? 5 : 50
            field(
                [
                    ("action", 70), ("action_type", 15), ("params", 2), ("evaluate", 20), ("on_yes", exits),
                    ("on_no", exits),
                    ("on_error", 15), ("on_partial", 8), ("on_blocked", 8), ("on_success", 8), ("on_failure", 8),
                    ("next", 10),
                    ("route", 15), ("capture", 15), ("timeout", 10), ("on_maintain", 8), ("max_retries", 8),
                    ("on_retry_exhausted", 8),
                    ("loop", 2), ("context_passthrough", 5), ("other", 3),
                ],
                into: &lines,
                indent: "    "
            )
            if name != "end", random.below(20) > 0, !lines[before...].contains(where: { $0.contains("on_yes") }) {
                lines.append("    on_yes: end")
            }
            if lines.count == before { lines.append("    next: end") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
