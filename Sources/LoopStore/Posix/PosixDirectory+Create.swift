import LoopModel

extension PosixDirectory {
    /// Opens a directory by the path that a person gave, making it and what is missing above it.
    ///
    /// - Throws: ENOTDIR where something else stands in its way, ENOENT for an empty path.
    package static func ensure(path: String) throws(PosixError) -> PosixDirectory {
        if let there = try open(path: path) { return there }
        let components = path.split(separator: "/", omittingEmptySubsequences: true)
        guard let last = components.last, let name = FileName(String(last)) else {
            throw PosixError(call: "mkdir", path: path, code: .noEntry)
        }
        let start = path.utf8.first == UInt8(ascii: "/") ? "/" : ""
        let above = start + components.dropLast().joined(separator: "/")
        let parent = try ensure(path: above.isEmpty ? "." : above)
        _ = try parent.makeDirectory(name, mode: 0o777)
        if let made = try open(path: path) { return made }
        throw PosixError(call: "mkdir", path: path, code: .noEntry)
    }
}
