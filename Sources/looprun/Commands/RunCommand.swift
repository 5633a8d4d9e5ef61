import ArgumentParser
import LoopEngine
import LoopModel
import LoopStore

/// `looprun run`: a loop from its first state.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a loop from its first state.",
        discussion: """
            The files of the run before are set aside under a name of their own.

            Examples:
              looprun run fix-tests
              looprun run fix-tests --context target=unit --delay 2
              looprun run summarise "the notes of this week" --quiet
              looprun run nightly --json --fsync
            """
    )

    @Argument(help: ArgumentHelp("The loop: .loops/NAME.yaml, or a path.", valueName: "name"))
    var name: String

    @Argument(help: ArgumentHelp("The value of the loop's input_key.", valueName: "input"))
    var input: String?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Enter at most so many states, in place of the loop's own limit.", valueName: "count")
    )
    var maxIterations: Int?

    @Flag(name: .customLong("no-llm"), help: "Ask no model for a verdict: the verdict is error then.")
    var noLLM = false

    @Option(
        name: .customLong("llm-model"),
        help: ArgumentHelp("The model that is asked for verdicts.", valueName: "model")
    )
    var llmModel: String?

    @OptionGroup(title: "Running") var options: RunOptions
    @OptionGroup(title: "Every verb takes") var place: PlaceOptions

    func validate() throws {
        if let maxIterations, maxIterations < 0 { throw ValidationError("-n needs a number from 0 on.") }
    }

    func run() throws {
        var loop = try Loops(place.directory).load(name)
        // As in little-loops, 0 leaves the loop's own limit.
        if let maxIterations, maxIterations > 0 { loop.maxIterations = maxIterations }
        if noLLM { loop.llm.enabled = false }
        if let llmModel { loop.llm.model = llmModel }
        if let input { loop.context[JSONString(loop.inputKey)] = .string(JSONString(input)) }
        for (key, value) in options.contextPairs { loop.context[JSONString(key)] = .string(JSONString(value)) }
        let missing = loop.missingContextKeys
        guard missing.isEmpty else {
            let flags = missing.map { "--context \($0)=VALUE" }.joined(separator: " ")
            throw Failure(
                "looprun: the loop \(name) needs values for \(missing.joined(separator: ", ")): add \(flags)"
            )
        }
        let persistence = StatePersistence(loopName: JSONString(loop.name), loopsDirectory: place.directory)
        try Session(loop, persistence, options, place).perform { try await $0.run() }
    }
}
