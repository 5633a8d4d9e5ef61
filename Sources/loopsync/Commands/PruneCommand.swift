import ArgumentParser
import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// `loopsync prune`: removes what the retention policy does not keep.
struct PruneCommand: Verb {
    static let configuration = verb(
        "prune",
        "[LOOP ...] [-n] [--force] [--empty-trash]",
        abstract: "Remove what the retention policy does not keep.",
        discussion: """
            Prints each run that goes, with every reason. Removed runs stay in the trash
            for retention.trash_for; loopsync restore brings them back. Without a keep_*
            or max_* key nothing is ever removed. Ends with 5 where a safety valve holds a
            loop back. In a pipe tab-separated values with UTC times and sizes in bytes;
            the totals go to standard error.

            Examples:
              loopsync prune --dry-run
              loopsync prune 'nightly-*'
              loopsync prune --empty-trash
            """
    )

    @Argument(help: ArgumentHelp("Loops: names or globs; all by default.", valueName: "loop"), completion: .loops)
    var patterns: [String] = []

    @Flag(name: [.customShort("n"), .long], help: "Print the same plan and change nothing.")
    var dryRun = false

    @Flag(help: "Carry out a plan that a safety valve holds back.")
    var force = false

    @Flag(help: "Delete what was removed before for good, now.")
    var emptyTrash = false

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if emptyTrash && dryRun { throw ValidationError("--empty-trash and --dry-run exclude each other.") }
        if emptyTrash && !patterns.isEmpty {
            throw ValidationError("--empty-trash empties the whole trash; give no loop.")
        }
    }

    func perform() throws -> ExitStatus {
        let place = try LoopsPlace.open(global)
        let loaded = try Settings.load(global, watched: [place.path])
        for notice in loaded.notices { talk("loopsync: \(notice)") }
        do {
            let lock = dryRun ? nil : try place.lock()
            defer { withExtendedLifetime(lock) {} }
            let mirror = place.mirrorPass(loaded)
            let pass = RetentionPass(place, loaded, mirror: mirror)
            if pass.isMirrored != nil, let mirror, mirror.wasUsed, let suspension = mirror.open() {
                talk("loopsync: \(suspension)")
            }
            var inventory = RetentionInventory(catalogue: place.catalogue)
            let globs = patterns.map { Glob($0) }
            let trash = Trash(place.loops)
            // What this prune moves there has its time in the trash before it, as the text printed for it says.
            let (planned, listed) = Parallel.both {
                Result { () throws(PosixError) in
                    try pass.plan(&inventory, at: .now(), isForced: force, loops: globs)
                }
            } _: { [emptyTrash] in
                Result { () throws(PosixError) in emptyTrash ? try trash.entries() : [] }
            }
            let (prepared, trashed) = (try planned.get(), try listed.get())
            let meter = meter("removed")
            defer { meter.clear() }
            var looked = 0
            let total = prepared.plan.removals.count
            var outcome =
                dryRun
                ? nil
                : pass.carryOut(prepared) {
                    meter.show(looked, of: total)
                    looked += 1
                    return false
                }
            // Before anything is said, which would leave it standing above.
            meter.clear()
            if emptyTrash {
                let gone = Set(outcome?.emptied ?? [])
                let doomed = trashed.filter { !gone.contains($0) }
                let emptying = self.meter("deleted")
                defer { emptying.clear() }
                let (deleted, failures) = try trash.deleteAll(doomed, by: Parallel.forEach) { count in
                    emptying.show(count, of: doomed.count)
                    return true
                }
                outcome?.emptied += deleted
                outcome?.failures += failures
            }
            talkOfMistakes(in: globs, met: prepared.plan.decisions.lazy.map(\.run.loop), [place])
            return try tell(
                PruneReport(pass: pass, prepared: prepared, outcome: outcome, mirrorLacks: mirror?.absence)
            )
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): nothing more was removed")
        }
    }

    private func tell(_ report: PruneReport) throws -> ExitStatus {
        if global.json {
            try Output.document(report.json)
        } else {
            if let head = report.head { talk(head) }
            let terminal = terminal
            try Output.data(report.table(isForPeople: terminal.width != nil).rendered(for: terminal))
            if let summary = report.summary { talk(summary) }
        }
        for line in report.problems { talk("loopsync: \(line)") }
        return report.exitStatus
    }
}

extension RetentionPass {
    /// A pass by the configuration; a run that the policy wants mirrored first is asked for in the mirror.
    init(_ place: LoopsPlace, _ loaded: ConfigurationLoader.Loaded, mirror: MirrorPass?) {
        let policy = loaded.configuration.retention
        self.init(
            place.loops,
            policy: policy,
            zone: loaded.zone,
            spreading: Parallel.forEach,
            isMirrored: policy.requireMirrored && !policy.keepsEverything ? mirror?.holder() : nil,
            presumeMirrored: mirror.map { mirror in { mirror.holder(of: $0) } },
            emptyMirrorTrash: mirror.map { mirror in { mirror.emptyTrash(removedBefore: $0) } }
        )
    }
}
