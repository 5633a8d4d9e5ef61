import ArgumentParser
import LoopModel
import LoopStore

/// `loopsync events`: what runs did, line by line.
struct EventsCommand: Verb {
    static let configuration = verb(
        "events",
        "[LOOP|RUN] [--follow] [--type T] [--lines N]",
        abstract: "Print the events of a run or a loop, and follow them.",
        discussion: """
            Of a loop, the live runs or else the newest one; of all loops without an
            argument. --follow goes on from run to run, whoever archives them, and ends
            with the run where a RUN was named. In a pipe tab-separated values; --json
            prints the lines of the events files themselves.

            Examples:
              loopsync events nightly@latest
              loopsync events 'nightly-*' --follow --type state_enter --type loop_complete
              loopsync events nightly --follow --lines 0 --json | jq -r .event
            """
    )

    @Argument(
        help: ArgumentHelp("A loop, a glob for loops, or a run.", valueName: "loop|run"),
        completion: .loopsAndRuns
    )
    var subject: String?

    @Flag(name: .shortAndLong, help: "Print what is appended from now on too.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "Only events of this name; a glob, may be given again, or several with commas between.",
            valueName: "t"
        ),
        completion: .eventTypes
    )
    var type: [String] = []

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("So many of the lines there are now.", valueName: "n")
    )
    var lines: Int?

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if let lines, lines < 0 || lines > 1_000_000 {
            throw ValidationError("--lines needs a number from 0 to 1000000.")
        }
    }

    func perform() throws -> ExitStatus {
        let places = try LoopsPlace.watched(global)
        do {
            var stream = try EventStream(places, self)
            return try stream.perform()
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the events cannot be read")
        }
    }
}
