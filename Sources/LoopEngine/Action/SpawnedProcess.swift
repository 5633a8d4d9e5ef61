import CLinuxShims
import Glibc
public import LoopStore

/// Why a command was not started.
public enum CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system refused; for a program that is on no directory of the PATH with ENOENT.
    case notStarted(program: String, PosixError)
    /// The command has a NUL in it, which no program can be given.
    case nul(program: String)

    /// The call, the program and what to do next.
    public var description: String {
        switch self {
        case .notStarted(let program, let error) where error.code.rawValue == ENOENT:
            "cannot start \(program): \(error); the state's action did not run; install it, or put it on the PATH"
        case .notStarted(let program, let error):
            "cannot start \(program): \(error); the state's action did not run"
        case .nul(let program):
            "cannot start \(program): its arguments hold a NUL character, which no program can be given"
        }
    }
}

/// A program just started, with what its starter holds of it.
struct SpawnedProcess: ~Copyable {
    /// The process, which leads a group of its own.
    let pid: pid_t
    let output: Int32
    let errorOutput: Int32
    /// Readable once the process has ended; -1 where the kernel has no such descriptors.
    let ended: Int32

    /// Starts a program with its two outputs in pipes, in a process group of its own.
    ///
    /// It has the environment, the working directory and standard input of this process, and no other descriptor.
    static func start(_ arguments: [String]) throws(CommandError) -> SpawnedProcess {
        let program = arguments.first ?? ""
        let output = try Pipe.make(for: program)
        let errorOutput: Pipe
        do {
            errorOutput = try Pipe.make(for: program)
        } catch {
            output.close()
            throw error
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output.write, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errorOutput.write, STDERR_FILENO)
        loopsync_spawn_close_from(&actions, STDERR_FILENO + 1)
        do {
            let pid = try Spawn.command(arguments, &actions, flags: Int16(POSIX_SPAWN_SETPGROUP))
            Glibc.close(output.write)
            Glibc.close(errorOutput.write)
            return SpawnedProcess(
                pid: pid,
                output: output.read,
                errorOutput: errorOutput.read,
                ended: loopsync_process_descriptor(pid)
            )
        } catch {
            output.close()
            errorOutput.close()
            throw error
        }
    }

    private init(pid: pid_t, output: Int32, errorOutput: Int32, ended: Int32) {
        self.pid = pid
        self.output = output
        self.errorOutput = errorOutput
        self.ended = ended
    }

    deinit {
        Glibc.close(output)
        Glibc.close(errorOutput)
        if ended >= 0 { Glibc.close(ended) }
    }

    /// Sends a signal to the whole group; to be called only before `reap`, since the number is the group's until then.
    func signalGroup(_ signal: Int32) {
        kill(-pid, signal)
    }

    /// Whether the process has ended; it is not reaped by this.
    var hasEnded: Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
    }

    /// Waits for the end and gives its exit status, or the negative number of the signal that killed it.
    func reap() -> Int {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? Int((status >> 8) & 0xFF) : -Int(signal)
    }
}

private struct Pipe {
    let read: Int32
    let write: Int32

    static func make(for program: String) throws(CommandError) -> Pipe {
        var ends: [Int32] = [-1, -1]
        guard loopsync_pipe(&ends) == 0 else {
            throw .notStarted(program: program, PosixError(call: "pipe2", path: program, code: .init(rawValue: errno)))
        }
        return Pipe(read: ends[0], write: ends[1])
    }

    func close() {
        Glibc.close(read)
        Glibc.close(write)
    }
}

extension Spawn {
    /// Starts a state's command, or says why its action did not run.
    static func command(
        _ arguments: [String],
        _ actions: inout posix_spawn_file_actions_t,
        flags: Int16
    ) throws(CommandError) -> pid_t {
        let program = arguments.first ?? ""
        guard !arguments.contains(where: { $0.utf8.contains(0) }) else { throw .nul(program: program) }
        do {
            return try spawn(arguments, &actions, flags: flags)
        } catch {
            throw .notStarted(program: program, error)
        }
    }
}
