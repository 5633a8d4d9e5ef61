import ArgumentParser
import LoopModel
import LoopStore
import SyncCore

/// `loopsync history`: the archived runs, newest first.
struct HistoryCommand: Verb {
    static let configuration = verb(
        "history",
        "[LOOP ...] [--status S] [--since T] [--until T] [--limit N]",
        abstract: "List the archived runs, newest first.",
        discussion: """
            On a terminal a table in local time; in a pipe tab-separated values with UTC
            times and sizes in bytes.

            Examples:
              loopsync history
              loopsync history 'nightly-*' --status failed --since 7d
              loopsync history --json | jq -r '.runs[].path'
            """
    )

    @Argument(help: ArgumentHelp("Loops: names or globs.", valueName: "loop"))
    var patterns: [String] = []

    @Option(help: ArgumentHelp("Only runs that ended so, for instance completed or failed.", valueName: "status"))
    var status: [String] = []

    @Option(help: ArgumentHelp("Only runs that ended since: a day, a time or how long ago (7d).", valueName: "when"))
    var since: String?

    @Option(help: ArgumentHelp("Only runs that ended before.", valueName: "when"))
    var until: String?

    @Option(help: ArgumentHelp("At most so many runs.", valueName: "n"))
    var limit: Int?

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit needs a number from 0 on.") }
        for (option, text) in [("--since", since), ("--until", until)] {
            if let text, When.parse(text, now: WallClock.now()) == nil {
                throw ValidationError("\(option) '\(text)' is no time: give 2026-11-23, 2026-11-23T20:15:00Z or 7d.")
            }
        }
    }

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        let now = WallClock.now()
        let earliest = since.flatMap { When.parse($0, now: now) }
        let latest = until.flatMap { When.parse($0, now: now) }
        let wanted = Set(status.map { RunStatus(rawValue: JSONString($0)) })
        let globs = patterns.map { Glob($0) }
        let history = try History.newest(
            limit,
            of: place,
            where: { run in
                guard globs.isEmpty || globs.contains(where: { $0.matches(run.loop) }) else { return false }
                if !wanted.isEmpty { guard let status = run.status, wanted.contains(status) else { return false } }
                if earliest == nil && latest == nil { return true }
                guard let endedAt = run.endedAt else { return false }
                return endedAt >= (earliest ?? endedAt) && (latest.map { endedAt < $0 } ?? true)
            }
        )
        let shown = history.runs
        try show(
            RunRows.table(shown, isForPeople: terminal.width != nil, now: now),
            json: RunRows.json(shown, in: place.path)
        )
        for problem in history.unreadable { talk("loopsync: \(problem)") }
        return history.unreadable.isEmpty ? .done : .partly
    }
}
