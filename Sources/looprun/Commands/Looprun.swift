import ArgumentParser
import CommandLineKit
import LoopModel

/// The root: it only has verbs.
struct Looprun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "looprun",
        abstract: "Runs loops: finite-state machines of commands and prompts.",
        discussion: """
            A loop is a file .loops/NAME.yaml. While it runs, its events go to
            .loops/.running/NAME.events.jsonl and its state to NAME.state.json, as
            little-loops 1.52.0 writes them; loopsync archives, prunes and mirrors them.

            Examples:
              looprun run fix-tests
              looprun run fix-tests --context target=unit -n 20
              looprun run summarise "the notes of this week" --json | jq .event
              looprun status fix-tests
              looprun stop fix-tests
              looprun resume fix-tests
              looprun validate fix-tests

            Ctrl-C or SIGTERM ends the action and then the run, which is saved as
            interrupted; a second one exits at once, and saves it so as well.

            Exit status: 0 the loop reached a terminal state, was asked to end or has
            handed over; 1 it ended otherwise, or was not run; 64 usage.
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, ResumeCommand.self, StopCommand.self, StatusCommand.self, ListCommand.self,
            ValidateCommand.self,
        ]
    )

    /// Finds the verb between the options of `PlaceOptions`.
    static var verbFirst: VerbFirst {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        return VerbFirst(
            program: "looprun",
            valued: ["--loops"],
            flags: ["--json"],
            verbs: Dictionary(names.map { ($0, []) }) { first, _ in first }
        )
    }
}
