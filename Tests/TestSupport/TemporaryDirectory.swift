import Glibc
import LoopModel
package import LoopStore

/// A directory that no other test has, removed with all it holds when the object goes.
///
/// Keep it in a variable that is still used after the last path: Swift may let an unused object go early. The closure
/// form `TemporaryDirectory.with` has no such trap. `LOOPSYNC_KEEP=1` leaves all of them, to look at after a failure.
package final class TemporaryDirectory: Sendable {
    /// The absolute path, without links on the way.
    package let path: String

    /// Makes an empty directory below `$TMPDIR`, or `/tmp`.
    package init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/loopsync-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSupportError("mkdtemp below \(base): \(errnoText())") }
        let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let resolved = realpath(made, nil) else { throw TestSupportError("realpath \(made): \(errnoText())") }
        defer { free(resolved) }
        path = String(cString: resolved)
    }

    deinit {
        guard getenv("LOOPSYNC_KEEP") == nil else { return }
        guard let cut = path.lastIndex(of: "/"), let name = FileName(String(path[path.index(after: cut)...])) else {
            return
        }
        try? PosixDirectory.open(path: String(path[..<cut]))?.removeTree(name)
    }

    /// Runs the closure with a fresh directory, which is there until the closure ends.
    package static func with<Result>(_ body: (TemporaryDirectory) throws -> Result) throws -> Result {
        let directory = try TemporaryDirectory()
        return try withExtendedLifetime(directory) { try body(directory) }
    }

    /// Runs the closure with a fresh directory, which is there until the closure ends.
    package static func with<Result>(_ body: (TemporaryDirectory) async throws -> Result) async throws -> Result {
        let directory = try TemporaryDirectory()
        let result = try await body(directory)
        withExtendedLifetime(directory) {}
        return result
    }

    /// The path of something below.
    package func path(_ relative: String) -> String {
        "\(path)/\(relative)"
    }

    /// The directory through the seam that the program uses.
    package func open() throws -> PosixDirectory {
        guard let directory = try PosixDirectory.open(path: path) else {
            throw TestSupportError("\(path) is gone")
        }
        return directory
    }
}

/// Something that a test needs and did not get.
package struct TestSupportError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// What `errno` says, as text.
func errnoText() -> String {
    String(cString: strerror(errno))
}
