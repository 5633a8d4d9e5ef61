/// A random loop as pairs of keys and texts, so that parts of it can be left out.
struct Machine: Sendable {
    /// One state: its name and what stands in its mapping.
    struct State: Sendable {
        var name: String
        var pairs: [Pair]
    }

    /// A key with its value in YAML.
    struct Pair: Sendable {
        var key: String
        var text: String
    }

    var head: [Pair]
    var states: [State]

    /// The definition.
    var yaml: String {
        let top = ([Pair(key: "name", text: "loop")] + head).map { "\($0.key): \($0.text)\n" }.joined()
        return top + "states:\n"
            + states.map { state in
                "  \(state.name):\n" + state.pairs.map { "    \($0.key): \($0.text)\n" }.joined()
            }.joined()
    }

    /// The machine with something left out, one way each.
    var smaller: [Machine] {
        var found: [Machine] = []
        for index in states.indices {
            var copy = self
            copy.states.remove(at: index)
            found.append(copy)
            for pair in states[index].pairs.indices {
                var copy = self
                copy.states[index].pairs.remove(at: pair)
                found.append(copy)
            }
        }
        for index in head.indices where head[index].key != "initial" {
            var copy = self
            copy.head.remove(at: index)
            found.append(copy)
        }
        return found
    }

    /// As a case of the suite, with the sub-loops that its states may name.
    func loopCase(_ name: String) -> LoopCase {
        LoopCase(name, yaml)
            .loop(
                "ends",
                "context: {v: 1}\ninitial: x\nstates:\n  x: {action: 'echo ${context.v}', capture: v, on_yes: y}\n  y: {terminal: true}\n"
            )
            .loop(
                "fails",
                "initial: x\nstates:\n  x: {action: 'echo z; exit 1', capture: w, on_yes: y}\n  y: {terminal: true}\n"
            )
            .loop("invalid", "initial: nowhere\nstates:\n  y: {terminal: true}\n")
    }
}
