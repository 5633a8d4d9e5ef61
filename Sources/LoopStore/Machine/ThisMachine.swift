import Glibc
import LoopModel

/// What names this machine and this user.
package enum ThisMachine {
    /// An id that outlives reboots and renames; empty where the machine has none.
    ///
    /// machine-id(5) asks that the id itself is kept to the machine, and a mirror may leave it: a hash is given instead.
    package static func identifier() -> String {
        for directory in ["/etc", "/var/lib/dbus"] {
            guard let parent = try? PosixDirectory.open(path: directory),
                let bytes = try? parent.contents(of: FileName(literal: "machine-id"), limit: 4096)
            else { continue }
            let id = bytes.prefix { $0 != UInt8(ascii: "\n") }
            guard id.count >= 16 else { continue }
            return hex(Checksum(of: Array("loopsync mirror ".utf8) + id).bytes.prefix(16))
        }
        return ""
    }

    /// The host's name up to the first dot; "localhost" where the system tells none.
    package static func hostName() -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let answer = buffer.withUnsafeMutableBytes { bytes in
            gethostname(bytes.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped, bytes.count - 1)
        }
        let name = buffer.prefix { $0 != 0 && $0 != UInt8(ascii: ".") }
        return answer == 0 && !name.isEmpty ? String(decoding: name, as: UTF8.self) : "localhost"
    }

    /// The user's name; the number where the system knows no name.
    package static func userName() -> String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "\(geteuid())" }
        return String(cString: name)
    }

    /// 128 random bits as hex digits.
    package static func randomIdentifier() -> String {
        var generator = SystemRandomNumberGenerator()
        return hex((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// Whether a process with this number lives, ours or another user's.
    package static func isAlive(_ process: Int32) -> Bool {
        process > 0 && (kill(process, 0) == 0 || errno == EPERM)
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
