import Testing

/// A loop that A and looprun run in directories alike, and what may differ.
struct LoopCase: Sendable, CustomTestStringConvertible {
    /// What is shown, a sentence.
    let name: String
    /// Definitions by their file's name below `.loops`, without `.yaml`.
    var loops: [String: String]
    /// Commands, one after the other, as `ll-loop` and `looprun` both take them.
    var commands: [[String]] = [["run", "loop"]]
    /// Scripts that stand before all other programs on the PATH.
    var programs: [String: String] = [:]
    /// Files of the project.
    var files: [String: String] = [:]
    /// Files of the home directory; `PROJECT` in a path is the name that Claude gives to the project's directory.
    var home: [String: String] = [:]
    /// Variables beside those that every command gets.
    var environment: [String: String] = [:]
    /// Whether nothing but bash is on the PATH.
    var isBare = false
    /// Whether A runs nothing at all, so that there are no events.
    var isRefused = false
    /// Parts of lines that no two runs have alike, such as a time that the loop asked for.
    var unlike: [String] = []
    /// Why looprun's events are to be others than A's, and which.
    var difference: (reason: IntendedDifference, events: [String])?

    /// A case of one loop, named `loop` where the text does not say otherwise.
    init(_ name: String, _ yaml: String) {
        self.name = name
        loops = ["loop": yaml.hasPrefix("name:") ? yaml : "name: loop\n" + yaml]
    }

    /// A case whose definition is taken as it is.
    init(_ name: String, verbatim: String) {
        self.name = name
        loops = ["loop": verbatim]
    }

    /// A case of states that follow each other whatever their verdict; each text is the inside of a flow mapping.
    init(_ name: String, chain states: [String], _ head: String = "") {
        var yaml = "initial: s1\nmax_iterations: 500\n\(head)\nstates:\n"
        for (index, state) in states.enumerated() {
            yaml += "  s\(index + 1): {\(state), route: {_: s\(index + 2)}}\n"
        }
        self.init(name, yaml + "  s\(states.count + 1): {terminal: true}\n")
    }

    /// The same with something changed.
    func with(_ change: (inout LoopCase) -> Void) -> LoopCase {
        var copy = self
        change(&copy)
        return copy
    }

    /// The same with arguments to `run loop`.
    func run(_ arguments: String...) -> LoopCase {
        with { $0.commands = [["run", "loop"] + arguments] }
    }

    /// The same with a program on the PATH.
    func program(_ name: String, _ script: String) -> LoopCase {
        with { $0.programs[name] = "#!/bin/bash\n" + script }
    }

    /// The same with another loop beside it.
    func loop(_ name: String, _ yaml: String) -> LoopCase {
        with { $0.loops[name] = yaml.hasPrefix("name:") ? yaml : "name: \(name)\n" + yaml }
    }

    /// The same with events of looprun that are meant to be others than A's.
    func differs(_ reason: IntendedDifference, _ events: String) -> LoopCase {
        with { $0.difference = (reason, events.split(separator: "\n").map(String.init)) }
    }

    /// The same as a case of which A runs nothing.
    var refused: LoopCase { with { $0.isRefused = true } }

    /// The same where both say something of their own to a model or about one: the question before the output, the
    /// descriptions in the schema, the text of an error.
    var inOwnWords: LoopCase {
        with {
            $0.unlike += [
                #""llm_prompt": "[A-Z][^"\\]*\\n\\n<action_output>"#, #"^<[A-Z][^>]*\.$"#,
                #""description": "[^"]*""#, #""error": "[^"]*""#, #"^\d+$"#,
            ]
        }
    }

    var testDescription: String { name }
}
