import Glibc
import LoopModel

/// Standard output is data and progress, standard error is talk.
enum Output {
    /// Writes to standard output; a reader that has gone away ends no run.
    static func data(_ text: String) {
        write(Array(text.utf8), to: STDOUT_FILENO)
    }

    /// Writes one JSON document.
    static func document(_ value: JSONValue) {
        write(value.serialized(indent: 2) + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    }

    /// Writes one line of JSON.
    static func line(_ event: LoopEvent) {
        write(event.line() + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    }

    /// Says something to the person on standard error.
    static func talk(_ text: String) {
        // What is told may quote a definition or a state, and a terminal obeys whatever it is sent.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            PrintableText.escapingControls(in: String(line))
        }
        write(Array((lines.joined(separator: "\n") + "\n").utf8), to: STDERR_FILENO)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
