import CommandLineKit
import Glibc
import LoopModel

/// Standard output is data, standard error is talk.
enum Output {
    /// Writes to standard output and fails where not all of it could be written, for instance on a full disk.
    static func data(_ text: String) throws {
        guard StandardStreams.write(Array(text.utf8), to: STDOUT_FILENO) else {
            throw Failure(.failed, "cannot write to standard output: \(String(cString: strerror(errno)))")
        }
    }

    /// Writes one JSON document.
    static func document(_ value: JSONValue) throws {
        try data(String(decoding: value.serialized(indent: 2), as: UTF8.self) + "\n")
    }

    /// Says something to the person on standard error.
    static func talk(_ text: String) {
        StandardStreams.talk(text)
    }
}
