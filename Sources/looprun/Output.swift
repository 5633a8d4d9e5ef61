import CommandLineKit
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
        StandardStreams.talk(text)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        _ = StandardStreams.write(bytes, to: descriptor)
    }
}
