import CommandLineKit
import Glibc
import LoopModel
import LoopStore

/// Standard output is data, standard error is talk.
enum Output {
    /// Writes to standard output and fails where not all of it could be written, for instance on a full disk.
    static func data(_ text: String) throws {
        guard StandardStreams.write(Array(text.utf8), to: STDOUT_FILENO) else {
            throw Failure(.failed, "cannot write to standard output: \(String(cString: strerror(errno)))")
        }
    }

    /// Writes bytes to standard output as they are.
    static func bytes(_ bytes: [UInt8]) throws {
        guard StandardStreams.write(bytes, to: STDOUT_FILENO) else {
            throw Failure(.failed, "cannot write to standard output: \(String(cString: strerror(errno)))")
        }
    }

    /// Waits, until somebody no longer reads standard output at the longest.
    ///
    /// - Returns: whether anybody may read on.
    static func rest(milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&descriptor, 1, milliseconds) <= 0
    }

    /// Writes a file that a person named: whole or not at all, in place of one that is there.
    static func file(_ path: String, _ text: String) throws {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let name = FileName(slash.map { String(path[path.index(after: $0)...]) } ?? path) else {
            throw Failure(.usage, "\(path) is no file's name")
        }
        do {
            guard let place = try PosixDirectory.open(path: directory) else {
                throw Failure(.failed, "no directory \(directory) to write \(path) into")
            }
            if let status = try place.status(of: name), status.kind != .file {
                throw Failure(.failed, "\(path) is there and no regular file; it was left alone")
            }
            guard let temporary = FileName(".\(name.bytes.count).\(getpid()).loopsync-tmp".utf8) else { return }
            // What runs said is for whoever may read them.
            let file = try place.createFile(temporary, mode: 0o600)
            do throws(PosixError) {
                try file.write(Array(text.utf8), at: 0)
                try file.close()
                try place.rename(temporary, into: place, as: name, .replacing)
            } catch {
                _ = try? place.unlink(temporary)
                throw error
            }
        } catch let error as PosixError {
            throw Failure(.failed, "\(error): \(path) was not written")
        }
    }

    /// Writes one JSON document.
    static func document(_ value: JSONValue) throws {
        try data(String(decoding: value.serialized(indent: 2), as: UTF8.self) + "\n")
    }

    /// Writes one JSON document about one directory, or one that holds those of several.
    ///
    /// - Parameter documents: at least one.
    static func documents(_ documents: [JSONValue]) throws {
        try document(documents.count == 1 ? documents[0] : ["directories": .array(documents)])
    }

    /// Says something to the person on standard error.
    static func talk(_ text: String) {
        StandardStreams.talk(text)
    }
}
