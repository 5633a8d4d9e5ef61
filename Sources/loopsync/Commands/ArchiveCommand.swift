import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// `loopsync archive`: archives what has ended, now.
struct ArchiveCommand: Verb {
    static let configuration = verb(
        "archive",
        "[LOOP ...] [-n] [--abandoned] [--clear]",
        abstract: "Archive what has ended, without waiting for it to settle.",
        discussion: """
            Prints one row for each run that was archived, or could not be. Works beside a
            running agent and without one. With nothing to do it prints nothing and ends
            with 0.

            Examples:
              loopsync archive
              loopsync archive 'nightly-*' --dry-run
              loopsync archive --abandoned
            """
    )

    @Argument(help: ArgumentHelp("Loops: names or globs; all by default.", valueName: "loop"))
    var patterns: [String] = []

    @Flag(name: [.customShort("n"), .long], help: "Print what would be done and change nothing.")
    var dryRun = false

    @Flag(help: "Archive also runs without an end whose owner is not known.")
    var abandoned = false

    @Flag(help: "Take finished runs that are whole in the history out of .running.")
    var clear = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        let loaded = try Settings.load(global, watched: [place.path])
        for notice in loaded.notices { talk("loopsync: \(notice)") }
        let globs = patterns.map { Glob($0) }
        let rows: [ArchivePass.Row]
        let adopted: Int
        do {
            var pass = try ArchivePass(
                loops: place.loops,
                settings: loaded.configuration.archive,
                options: .init(
                    includes: { loop in globs.isEmpty || globs.contains { $0.matches(loop) } },
                    isDryRun: dryRun,
                    abandoned: abandoned,
                    clear: clear
                )
            )
            rows = try pass.run()
            adopted = pass.adopted.count
        } catch {
            throw Failure(.failed, "\(error): .running cannot be read, so nothing was archived")
        }
        try show(ArchiveRows.table(rows), json: ArchiveRows.json(rows, in: place.path, isDryRun: dryRun))
        if !rows.isEmpty { talk(ArchiveRows.total(rows, isDryRun: dryRun)) }
        if adopted > 0 {
            talk(
                "\(Amount.count(adopted, "run")) that executors had archived got SHA256SUMS, so that the mirror can have them"
            )
        }
        return ArchiveRows.exitStatus(rows)
    }
}
