import ArgumentParser
import LoopModel
import LoopStore
import SyncCore

/// `loopsync diff`: where two runs of one loop parted.
struct DiffCommand: Verb {
    static let configuration = verb(
        "diff",
        "RUN RUN",
        abstract: "Show where two runs of one loop parted, and what came of it.",
        discussion: """
            Compares stay by stay: the state, its verdict, where it went and the exit code.
            Times and output do not count. Ends with 0 whether they differ or not. In a
            pipe tab-separated values, of which the first says what a line is about: run,
            visit, state or captured.

            Examples:
              loopsync diff nightly@-2 nightly@latest
              loopsync diff nightly@-2 nightly@latest --json | jq .parting
            """
    )

    @Argument(help: ArgumentHelp("Two runs, the earlier one first.", valueName: "run"), completion: .runs)
    var selectors: [String]

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if selectors.count != 2 {
            throw ValidationError("diff takes two runs, for instance nightly@-2 nightly@latest.")
        }
    }

    func perform() throws -> ExitStatus {
        let runs = try RunSearch.runs(named: selectors, in: LoopsPlace.watched(global), global)
        if runs[0].loop != runs[1].loop {
            talk("loopsync: these are runs of two loops, \(runs[0].shownLoop) and \(runs[1].shownLoop)")
        }
        do {
            let report = DifferenceReport(
                left: runs[0],
                right: runs[1],
                leftStory: try runs[0].story(outputLimit: 0),
                rightStory: try runs[1].story(outputLimit: 0),
                captured: (try runs[0].captured(), try runs[1].captured())
            )
            if global.json {
                try Output.document(report.json)
            } else if terminal.width == nil {
                try Output.data(report.values)
                talk(report.sentence)
            } else {
                try Output.data(report.text(for: terminal))
            }
            return .done
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the runs cannot be compared")
        }
    }
}
