import Glibc

/// The service manager's side of sd_notify(3): a datagram socket that is read message by message.
package final class FakeManager: Sendable {
    private let descriptor: Int32

    /// Listens.
    ///
    /// - Parameter name: a path, or an abstract name after an `@`, as in `NOTIFY_SOCKET`.
    package init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = name.hasPrefix("@") ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8) + [0]
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count)
        let answer = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard answer == 0 else { throw TestSupportError("bind \(name): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// The next message; nil where none comes in time.
    ///
    /// - Parameter milliseconds: how long to wait.
    package func receive(within milliseconds: Int32 = 20_000) -> String? {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, milliseconds) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count >= 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Reads messages until one says this; false where none does in time.
    package func waitFor(_ line: String, within milliseconds: Int32 = 20_000) -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(Int64(milliseconds))
        while clock.now < deadline {
            guard let message = receive(within: milliseconds) else { return false }
            if message.split(separator: "\n").contains(line[...]) { return true }
        }
        return false
    }
}
