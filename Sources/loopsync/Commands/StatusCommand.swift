import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent

/// `loopsync status`: how it stands, without changing anything.
struct StatusCommand: Verb {
    static let configuration = verb(
        "status",
        "[--follow]",
        abstract: "Show the agent, the live runs, the history and the mirror.",
        discussion: """
            Without --loops it tells of the directory here and of all that the
            configuration lists under watch:. Whether an agent watches is judged by the
            lock that it holds. Ends with 3 where something needs a person, or a run is
            live and no agent watches. --follow redraws in place until ^C or q; in a pipe,
            and with --json as JSON Lines, it prints anew what has changed.

            Examples:
              loopsync status
              loopsync status --follow
              loopsync status --json | jq .agent.mirror
            """
    )

    @Flag(name: .shortAndLong, help: "Show it live.")
    var follow = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        let readers = try LoopsPlace.watchedPaths(global).map { StatusReader($0, global) }
        guard !follow else {
            try StatusFollower(readers, terminal, isJSON: global.json).run()
            return .done
        }
        let report = try readers.overview(now: WallClock.now())
        if global.json {
            try Output.document(report.json)
        } else {
            try Output.data(report.text(for: terminal))
        }
        return report.exitStatus
    }
}
