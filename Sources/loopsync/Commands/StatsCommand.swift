import ArgumentParser
import LoopModel
import LoopStore
import SyncCore

/// `loopsync stats`: how loops fare.
struct StatsCommand: Verb {
    static let configuration = verb(
        "stats",
        "[LOOP ...] [--since T] [--runs N]",
        abstract: "Show how loops fare: success rate, durations, iterations, busiest states, trend.",
        discussion: """
            The rate counts runs that ended; those handed off or stopped by a person count
            neither way. P90: nine of ten runs took no longer. TREND has the last runs'
            durations, RUNS the last outcomes: ✓ completed, ✗ failed, · neither. For one
            loop the states where its time goes are shown too, of its newest 200 runs.
            Without --loops it tells of the directory here and of all that the
            configuration lists under watch:, each by itself; in JSON an array,
            directories.

            Examples:
              loopsync stats
              loopsync stats nightly --since 30d
              loopsync stats --json | jq '.loops[] | {loop, success_rate}'
            """
    )

    @Argument(help: ArgumentHelp("Loops: names or globs.", valueName: "loop"), completion: .watchedLoops)
    var patterns: [String] = []

    @Option(help: ArgumentHelp("Only runs that ended since: a day, a time or how long ago (7d).", valueName: "when"))
    var since: String?

    @Option(help: ArgumentHelp("So many of a loop's newest runs.", valueName: "n"))
    var runs = 1000

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if runs < 1 { throw ValidationError("--runs needs a number from 1 on.") }
        if let since, When.parse(since, now: WallClock.now()) == nil {
            throw ValidationError("--since '\(since)' is no time: give 2026-11-23, 2026-11-23T20:15:00Z or 7d.")
        }
    }

    func perform() throws -> ExitStatus {
        let earliest = since.flatMap { When.parse($0, now: WallClock.now()) }
        let places = try LoopsPlace.watched(global)
        let collections = try places.map { try RunCollection.read($0) }
        let globs = patterns.map { Glob($0) }
        try RunCollection.requireLoops(globs, in: collections)
        let wanted = collections.map { all in
            all.runs(of: globs).filter { run in
                guard let earliest else { return true }
                return run.archive?.endedAt.map { $0 >= earliest } ?? (run.process != nil)
            }
        }
        // Where time went is shown of one loop of one directory.
        let areStatesRead = global.json || wanted.reduce(0, { $0 + Set($1.map(\.loop)).count }) == 1
        do {
            try showStatistics(
                zip(places, wanted).map { place, found in
                    let loops = try LoopStatistics.all(of: found, most: runs, readingStates: areStatesRead)
                    return LoopStatistics.Directory(path: place.path, loops: loops)
                }
            )
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the events cannot be read")
        }
        let unreadable = collections.flatMap(\.unreadable)
        for problem in unreadable { talk("loopsync: \(problem)") }
        return unreadable.isEmpty ? .done : .partly
    }

    private func showStatistics(_ directories: [LoopStatistics.Directory]) throws {
        if global.json {
            try Output.documents(directories.map { StatisticsRows.json($0.loops, in: $0.path) })
            return
        }
        try Output.data(StatisticsRows.table(directories, isForPeople: terminal.width != nil).rendered(for: terminal))
        let loops = directories.flatMap(\.loops)
        defer { for line in StatisticsRows.limits(loops) { talk("loopsync: \(line)") } }
        guard loops.count == 1, let only = loops.first, terminal.width != nil, !only.states.isEmpty else { return }
        try Output.data("\n" + StatisticsRows.states(only, terminal).rendered(for: terminal))
        try Output.data(StatisticsRows.remark(only))
    }
}
