import LoopModel

extension PosixDirectory {
    /// Opens a directory by the path that a person gave, making it and what is missing above it.
    ///
    /// - Throws: ENOTDIR where something else stands in its way, ENOENT for an empty path.
    package static func ensure(path: String) throws(PosixError) -> PosixDirectory {
        if let there = try open(path: path) { return there }
        let components = path.split(separator: "/")
        if let last = components.last {
            let start = path.utf8.first == UInt8(ascii: "/") ? "/" : ""
            let above = start + components.dropLast().joined(separator: "/")
            let parent = try ensure(path: above.isEmpty ? "." : above)
            // "." and ".." are there as soon as what stands before them is.
            if let name = FileName(String(last)) { _ = try parent.makeDirectory(name, mode: 0o777) }
            if let made = try open(path: path) { return made }
        }
        throw PosixError(call: "mkdir", path: path, code: .noEntry)
    }
}
