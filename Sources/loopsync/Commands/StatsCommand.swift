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

            Examples:
              loopsync stats
              loopsync stats nightly --since 30d
              loopsync stats --json | jq '.loops[] | {loop, success_rate}'
            """
    )

    @Argument(help: ArgumentHelp("Loops: names or globs.", valueName: "loop"), completion: .loops)
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
        let place = try LoopsPlace.open(global)
        let earliest = since.flatMap { When.parse($0, now: WallClock.now()) }
        let all = try RunCollection.read(place)
        let wanted = try all.runs(of: patterns).filter { run in
            guard let earliest else { return true }
            return run.archive?.endedAt.map { $0 >= earliest } ?? (run.process != nil)
        }
        do {
            let loops = try LoopStatistics.all(of: wanted, most: runs, readingStates: global.json ? .max : 1)
            try showStatistics(loops, path: place.path)
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the events cannot be read")
        }
        for problem in all.unreadable { talk("loopsync: \(problem)") }
        return all.unreadable.isEmpty ? .done : .partly
    }

    private func showStatistics(_ loops: [LoopStatistics], path: String) throws {
        if global.json {
            try Output.document(StatisticsRows.json(loops, in: path))
            return
        }
        try Output.data(StatisticsRows.table(loops).rendered(for: terminal))
        defer { for line in StatisticsRows.limits(loops) { talk("loopsync: \(line)") } }
        guard loops.count == 1, let only = loops.first, terminal.width != nil, !only.states.isEmpty else { return }
        try Output.data("\n" + StatisticsRows.states(only, terminal).rendered(for: terminal))
        try Output.data(StatisticsRows.remark(only))
    }
}
