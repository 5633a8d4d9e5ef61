import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// `loopsync history`: the archived runs, newest first.
struct HistoryCommand: Verb {
    static let configuration = verb(
        "history",
        "[LOOP ...] [--status S] [--since T] [--until T] [--grep RE] [--sort K] [--limit N] [--here] [--format F]",
        abstract: "List the archived runs, newest first.",
        discussion: """
            Without --loops it goes over the directory here and all that the configuration
            lists under watch:. KEPT says where a run is: here, in the mirror, pinned; what
            was pruned here and is in the mirror still is listed too, unless --here is
            given or a --limit is met without. show, events, diff and restore take it by
            its name.

            On a terminal a table in local time; in a pipe tab-separated values with UTC
            times and sizes in bytes. --format takes text with {id} {loop} {run} {status}
            {started} {ended} {took} {seconds} {states} {final} {size} {bytes} {kept}
            {pinned} {mirrored} {path} {loops} {directory} in it.

            Examples:
              loopsync history
              loopsync history 'nightly-*' --status failed --since 7d
              loopsync history --grep 'timed? out' --sort took
              loopsync history --limit 5 --format '{run}\\t{took}'
              loopsync history --json | jq -r '.runs[].directory'
            """
    )

    @Argument(help: ArgumentHelp("Loops: names or globs.", valueName: "loop"), completion: .watchedLoops)
    var patterns: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only runs that ended so, for instance failed or timed_out,failed; abandoned: those that were killed.",
            valueName: "status"
        ),
        completion: .statuses
    )
    var status: [String] = []

    @Option(help: ArgumentHelp("Only runs that ended since: a day, a time or how long ago (7d).", valueName: "when"))
    var since: String?

    @Option(help: ArgumentHelp("Only runs that ended before.", valueName: "when"))
    var until: String?

    @Option(
        help: ArgumentHelp(
            "Only runs whose events or captures match: a POSIX extended regular expression; without capitals it takes either case.",
            valueName: "re"
        )
    )
    var grep: String?

    @Option(help: ArgumentHelp("By what to sort; times and amounts largest first.", valueName: "k"))
    var sort = RunOrder.ended

    @Flag(help: "Sort the other way round.")
    var reverse = false

    @Option(help: ArgumentHelp("A line per run in this form.", valueName: "f"))
    var format: String?

    @Option(help: ArgumentHelp("At most so many runs.", valueName: "n"))
    var limit: Int?

    @Flag(help: "Leave out runs that only the mirror still has.")
    var here = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit needs a number from 0 on.") }
        if format != nil, global.json { throw ValidationError("--format and --json are two forms: give one of them.") }
        for (option, text) in [("--since", since), ("--until", until)] {
            if let text, When.parse(text, now: WallClock.now()) == nil {
                throw ValidationError("\(option) '\(text)' is no time: give 2026-11-23, 2026-11-23T20:15:00Z or 7d.")
            }
        }
    }

    func perform() throws -> ExitStatus {
        let places = try LoopsPlace.watched(global)
        let now = WallClock.now()
        let earliest = since.flatMap { When.parse($0, now: now) }
        let latest = until.flatMap { When.parse($0, now: now) }
        let wanted = StatusFilter(status)
        let globs = patterns.map { Glob($0) }
        // Whoever sorts otherwise, or looks into the events, needs all of them first.
        let isAsListed = grep == nil && sort == .ended && !reverse
        let listing = try Listing.newest(
            isAsListed ? limit : nil,
            of: places,
            global,
            includingMirrors: !here,
            where: { run in
                guard globs.isEmpty || globs.contains(where: { $0.matches(run.loop) }) else { return false }
                guard wanted.accepts(run.status) else { return false }
                if earliest == nil && latest == nil { return true }
                guard let endedAt = run.endedAt else { return false }
                return endedAt >= (earliest ?? endedAt) && (latest.map { endedAt < $0 } ?? true)
            }
        )
        let sorted = sort.sorted(try matching(listing.runs))
        let shown = Array((reverse ? sorted.reversed() : sorted).prefix(limit ?? .max))
        if let form = try format.map({ try RunFormat($0) }) {
            try Output.data(shown.map { form.line($0) }.joined())
        } else {
            try show(
                RunRows.table(
                    shown,
                    isForPeople: terminal.width != nil,
                    now: now,
                    tellsDirectory: places.count > 1
                ),
                json: RunRows.json(shown, in: places.map(\.path))
            )
        }
        // With filters it may well be that there is none.
        if shown.isEmpty, limit != 0 {
            talkOfMistakes(in: globs, met: [], places)
            for mistake in wanted.mistakes { talk("loopsync: \(mistake)") }
        }
        for absence in listing.absences {
            talk("loopsync: runs that only the mirror has are not listed: \(absence)")
        }
        for problem in listing.unreadable { talk("loopsync: \(problem)") }
        return listing.unreadable.isEmpty ? .done : .partly
    }

    /// The runs that `--grep` leaves.
    private func matching(_ runs: [ListedRun]) throws -> [ListedRun] {
        guard let grep else { return runs }
        let pattern = try RunPattern(grep, isCaseSensitive: grep.contains(where: \.isUppercase))
        do {
            return try runs.filter { try pattern.matches($0.run, in: $0.site.history) }
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): the events cannot be searched")
        }
    }
}
