import TestSupport

extension Machine {
    /// The machine of a seed.
    init(seed: UInt64) {
        var making = MachineMaking(seed: seed)
        self = making.machine()
    }
}

/// Makes machines whose runs depend on nothing but their text.
private struct MachineMaking {
    private var random: SplitMix
    private var names: [String] = []
    private var captures: [String] = []

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
    }

    private mutating func happens(_ percent: Int) -> Bool { random.below(100) < percent }

    mutating func machine() -> Machine {
        let works = (0..<(2 + random.below(5))).map { "s\($0)" }
        let ends = (0...random.below(2)).map { "t\($0)" }
        names = works + ends
        captures = works.prefix(3).map { "c\($0)" }
        var head = [
            Machine.Pair(key: "initial", text: happens(90) ? works[0] : random.pick(names)),
            Machine.Pair(key: "max_iterations", text: "\(3 + random.below(12))"),
            Machine.Pair(key: "context", text: "{n: 3, f: 1.5, w: word, l: [1, two], e: null, d: {k: v}}"),
        ]
        if happens(15) { head.append(Machine.Pair(key: "maintain", text: "true")) }
        if happens(20) { head.append(Machine.Pair(key: "on_handoff", text: random.pick(["pause", "terminate"]))) }
        let states =
            works.map { name in Machine.State(name: name, pairs: work(name)) }
            + ends.map { name in
                Machine.State(
                    name: name,
                    pairs: [Machine.Pair(key: "terminal", text: "true")]
                        + (happens(40) ? [Machine.Pair(key: "on_maintain", text: random.pick(works))] : [])
                )
            }
        return Machine(head: head, states: states)
    }

    private mutating func work(_ name: String) -> [Machine.Pair] {
        var pairs: [Machine.Pair] = []
        if happens(8) {
            pairs.append(Machine.Pair(key: "loop", text: random.pick(["ends", "ends", "fails", "invalid", "absent"])))
            if happens(50) { pairs.append(Machine.Pair(key: "context_passthrough", text: "true")) }
            return pairs + shorthands()
        }
        if happens(92) {
            pairs.append(Machine.Pair(key: "action", text: Self.quoted(action(name))))
            if happens(10) { pairs.append(Machine.Pair(key: "action_type", text: random.pick(["shell", "other"]))) }
            if happens(45) { pairs.append(Machine.Pair(key: "capture", text: random.pick(captures))) }
        }
        if happens(12) {
            pairs.append(Machine.Pair(key: "next", text: random.pick(names)))
            if happens(40) { pairs += shorthands() }
        } else {
            if happens(55) { pairs.append(Machine.Pair(key: "evaluate", text: evaluator())) }
            pairs += happens(55) ? shorthands() : [route()]
        }
        if happens(25) {
            pairs.append(Machine.Pair(key: "max_retries", text: "\(1 + random.below(3))"))
            pairs.append(Machine.Pair(key: "on_retry_exhausted", text: random.pick(names)))
        }
        if happens(12) { pairs.append(Machine.Pair(key: "on_maintain", text: random.pick(names))) }
        return pairs
    }

    private mutating func target() -> String { happens(10) ? "$current" : random.pick(names) }

    private mutating func shorthands() -> [Machine.Pair] {
        var pairs: [Machine.Pair] = []
        for (key, chance) in [("on_yes", 85), ("on_no", 75), ("on_error", 50), ("on_partial", 5), ("on_success", 10)]
        where happens(chance) {
            pairs.append(Machine.Pair(key: key, text: Self.quoted(target())))
        }
        return pairs.isEmpty ? [Machine.Pair(key: "on_no", text: Self.quoted(target()))] : pairs
    }

    private mutating func route() -> Machine.Pair {
        var entries: [String] = []
        for key in ["yes", "no", "error", "target", "progress", "stall", "_", "_error", "_other"]
        where happens(key == "_" ? 35 : key == "_other" ? 5 : 50) {
            entries.append("'\(key)': \(Self.quoted(target()))")
        }
        return Machine.Pair(key: "route", text: "{\(entries.joined(separator: ", "))}")
    }

    private mutating func value() -> String {
        let capture = random.pick(captures)
        return random.pick([
            "${context.n}", "${context.f}", "${context.w}", "${context.l}", "${context.d}", "${context.e}",
            "${state.name}",
            "${state.iteration}", "${loop.name}", "${env.LANG}", "$${x}", "${prev.output}", "${prev.exit_code}",
            "${prev.state}",
            "${captured.\(capture).output}", "${captured.\(capture).exit_code}", "plain",
        ])
    }

    private mutating func action(_ name: String) -> String {
        let code = random.pick([0, 0, 0, 1, 1, 2, 7])
        switch random.below(100) {
        case ..<18: return "exit \(code)"
        case ..<36: return "echo \(random.below(6)); exit \(code)"
        case ..<50: return "echo >> n-\(name); n=$(wc -l < n-\(name)); echo $n; [ $n -ge \(1 + random.below(4)) ]"
        case ..<72: return "cat <<\"E\"\n\(value()) \(value())\nE\nexit \(code)"
        case ..<80: return "echo '{\"v\": \(random.below(4)), \"w\": [true, \"x\"]}'; exit \(code)"
        case ..<85: return "echo out; echo err >&2; exit \(code)"
        case ..<87: return "printf ' a\\r\\nb\\n\\n'; exit \(code)"
        case ..<89: return "kill -KILL $$"
        case ..<93: return "echo 'x LOOP_STOP: enough'; exit \(code)"
        case ..<95: return "echo 'FATAL_ERROR: broken'; exit \(code)"
        case ..<99: return "echo 'CONTEXT_HANDOFF: go on'; exit \(code)"
        default: return "no-such-program-anywhere"
        }
    }

    private mutating func evaluator() -> String {
        let comparison = random.pick(["eq", "ne", "lt", "le", "gt", "ge"])
        let source = happens(30) ? ", source: \(Self.quoted(value()))" : ""
        switch random.below(6) {
        case 0: return "{type: exit_code}"
        case 1, 2:
            let target = random.pick([
                "1", "2", "3.0", "'2'", Self.quoted("${context.n}"), Self.quoted("${prev.exit_code}"),
            ])
            return "{type: output_numeric, operator: \(comparison), target: \(target)\(source)}"
        case 3:
            let pattern = random.pick(["o", "^\\d", "x$", "(", "[a-f]+", "v.: 1"])
            return "{type: output_contains, pattern: \(Self.quoted(pattern)), negate: \(happens(20))\(source)}"
        case 4:
            let path = random.pick(["v", ".v", "w.0", "w.1", "none"])
            return
                "{type: output_json, path: \(path), operator: \(comparison), target: \(random.pick(["1", "2.0", "x", "true"]))}"
        default:
            return "{type: convergence, target: \(random.below(4)), tolerance: \(random.pick(["0", "1", "0.5"])), "
                + "previous: '${prev.output}', direction: \(random.pick(["minimize", "maximize"]))\(source)}"
        }
    }

    /// A text as YAML quotes it; line ends survive in double quotes alone.
    private static func quoted(_ text: String) -> String {
        "\""
            + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            + "\""
    }
}
