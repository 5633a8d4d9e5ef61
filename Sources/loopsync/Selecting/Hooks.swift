import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// The hooks of a command that works once; it waits for them before it ends.
struct Hooks {
    private let runner: HookRunner
    private let loops: String

    init(_ loaded: ConfigurationLoader.Loaded, _ place: LoopsPlace, isQuiet: Bool) {
        loops = ConfigurationLoader.absolute(place.path)
        runner = HookRunner(loaded.configuration.hooks) { problem in
            if !isQuiet { Output.talk("loopsync: \(problem)") }
        }
    }

    func post(_ rows: [ArchivePass.Row], _ pass: ArchivePass) {
        for facts in HookFacts.of(rows, problems: pass.problems, loops: loops, now: WallClock.now()) {
            runner.post(facts)
        }
    }

    func post(_ suspension: MirrorSuspension) {
        runner.post(
            .suspended(mirror: suspension.syncPath, suspension.summary, loops: loops, now: WallClock.now())
        )
    }

    func finish() {
        runner.finish()
    }
}
