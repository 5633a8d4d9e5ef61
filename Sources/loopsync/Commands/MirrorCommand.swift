import ArgumentParser
import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// `loopsync mirror`: brings the sync directory up to date.
struct MirrorCommand: Verb {
    static let configuration = verb(
        "mirror",
        "[-n] [--adopt]",
        abstract: "Bring the archived runs in the sync directory up to date.",
        discussion: """
            Prints one row for each run that was mirrored, or could not be. Ends with 4
            where the sync directory is missing, replaced or another's; nothing is written
            there then. Live runs are followed by the agent.

            Examples:
              loopsync mirror --sync ~/Sync/loops
              loopsync mirror --dry-run
              loopsync mirror --adopt
            """
    )

    @Flag(name: [.customShort("n"), .long], help: "Print what would be done and change nothing.")
    var dryRun = false

    @Flag(help: "Accept what is in the sync directory now as the mirror, for instance a replaced disk.")
    var adopt = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if dryRun && adopt { throw ValidationError("--dry-run and --adopt exclude each other.") }
    }

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        let loaded = try Settings.load(global, watched: [place.path])
        for notice in loaded.notices { talk("loopsync: \(notice)") }
        guard let pass = place.mirrorPass(loaded) else {
            throw Failure(.usage, "no sync directory is set: give --sync DIR, or mirror.to in the configuration")
        }
        if let suspension = suspension(of: pass) { throw Failure(.mirrorUnavailable, suspension.description) }
        let rows: [MirrorPass.Row]
        do {
            let meter = meter("mirrored")
            defer { meter.clear() }
            rows = dryRun ? try pass.preview() : pass.run { meter.show($0, of: $1, bytes: $2) }
        } catch {
            throw Failure(.failed, "\(error): the mirror cannot be compared")
        }
        try show(MirrorRows.table(rows), json: MirrorRows.json(rows, in: place.path, isDryRun: dryRun))
        if !rows.isEmpty { talk(MirrorRows.total(rows, isDryRun: dryRun)) }
        for notice in pass.takeNotices() { talk("loopsync: \(notice)") }
        if !dryRun, let suspension = pass.open() { throw Failure(.mirrorUnavailable, suspension.description) }
        return MirrorRows.exitStatus(rows)
    }
}

extension MirrorCommand {
    /// Why the mirror cannot be used; a dry run does not make it.
    private func suspension(of pass: MirrorPass) -> MirrorSuspension? {
        guard dryRun else { return pass.open(isAdopting: adopt) }
        switch pass.look() {
        case .made: return pass.open()
        case .unmade: return nil
        case .suspended(let suspension): return suspension
        }
    }
}

extension LoopsPlace {
    /// The mirror that the settings ask for, else the last agent's; nil where there is none.
    func mirrorPass(_ loaded: ConfigurationLoader.Loaded) -> MirrorPass? {
        var settings = loaded.configuration.mirror
        if settings.to == nil { settings.to = RememberedSync.path(in: loops) }
        return MirrorPass(
            loops: loops,
            path: ConfigurationLoader.resolve(path),
            settings: settings,
            process: getpid(),
            baseline: { [catalogue] marker, path in catalogue.index()?.baseline(ofMirror: marker, at: path) }
        )
    }
}
