import CLinuxShims
import Glibc
package import LoopStore

/// Starts this program anew, detached from the terminal.
package enum BackgroundProcess {
    /// Names the log of a process that was started in the background.
    package static let variable = "LOOPSYNC_BACKGROUND_LOG"

    /// Starts it in a session of its own, with both outputs at the end of a log.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - log: the log's absolute path; its directory exists.
    /// - Returns: the process, which is to be waited for while it may fail to start.
    package static func start(_ arguments: [String], log: String) throws(PosixError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Opened here: of what fails between fork and exec, spawning tells neither the call nor the path.
        let output = open(log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard output >= 0 else {
            throw PosixError(call: "open", path: log, code: PosixError.Code(rawValue: errno))
        }
        defer { close(output) }
        // The log before the standard input, whose number it may have.
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        loopsync_spawn_close_from(&actions, STDERR_FILENO + 1)
        var environment = Environment.all()
        environment[variable] = log
        return try Spawn.spawn(
            [program] + arguments,
            &actions,
            flags: loopsync_spawn_new_session,
            environment: environment
        )
    }

    /// The file of this program, by the name that people know; where it was replaced meanwhile, the one that runs.
    private static var program: String {
        guard let path = realpath("/proc/self/exe", nil) else { return "/proc/self/exe" }
        defer { free(path) }
        return String(cString: path)
    }

    /// How a process that was started ended; nil while it runs.
    package static func end(of process: Int32) -> ChildProcess.Ended.Way? {
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }
}
