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
            running agent and without one. With a sync directory set, what it archived goes
            there too; it ends with 4 where that is out of reach. With nothing to do it
            prints nothing and ends with 0.

            Examples:
              loopsync archive
              loopsync archive 'nightly-*' --dry-run
              loopsync archive --abandoned
            """
    )

    @Argument(help: ArgumentHelp("Loops: names or globs; all by default.", valueName: "loop"), completion: .loops)
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
        let hooks = Hooks(loaded, place, isQuiet: global.quiet)
        defer { hooks.finish() }
        let rows: [ArchivePass.Row]
        let adopted: Int
        let ownerless: Int
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
            let meter = meter("archived")
            rows = try pass.run { meter.show($0, of: $1) }
            meter.clear()
            adopted = pass.adopted.count
            ownerless = pass.ownerless
            if !dryRun { hooks.post(rows, pass) }
        } catch {
            throw Failure(.failed, "\(error): .running cannot be read, so nothing was archived")
        }
        let mirrored = dryRun ? Mirrored() : mirror(place, loaded, hooks)
        var document = ArchiveRows.json(rows, in: place.path, isDryRun: dryRun)
        if let rows = mirrored.rows, case .object(var object) = document {
            object["mirror"] = MirrorRows.json(rows, in: place.path, isDryRun: false)
            document = .object(object)
        }
        try show(ArchiveRows.table(rows), json: document)
        talkOfMistakes(in: globs, met: rows.map(\.run.loop), [place])
        if !rows.isEmpty { talk(ArchiveRows.total(rows, isDryRun: dryRun)) }
        if adopted > 0 {
            talk(
                "\(Amount.count(adopted, "run")) that executors had archived got SHA256SUMS, so that the mirror can have them"
            )
        }
        if ownerless > 0 {
            talk(
                "\(Amount.count(ownerless, "run")) left: without an end, and nothing tells whether its executor lives;"
                    + " if it does not: loopsync archive --abandoned"
            )
        }
        for line in mirrored.talk { talk(line) }
        return .worst(of: [ArchiveRows.exitStatus(rows)] + mirrored.statuses)
    }

    /// What became of the mirror.
    private struct Mirrored {
        /// nil where no sync directory is set.
        var rows: [MirrorPass.Row]?
        var talk: [String] = []
        var statuses: [ExitStatus] = []
    }

    private func mirror(_ place: LoopsPlace, _ loaded: ConfigurationLoader.Loaded, _ hooks: Hooks) -> Mirrored {
        guard let pass = place.mirrorPass(loaded) else { return Mirrored() }
        var suspension = pass.open()
        let meter = meter("mirrored")
        let rows = suspension == nil ? pass.run { meter.show($0, of: $1, bytes: $2) } : []
        meter.clear()
        if suspension == nil { suspension = pass.open() }
        var mirrored = Mirrored(rows: rows, statuses: [MirrorRows.exitStatus(rows)])
        if !rows.isEmpty { mirrored.talk.append(MirrorRows.total(rows, isDryRun: false)) }
        for row in rows where row.result.isFailure { mirrored.talk.append("loopsync: \(MirrorRows.line(row))") }
        for notice in pass.takeNotices() { mirrored.talk.append("loopsync: \(notice)") }
        if let suspension {
            hooks.post(suspension)
            mirrored.talk.append("loopsync: \(suspension)")
            mirrored.statuses.append(.mirrorUnavailable)
        }
        return mirrored
    }
}
