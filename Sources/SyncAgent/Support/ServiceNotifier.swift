import Glibc

/// Tells the service manager how the agent does, as sd_notify(3) does: one datagram to the socket in `NOTIFY_SOCKET`.
///
/// Without a manager every call does nothing. A message that cannot be sent is dropped: the manager's own timeouts then
/// act, and the agent's work does not depend on them.
package struct ServiceNotifier: Sendable {
    /// The socket's path, or its abstract name after an `@`.
    private let socket: [UInt8]?
    /// How often to ping, in microseconds: half of what the manager allows; nil where it wants no ping.
    package let pingInterval: Int64?

    /// Takes the manager's wishes from the variables it sets.
    ///
    /// - Parameters:
    ///   - environment: looks a variable up.
    ///   - process: this process's id; a `WATCHDOG_PID` of another means that the ping is not asked of this one.
    package init(environment: (String) -> String? = Environment.value, process: Int32 = getpid()) {
        socket = environment("NOTIFY_SOCKET").map { Array($0.utf8) }
        let asked = environment("WATCHDOG_PID").map { $0 == String(process) } ?? true
        pingInterval = asked ? environment("WATCHDOG_USEC").flatMap(Int64.init).map { max($0 / 2, 1) } : nil
    }

    /// Whether a service manager listens.
    package var isActive: Bool { socket != nil }

    /// The agent watches; to be sent once, and again after `reloading`.
    package func ready(_ status: String) {
        send(["READY=1", "STATUS=\(oneLine(status))"])
    }

    /// One line for `systemctl status`.
    package func status(_ text: String) {
        send(["STATUS=\(oneLine(text))"])
    }

    /// The loop makes progress; nothing else may send this.
    package func ping() {
        send(["WATCHDOG=1"])
    }

    /// The configuration is being read again; `ready` ends it.
    package func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        send(["RELOADING=1", "MONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)"])
    }

    /// The agent ends by itself or was told to.
    package func stopping() {
        send(["STOPPING=1", "STATUS=ending"])
    }

    private func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    private func send(_ lines: [String]) {
        guard let socket, socket.first == UInt8(ascii: "/") || socket.first == UInt8(ascii: "@") else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // An abstract name begins with NUL and has exactly its own length; a path ends with a NUL.
        let isAbstract = socket.first == UInt8(ascii: "@")
        let name = isAbstract ? [0] + socket.dropFirst() : socket + [0]
        guard name.count <= MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t((MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2) + name.count)

        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let message = Array(lines.joined(separator: "\n").utf8)
        withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                // Without waiting: a manager that does not read must not stop the agent.
                let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                _ = sendto(descriptor, message, message.count, flags, address, length)
            }
        }
    }
}
