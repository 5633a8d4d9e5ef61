import CLinuxShims
import Glibc
import LoopStore
import Synchronization

/// Runs commands as processes of this machine.
///
/// Each command is a process group of its own, so that all of it ends with it: after the time-out by SIGKILL, in a
/// cancelled task by SIGTERM and, after a short grace, SIGKILL. What a command left running in the background when it
/// ended by itself stays, as in the specification.
///
/// A command counts as ended when its process has ended *and* nobody holds its standard output open any more, which is
/// what the specification's executor waits for: `work & ` at the end of a script still gives its output. The time-out
/// goes on meanwhile, and here it also ends a command that does not close its output. swift-subprocess stops reading as
/// soon as the direct child has exited, which loses that output, and is not used for this reason.
///
/// Standard input is this process's own, also where it is a terminal. A group in the background that reads a terminal
/// is stopped by SIGTTIN and would wait until its time-out; a program that ignores SIGTTIN before it runs commands, as
/// `looprun` does, hands that on, and the read fails at once instead.
public final class CommandRunner: CommandRunning, DetachedStarting {
    private let thread: EngineThread
    private let grace: Double
    /// The groups that run now, by their leaders; a leader in here is not yet reaped, so that its number is its own.
    private let groups = Mutex<Set<pid_t>>([])

    /// Makes a runner; nothing is started yet.
    ///
    /// - Parameters:
    ///   - thread: waits for the commands, one at a time; a run that stays on the same thread changes none for them.
    ///   - grace: seconds that a cancelled command has to end by itself.
    public init(thread: EngineThread = EngineThread(name: "commands"), grace: Double = 2) {
        self.thread = thread
        self.grace = grace
    }

    /// Runs a command to its end, on the runner's thread.
    public func run(_ command: Command, onLine: @Sendable (String) throws -> Void) async throws -> CommandResult {
        // What would be killed at once need not begin.
        if Task.isCancelled { return CommandResult(output: "", exitCode: -Int(SIGTERM), duration: 0) }
        let wake = try Wake(for: command.arguments.first ?? "")
        return try await withTaskCancellationHandler {
            try await withTaskExecutorPreference(thread) { try follow(command, wake, onLine) }
        } onCancel: {
            wake.signal()
        }
    }

    private func follow(_ command: Command, _ wake: Wake, _ onLine: (String) throws -> Void) throws -> CommandResult {
        let process = try groups.withLock { groups throws(CommandError) in
            let process = try SpawnedProcess.start(command.arguments)
            groups.insert(process.pid)
            return process
        }
        var watch = CommandWatch(timeout: command.timeout, grace: grace, wake: wake.descriptor)
        let ended = Result { try watch.follow(process, onLine: onLine) }
        groups.withLock { _ = $0.remove(process.pid) }
        let exitCode = process.reap()
        let found = try ended.get()
        return CommandResult(
            output: found.output,
            errorOutput: found.errorOutput,
            exitCode: found.isTimeout ? 124 : exitCode,
            duration: Int((found.isTimeout ? command.timeout : found.duration) * 1000),
            timedOut: found.isTimeout
        )
    }

    /// Kills every command that runs now, with all of its group, and waits for nothing; for a program about to exit.
    public func killAll() {
        groups.withLock { for leader in $0 { kill(-leader, SIGKILL) } }
    }

    /// Starts a program in a session of its own, with nothing to read and nowhere to write.
    public func startDetached(_ arguments: [String]) throws(CommandError) -> Int {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        loopsync_spawn_close_from(&actions, STDERR_FILENO + 1)
        return Int(try Spawn.command(arguments, &actions, flags: Int16(loopsync_spawn_new_session)))
    }
}

/// Tells a waiting thread that its command is to be ended.
private final class Wake: Sendable {
    let descriptor: Int32

    init(for program: String) throws(CommandError) {
        descriptor = loopsync_event_descriptor()
        guard descriptor >= 0 else {
            let code = PosixError.Code(rawValue: errno)
            throw .notStarted(program: program, PosixError(call: "eventfd", path: program, code: code))
        }
    }

    deinit {
        Glibc.close(descriptor)
    }

    func signal() {
        var one: UInt64 = 1
        _ = Glibc.write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
