import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// `loopsync --watch DIR --once`: archive, mirror and prune what is due, then end.
struct OnceCommand {
    let loaded: ConfigurationLoader.Loaded
    let global: GlobalOptions

    /// What was done in one directory.
    private struct Done {
        var said: [Said] = []
        var document: JSONObject
        var problems: [String] = []
        var statuses: [ExitStatus] = []
    }

    private enum Said {
        case rows(Table)
        case talk(String?)
    }

    func perform() throws -> ExitStatus {
        if !global.quiet { for notice in loaded.notices { Output.talk("loopsync: \(notice)") } }
        var all: [Done] = []
        for path in loaded.configuration.watch { all.append(work(in: path)) }
        if global.json {
            try Output.document(.array(all.map { .object($0.document) }))
        } else {
            for said in all.flatMap(\.said) { try say(said) }
        }
        if !global.quiet { for problem in all.flatMap(\.problems) { Output.talk("loopsync: \(problem)") } }
        return .worst(of: all.flatMap(\.statuses))
    }

    private func say(_ said: Said) throws {
        switch said {
        case .rows(let table): try Output.data(table.rendered(for: .current(global.color)))
        case .talk(let text): if let text, !global.quiet { Output.talk(text) }
        }
    }

    /// Does it for one directory; what fails there keeps nothing else from being done.
    private func work(in path: String) -> Done {
        var done = Done(document: ["loops": .string(JSONString(path))])
        var options = global
        options.loops = path
        do {
            let place = try LoopsPlace.open(options)
            let hooks = Hooks(loaded, place, isQuiet: global.quiet)
            defer { hooks.finish() }
            // Whatever fails is told; the next step works with what is there.
            attempt(&done) { done in try archive(place, hooks, &done) }
            let pass = place.mirrorPass(loaded)
            if let pass { attempt(&done) { done in try mirror(pass, place, hooks, &done) } }
            attempt(&done) { done in try prune(place, pass, &done) }
        } catch {
            note(error, in: &done)
        }
        return done
    }

    private func attempt(_ done: inout Done, _ step: (inout Done) throws -> Void) {
        do {
            try step(&done)
        } catch {
            note(error, in: &done)
        }
    }

    private func note(_ error: any Error, in done: inout Done) {
        if let failure = error as? Failure {
            done.problems.append(failure.message)
            done.statuses.append(failure.status)
        } else {
            done.problems.append("\(error)")
            done.statuses.append(.failed)
        }
    }

    private func archive(_ place: LoopsPlace, _ hooks: Hooks, _ done: inout Done) throws {
        var pass = try ArchivePass(
            loops: place.loops,
            settings: loaded.configuration.archive,
            options: .init()
        )
        let rows = try pass.run()
        hooks.post(rows, pass)
        done.said.append(.rows(ArchiveRows.table(rows)))
        done.document["archive"] = ArchiveRows.json(rows, in: place.path, isDryRun: false)
        done.statuses.append(ArchiveRows.exitStatus(rows))
    }

    private func mirror(_ pass: MirrorPass, _ place: LoopsPlace, _ hooks: Hooks, _ done: inout Done) throws {
        if let suspension = pass.open() {
            hooks.post(suspension)
            throw Failure(.mirrorUnavailable, suspension.description)
        }
        let rows = pass.run()
        done.said.append(.rows(MirrorRows.table(rows)))
        done.document["mirror"] = MirrorRows.json(rows, in: place.path, isDryRun: false)
        done.problems += pass.takeNotices().map(\.description)
        done.statuses.append(MirrorRows.exitStatus(rows))
        if let suspension = pass.open() { throw Failure(.mirrorUnavailable, suspension.description) }
    }

    private func prune(_ place: LoopsPlace, _ pass: MirrorPass?, _ done: inout Done) throws {
        let lock = try place.lock()
        defer { withExtendedLifetime(lock) {} }
        let retention = RetentionPass(place, loaded, mirror: pass)
        var inventory = RetentionInventory(catalogue: place.catalogue)
        let prepared = try retention.plan(&inventory, at: .now())
        let report = PruneReport(
            pass: retention,
            prepared: prepared,
            outcome: retention.carryOut(prepared),
            mirrorLacks: pass?.absence
        )
        let isForPeople = Terminal.current(global.color).width != nil
        done.said += [
            .talk(report.head), .rows(report.table(isForPeople: isForPeople)), .talk(report.summary),
        ]
        done.document["prune"] = report.json
        done.problems += report.problems
        done.statuses.append(report.exitStatus)
    }
}
