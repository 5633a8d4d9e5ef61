import Glibc
import LoopEngine
import LoopModel
import LoopStore
import Synchronization

/// One run of a loop by this process: with its lock, its signals and its progress.
struct Session {
    typealias Executor = PersistentExecutor<Engine>

    private let loop: LoopDefinition
    private let persistence: StatePersistence
    private let options: RunOptions
    private let place: PlaceOptions

    init(_ loop: LoopDefinition, _ persistence: StatePersistence, _ options: RunOptions, _ place: PlaceOptions) {
        var loop = loop
        if let delay = options.delay { loop.backoff = delay }
        self.loop = loop
        self.persistence = persistence
        self.options = options
        self.place = place
    }

    /// Runs, and ends the process with the status for how the run ended.
    ///
    /// This thread waits for signals meanwhile.
    func perform(_ body: @escaping @Sendable (Executor) async throws -> RunOutcome?) throws {
        Signals.block()
        if let percent = options.handoffThreshold { setenv("LL_HANDOFF_THRESHOLD", "\(percent)", 1) }
        let lock: ExecutorLock
        do {
            try persistence.initialize()
            lock = try ExecutorLock.acquire(persistence, loop: JSONString(loop.name), scope: loop.scope)
        } catch {
            throw Failure("looprun: \(loop.name) was not run: \(error)")
        }
        let thread = EngineThread()
        let commands = CommandRunner(thread: thread)
        let progress = Progress(loop, isQuiet: options.quiet, isJSON: place.json)
        let executor = executor(commands, thread, progress)
        let end = End()
        Task(executorPreference: thread) {
            let status = await report(progress) { try await body(executor) }
            end.claim()
            lock.release()
            exit(status.rawValue)
        }
        Signals.wait { signal in
            Output.talk("ending after the current state (\(signal)); once more to exit at once")
            executor.requestShutdown()
        }
        end.claim()
        try? executor.abandon()
        commands.killAll()
        lock.release()
        _exit(ExitStatus.failed.rawValue)
    }

    private func executor(_ commands: CommandRunner, _ thread: EngineThread, _ progress: Progress) -> Executor {
        let directory = place.directory
        let engine = Engine(loop, commands: commands, claude: options.claudeCommand) { name in
            try LoopDefinition.load(name, in: directory).loop
        }
        return Executor(
            engine,
            persistence: persistence,
            isDurable: options.fsync,
            thread: thread,
            observer: progress.show
        )
    }

    /// Says how the run ended.
    private func report(_ progress: Progress, _ run: () async throws -> RunOutcome?) async -> ExitStatus {
        do {
            guard let outcome = try await run() else {
                Output.talk("looprun: nothing to resume for \(loop.name)")
                return .failed
            }
            progress.end(outcome)
            if let error = outcome.error { Output.talk("looprun: \(loop.name): \(error)") }
            return [.terminal, .signal, .handoff].contains(outcome.reason) ? .done : .failed
        } catch {
            Output.talk(
                "looprun: \(error): the run of \(loop.name) cannot be kept in \(persistence.runningDirectory) and was "
                    + "ended; when that is repaired, looprun resume \(loop.name) goes on with it"
            )
            return .failed
        }
    }
}

/// Lets one thread end the process: whoever comes second waits for that.
private final class End: Sendable {
    private let isClaimed = Atomic(false)

    func claim() {
        guard isClaimed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        while true { sleep(60) }
    }
}
