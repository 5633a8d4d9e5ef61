import LoopModel
import LoopStore

/// Directories of the user's own, which may be links as people keep their dot files elsewhere.
enum PathMaker {
    /// Opens a directory by its absolute path, making what is missing of it.
    static func ensureDirectory(_ path: String) throws(PosixError) -> any Directory {
        if let there = try PosixDirectory.open(path: path) { return there }
        let parts = path.split(separator: "/")
        guard let last = parts.last, let name = FileName(String(last)) else {
            throw PosixError(call: "mkdir", path: path, code: .noEntry)
        }
        let parent = try ensureDirectory("/" + parts.dropLast().joined(separator: "/"))
        return try parent.ensureDirectory(name, mode: 0o755, followingLink: true)
    }
}
