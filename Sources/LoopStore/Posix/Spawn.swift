package import Glibc

/// posix_spawnp(3), which glibc does without copying this process's memory.
package enum Spawn {
    /// Starts a program that is found on the PATH, with signals as a program expects them at its start.
    ///
    /// - Parameters:
    ///   - arguments: the program and what it is given; none of them may hold a NUL.
    ///   - actions: what becomes of the descriptors.
    ///   - flags: further attributes, for instance POSIX_SPAWN_SETPGROUP for a group of its own.
    ///   - environment: all of its environment; this process's own by default.
    package static func spawn(
        _ arguments: [String],
        _ actions: inout posix_spawn_file_actions_t,
        flags: Int16,
        environment: [String: String]? = nil
    ) throws(PosixError) -> pid_t {
        let program = arguments.first ?? ""
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var usual = sigset_t()
        sigemptyset(&usual)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGXFSZ] { sigaddset(&usual, signal) }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(&attributes, flags | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)

        let copies = arguments.map { strdup($0) }
        let variables = environment.map { $0.map { strdup("\($0.key)=\($0.value)") } }
        defer { for copy in copies + (variables ?? []) { free(copy) } }
        var pid: pid_t = 0
        let failure =
            if let variables {
                posix_spawnp(&pid, program, &actions, &attributes, copies + [nil], variables + [nil])
            } else {
                posix_spawnp(&pid, program, &actions, &attributes, copies + [nil], environ)
            }
        guard failure == 0 else {
            throw PosixError(call: "posix_spawnp", path: program, code: PosixError.Code(rawValue: failure))
        }
        return pid
    }
}
