import ArgumentParser
import LoopEngine
import LoopModel
import LoopStore

/// `looprun resume`: goes on with a run.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was killed or has handed over.",
        discussion: """
            The state that it stood in is entered again, with the values that the run was
            given at its start. Runs of little-loops are found too, also the later
            versions' with a time in their name.

            Examples:
              looprun resume fix-tests
              looprun resume fix-tests --interrupted
              looprun resume fix-tests-20261123T201500 --context target=unit
            """
    )

    @Argument(help: ArgumentHelp("The loop, or a run of it as looprun status names it.", valueName: "name"))
    var name: String

    @Flag(help: "Also a run that was stopped in order (interrupted, user_stopped).")
    var interrupted = false

    @OptionGroup(title: "Running") var options: RunOptions
    @OptionGroup(title: "Every verb takes") var place: PlaceOptions

    func run() throws {
        let loops = Loops(place.directory)
        var statuses: Set<RunStatus> = [.running, .awaitingContinuation]
        if interrupted { statuses.formUnion([.interrupted, .userStopped]) }
        let run = try choose(try loops.runs(of: name).filter { statuses.contains($0.state.status) })
        let loop = try loops.load(run.stem.bytes == Array(name.utf8) ? loops.definition(of: run) : name)
        guard loop[run.state.currentState.string] != nil else {
            throw Failure(
                "looprun: the run \(run.stem) stands in the state \(run.state.currentState), which the loop does not have "
                    + "any more: put it back into the loop's file to resume the run, or start anew with looprun run"
            )
        }
        if run.state.status == .awaitingContinuation, !options.quiet, !place.json {
            Output.talk("resuming after a handoff in \(run.state.currentState)")
        }
        let persistence = StatePersistence(
            loopName: JSONString(fileSystemBytes: run.stem.bytes),
            loopsDirectory: place.directory
        )
        let context = JSONObject(options.contextPairs.map { (JSONString($0.key), .string(JSONString($0.value))) })
        try Session(loop, persistence, options, place).perform { [statuses] executor in
            try await executor.resume(from: statuses, context: context)
        }
    }

    /// The run of the plain name, or else the only one there is.
    private func choose(_ runs: [Loops.Run]) throws -> Loops.Run {
        if let plain = runs.first(where: { $0.stem.bytes == Array(name.utf8) }) { return plain }
        guard let only = runs.first else {
            let hint = interrupted ? "" : "; a run that was stopped in order goes on with --interrupted"
            throw Failure("looprun: nothing to resume for \(name)\(hint)")
        }
        guard runs.count == 1 else {
            let names = runs.map(\.stem.description).joined(separator: ", ")
            throw Failure("looprun: several runs of \(name) can be resumed: name one of \(names)")
        }
        return only
    }
}
