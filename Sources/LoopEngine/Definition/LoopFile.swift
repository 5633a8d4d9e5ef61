import Glibc
import LoopStore
import YAMLReading

/// Finds and reads the files of loops.
enum LoopFile {
    /// A machine of many thousand states fits; a file that somebody mistook for one does not.
    static let limits = YAMLDocument.Limits(size: 8 << 20, kind: "loop", allowsAliases: true)

    /// Where a loop may be: the name as a path, then in the directory.
    static func candidates(_ name: String, in directory: String) -> [String] {
        guard !name.isEmpty, !name.utf8.contains(0) else { return [] }
        // An absolute path is one whatever stands before it, as in Python's `/` of paths.
        let inside = name.hasPrefix("/") ? name : "\(directory)/\(name)"
        return [name, "\(inside).fsm.yaml", "\(inside).yaml"]
    }

    /// The file of a loop; nil where there is none but, perhaps, a directory of that name.
    static func find(_ name: String, in directory: String) -> String? {
        candidates(name, in: directory).first { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
        }
    }

    /// Reads a file by its path, following links.
    static func read(_ path: String) throws(LoopDefinitionError) -> [UInt8] {
        func fail(_ message: String) -> LoopDefinitionError {
            let problem = DefinitionProblem(SourceProblem(message: message), .error, key: "", file: path)
            return LoopDefinitionError(kind: .unreadable, problems: [problem])
        }
        func fail(_ call: StaticString) -> LoopDefinitionError {
            fail("cannot read the loop: \(call): \(String(cString: strerror(errno)))")
        }
        // Not blocking, or a FIFO would wait for a writer.
        let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else { throw fail("open" as StaticString) }
        defer { _ = Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fail("fstat" as StaticString) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw fail("cannot read the loop: it is no regular file") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        // One byte over the limit is enough to know that it is too large.
        while bytes.count <= limits.size {
            let count = retrying { Glibc.read(descriptor, &buffer, buffer.count) }
            guard count >= 0 else { throw fail("read" as StaticString) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
