import Glibc
import LoopModel

/// Standard output is data, standard error is talk.
package enum StandardStreams {
    /// Writes all the bytes to a descriptor; false, with errno, where not all could be written.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Says something to the person on standard error.
    package static func talk(_ text: String) {
        // What is told may quote a file, a marker or an option, and a terminal obeys whatever it is sent.
        _ = write(Array((PrintableText.escapingControls(in: text) + "\n").utf8), to: STDERR_FILENO)
    }
}
