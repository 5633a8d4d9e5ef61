package import Glibc
import Synchronization

/// How a process ended.
package enum Termination: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case killed(signal: Int32)

    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .killed(signal: signal)
    }

    package var description: String {
        switch self {
        case .exited(let code): "exit \(code)"
        case .killed(let signal): "killed by signal \(signal)"
        }
    }
}

/// A child process with its output in files, in a process group of its own.
///
/// The group matters: `ll-loop stop` of B signals a whole group, and a killed executor leaves its action behind. What
/// is left of the group is killed when the object goes.
package final class Subprocess: Sendable {
    /// The process id; the process is its group's leader.
    package let pid: pid_t
    /// Program and arguments, for messages.
    package let command: [String]
    private let files: TemporaryDirectory
    private let ended = Mutex<Termination?>(nil)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - command: the program's path and its arguments.
    ///   - directory: its working directory; the test's own by default.
    ///   - environment: all of its environment; the test's own by default.
    ///   - input: what it can read on standard input.
    package init(
        _ command: [String],
        in directory: String? = nil,
        environment: [String: String]? = nil,
        input: String = ""
    ) throws {
        self.command = command
        files = try TemporaryDirectory()
        try Disk.write(input, to: files.path("in"))

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, files.path("in"), O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, files.path("out"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, files.path("err"), O_WRONLY | O_CREAT | O_APPEND, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var defaulted = sigset_t()
        sigemptyset(&none)
        sigemptyset(&defaulted)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { sigaddset(&defaulted, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaulted)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )

        var started: pid_t = 0
        // Swift's Glibc module hides addchdir_np; env -C changes the directory and becomes the program.
        let command = (directory.map { ["/usr/bin/env", "-C", $0] } ?? []) + command
        let failure = Self.withStrings(command) { argv in
            if let environment {
                Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                    posix_spawn(&started, command[0], &actions, &attributes, argv, envp)
                }
            } else {
                posix_spawn(&started, command[0], &actions, &attributes, argv, environ)
            }
        }
        guard failure == 0 else {
            throw TestSupportError("start \(command.joined(separator: " ")): \(String(cString: strerror(failure)))")
        }
        pid = started
    }

    deinit {
        if poll() == nil {
            kill(-pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        } else {
            // The leader is reaped, but its number cannot be given to another process while the group has members.
            kill(-pid, SIGKILL)
        }
    }

    private static func withStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }

    /// How it ended, reaping it; nil while it runs.
    @discardableResult
    package func poll() -> Termination? {
        ended.withLock { ended in
            if ended == nil {
                var status: Int32 = 0
                if waitpid(pid, &status, WNOHANG) == pid { ended = Termination(waitStatus: status) }
            }
            return ended
        }
    }

    /// Whether it has not ended yet.
    package var isRunning: Bool { poll() == nil }

    /// Waits for its end.
    ///
    /// - Throws: `TestSupportError` with its output when it takes longer than `limit`.
    @discardableResult
    package func wait(within limit: Duration = .seconds(60)) throws -> Termination {
        if eventually(within: limit, every: 2, { poll() != nil }), let termination = poll() { return termination }
        throw TestSupportError(
            "\(command.joined(separator: " ")) still runs after \(limit)\n\(output)\n\(errorOutput)"
        )
    }

    /// Sends a signal to the process alone.
    package func signal(_ number: Int32) {
        if poll() == nil { kill(pid, number) }
    }

    /// Sends a signal to the process and all that it started.
    package func signalGroup(_ number: Int32) {
        kill(-pid, number)
    }

    /// Kills the process alone with SIGKILL and reaps it, so that no zombie keeps its number.
    package func kill9() throws {
        signal(SIGKILL)
        try wait()
    }

    /// What it wrote to standard output so far.
    package var output: String { Disk.text(files.path("out")) ?? "" }

    /// What it wrote to standard error so far.
    package var errorOutput: String { Disk.text(files.path("err")) ?? "" }

    /// Runs a program to its end.
    ///
    /// - Parameters: as for `init`; `limit` is the time it may take.
    package static func run(
        _ command: [String],
        in directory: String? = nil,
        environment: [String: String]? = nil,
        input: String = "",
        within limit: Duration = .seconds(60)
    ) throws -> Finished {
        let process = try Subprocess(command, in: directory, environment: environment, input: input)
        let termination = try process.wait(within: limit)
        return Finished(termination: termination, output: process.output, errorOutput: process.errorOutput)
    }

    /// A process that has ended.
    package struct Finished: Sendable, CustomStringConvertible {
        package let termination: Termination
        /// Standard output.
        package let output: String
        /// Standard error.
        package let errorOutput: String

        /// Whether it exited with 0.
        package var succeeded: Bool { termination == .exited(0) }

        package var description: String { "\(termination)\n\(output)\n\(errorOutput)" }
    }
}
