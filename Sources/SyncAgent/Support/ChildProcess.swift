import CLinuxShims
import Glibc
package import LoopStore

/// Runs a program of somebody else's to its end, with a limit on its time and on what is kept of its output.
package struct ChildProcess {
    /// The program, found on the PATH unless it has a slash, and its arguments.
    package var arguments: [String]
    /// All of its environment; nil for this process's own.
    package var environment: [String: String]?
    /// What it can read on standard input.
    package var input: [UInt8]
    /// Readable once it is to be ended early; -1 for never.
    package var cancellation: Int32

    /// Describes a program that gets nothing to read.
    package init(
        _ arguments: [String],
        environment: [String: String]? = nil,
        input: [UInt8] = [],
        cancellation: Int32 = -1
    ) {
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.cancellation = cancellation
    }

    /// How it ended.
    package struct Ended: Sendable, Equatable {
        package enum Way: Sendable, Equatable {
            case exited(Int32)
            case killed(signal: Int32)
            case timedOut
            case cancelled
        }

        package var way: Way
        /// The end of what it wrote to both its outputs.
        package var output: [UInt8]
    }

    /// Starts it in a process group of its own and waits for its end.
    ///
    /// The whole group is killed when the time is over. What a program that ended by itself left running in the
    /// background stays, and is not waited for.
    ///
    /// - Parameters:
    ///   - timeout: milliseconds.
    ///   - limit: bytes that are kept of its output, the last ones.
    package func run(within timeout: Int64, keeping limit: Int = 4096) throws(PosixError) -> Ended {
        let program = arguments.first ?? ""
        guard !arguments.contains(where: { $0.utf8.contains(0) }) else {
            throw PosixError(call: "posix_spawnp", path: program, code: .init(rawValue: EINVAL))
        }
        // A file in memory takes any amount at once, so that a program that does not read holds nobody up.
        let given = loopsync_memory_file("input")
        guard given >= 0 else { throw PosixError(call: "memfd_create", path: program, code: .init(rawValue: errno)) }
        defer { close(given) }
        guard input.isEmpty || pwrite(given, input, input.count, 0) == input.count else {
            throw PosixError(call: "pwrite", path: program, code: .init(rawValue: errno))
        }
        var ends: [Int32] = [-1, -1]
        guard loopsync_pipe(&ends) == 0 else {
            throw PosixError(call: "pipe2", path: program, code: .init(rawValue: errno))
        }
        defer { close(ends[0]) }
        let pid: pid_t
        do throws(PosixError) {
            pid = try start(input: given, output: ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        let ended = loopsync_process_descriptor(pid)
        defer { if ended >= 0 { close(ended) } }
        return follow(pid, output: ends[0], ended: ended, until: SystemClock.steady() + timeout, limit)
    }

    private func start(input: Int32, output: Int32) throws(PosixError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        loopsync_spawn_close_from(&actions, STDERR_FILENO + 1)
        return try Spawn.spawn(
            arguments,
            &actions,
            flags: Int16(POSIX_SPAWN_SETPGROUP),
            environment: environment
        )
    }

    private func follow(_ pid: pid_t, output: Int32, ended: Int32, until deadline: Int64, _ limit: Int) -> Ended {
        var tail: [UInt8] = []
        var isOpen = true
        var early: Ended.Way?
        while !Self.hasEnded(pid) {
            let left = deadline - SystemClock.steady()
            guard left > 0 else {
                early = .timedOut
                break
            }
            // poll(2) leaves out what has a negative number; without a descriptor for the end it has to be asked for.
            var descriptors = [
                pollfd(fd: isOpen ? output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ended, events: Int16(POLLIN), revents: 0),
                pollfd(fd: cancellation, events: Int16(POLLIN), revents: 0),
            ]
            let patience = min(left, ended < 0 ? 20 : 3_600_000)
            guard poll(&descriptors, nfds_t(descriptors.count), Int32(patience)) >= 0 else { continue }
            if descriptors[2].revents != 0 {
                early = .cancelled
                break
            }
            if descriptors[0].revents != 0 { isOpen = Self.read(output, into: &tail, limit) }
        }
        // The number is the group's own until its leader is reaped.
        if early != nil { kill(-pid, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        var rest = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        // What it left running may write on and on; a pipe holds so much of what came before the end.
        var pieces = 4
        while isOpen, pieces > 0, poll(&rest, 1, 0) > 0 {
            isOpen = Self.read(output, into: &tail, limit)
            pieces -= 1
        }
        let signal = status & 0x7F
        let way = signal == 0 ? Ended.Way.exited((status >> 8) & 0xFF) : .killed(signal: signal)
        return Ended(way: early ?? way, output: tail)
    }

    /// Whether the process has ended; it is not reaped by this.
    private static func hasEnded(_ pid: pid_t) -> Bool {
        var info = siginfo_t()
        // Where SIGCHLD is ignored the system reaps it, and there is nobody to wait for.
        guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 else { return errno == ECHILD }
        return info.si_signo == SIGCHLD
    }

    /// Reads what is there and keeps the end of all; false where nothing will come any more.
    private static func read(_ descriptor: Int32, into tail: inout [UInt8], _ limit: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0 { return errno == EINTR }
        tail += buffer[..<count]
        if tail.count > limit { tail.removeFirst(tail.count - limit) }
        return count > 0
    }
}
