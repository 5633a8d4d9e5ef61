import ArgumentParser
import LoopModel
import LoopStore

/// `loopsync show`: one run told as a story.
struct ShowCommand: Verb {
    static let configuration = verb(
        "show",
        "RUN [--all] [--tail N]",
        abstract: "Tell one run as a story: states, verdicts, times, captures, the end.",
        discussion: """
            RUN may be live, archived, or pruned here and in the mirror still. AT counts
            from the run's begin, EXIT is the last action's exit code in that state, THEN
            the state after it. Of a long run the first and last states are shown.

            Examples:
              loopsync show nightly@latest
              loopsync show nightly@-2 --tail 100
              loopsync show nightly@-2 --json | jq '.states[] | {state, seconds}'
            """
    )

    @Argument(help: ArgumentHelp("A run.", valueName: "run"), completion: .runs)
    var selector: String

    @Flag(help: "Show every stay in a state.")
    var all = false

    @Option(help: ArgumentHelp("So many of the last lines of output.", valueName: "n"))
    var tail = 20

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if tail < 0 || tail > 1_000_000 { throw ValidationError("--tail needs a number from 0 to 1000000.") }
    }

    func perform() throws -> ExitStatus {
        let run = try RunSearch.runs(named: [selector], in: LoopsPlace.watched(global), global)[0]
        do {
            let story = try run.story(outputLimit: tail)
            let captured = try run.captured()
            if global.json {
                try Output.document(StoryJSON.document(run, story, captured: captured))
            } else {
                try Output.data(
                    StoryText(run: run, story: story, captured: captured, terminal: terminal, isWhole: all).text
                )
            }
            return .done
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the run cannot be told")
        }
    }
}
