import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// `loopsync report`: one HTML file about a directory or some loops.
struct ReportCommand: Verb {
    static let configuration = verb(
        "report",
        "[LOOP ...] [-o FILE]",
        abstract: "Write one HTML file: runs by outcome, durations, states, failures, retention.",
        discussion: """
            The file needs no network and no script, follows the reader's light or dark
            setting, and prints. Without -o it goes to standard output. Of a loop the
            newest 1000 runs are counted, and the events of 200 are read; it says so.

            Examples:
              loopsync report -o report.html
              loopsync report 'nightly*' --since 30d > nightly.html
            """
    )

    @Argument(help: ArgumentHelp("Loops: names or globs.", valueName: "loop"), completion: .loops)
    var patterns: [String] = []

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("The file to write.", valueName: "file")
    )
    var output: String?

    @Option(help: ArgumentHelp("Only runs that ended since: a day, a time or how long ago (7d).", valueName: "when"))
    var since: String?

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if let since, When.parse(since, now: WallClock.now()) == nil {
            throw ValidationError("--since '\(since)' is no time: give 2026-11-23, 2026-11-23T20:15:00Z or 7d.")
        }
    }

    func perform() throws -> ExitStatus {
        if output == nil, terminal.width != nil, !global.json {
            throw Failure(.usage, "the report is a file for a browser: give -o report.html, or redirect")
        }
        let place = try LoopsPlace.open(global)
        let now = WallClock.now()
        let earliest = since.flatMap { When.parse($0, now: now) }
        let all = try RunCollection.read(place)
        let globs = patterns.map { Glob($0) }
        try RunCollection.requireLoops(globs, in: [all])
        let runs = all.runs(of: globs).filter { run in
            guard let earliest else { return true }
            return run.counted.endedAt.map { $0 >= earliest } ?? false
        }
        do {
            let data = try ReportData(
                runs,
                path: ConfigurationLoader.resolve(place.path),
                now: now,
                retention: forecast(place, runs, now: now)
            )
            try write(global.json ? ReportJSON.text(data) : ReportPage.html(data))
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the report cannot be made")
        }
        for problem in all.unreadable { talk("loopsync: \(problem)") }
        return all.unreadable.isEmpty ? .done : .partly
    }

    /// What retention will do with these runs; nil where the settings cannot be read.
    private func forecast(_ place: LoopsPlace, _ runs: [FoundRun], now: Timestamp) throws(PosixError)
        -> (policy: String, forecast: RetentionForecast)?
    {
        guard let loaded = try? Settings.load(global, watched: [place.path]) else { return nil }
        let policy = loaded.configuration.retention
        let pass = RetentionPass(place, loaded, mirror: nil)
        var inventory = RetentionInventory(catalogue: place.catalogue)
        let decisions = try pass.plan(&inventory, at: .now()).plan.decisions
        let shown = Set(runs.compactMap(\.archive?.place))
        var circumstances = RetentionCircumstances(now: now, zone: loaded.zone)
        circumstances.loops = patterns.map { Glob($0) }
        let all = decisions.map(\.run)
        var forecast = RetentionForecast(policy, runs: all, in: circumstances)
        forecast.departures.removeAll { !shown.contains($0.run.place) }
        forecast.runs = all.count { shown.contains($0.place) }
        return (policy.description, forecast)
    }

    private func write(_ text: String) throws {
        guard let output, output != "-" else { return try Output.data(text) }
        try Output.file(output, text)
        talk("wrote \(output)")
    }
}
