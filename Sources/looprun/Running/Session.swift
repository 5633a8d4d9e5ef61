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
    func perform(_ body: @escaping @Sendable (Executor) async throws -> RunOutcome?) throws -> Never {
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
        let (directory, progress) = (place.directory, Progress(loop, isQuiet: options.quiet, isJSON: place.json))
        let executor = Executor(
            Engine(
                loop,
                commands: commands,
                claude: options.claudeCommand,
                subLoops: { try LoopDefinition.load($0, in: directory).loop }
            ),
            persistence: persistence,
            isDurable: options.fsync,
            thread: thread,
            observer: progress.show
        )
        // Whoever ends the process first, here or below, keeps the other from doing so.
        let end = End()
        Task(executorPreference: thread) {
            let result: Result<RunOutcome?, any Error>
            do {
                result = .success(try await body(executor))
            } catch {
                result = .failure(error)
            }
            end.once {
                lock.release()
                exit(report(result, progress).rawValue)
            }
        }
        Signals.wait { signal in
            Output.talk("ending after the current state (\(signal)); once more to exit at once")
            executor.requestShutdown()
        }
        end.once {
            try? executor.abandon()
            commands.killAll()
            lock.release()
            _exit(ExitStatus.failed.rawValue)
        }
    }

    private func report(_ result: Result<RunOutcome?, any Error>, _ progress: Progress) -> ExitStatus {
        switch result {
        case .success(let outcome?):
            progress.end(outcome)
            if let error = outcome.error { Output.talk("looprun: \(loop.name): \(error)") }
            return [.terminal, .signal, .handoff].contains(outcome.reason) ? .done : .failed
        case .success(nil):
            Output.talk("looprun: nothing to resume for \(loop.name)")
            return .failed
        case .failure(let error):
            Output.talk(
                "looprun: \(error): the run of \(loop.name) cannot be kept in \(persistence.runningDirectory) and was "
                    + "ended; when that is repaired, looprun resume \(loop.name) goes on with it"
            )
            return .failed
        }
    }
}

/// Lets one thread end the process.
private final class End: Sendable {
    private let gate = Mutex(())

    func once(_ body: () -> Never) -> Never {
        gate.withLock { _ in body() }
    }
}
