import Glibc
import LoopModel
import LoopStore

/// The session file that the `claude` program keeps of its work in this directory, for whoever wants to read up a prompt.
enum SessionFile {
    /// The path of the newest one that is no agent's own; nil where there is none.
    static func newest() -> String? {
        guard let home = getenv("HOME") else { return nil }
        let project = ResolvedPath.resolve(".").replacing("/", with: "-")
        let path = "\(String(cString: home))/.claude/projects/\(project)"
        guard let folder = try? PosixDirectory.open(path: path), let entries = try? folder.entries() else { return nil }
        let sessions = entries.filter { entry in
            entry.name.hasSuffix(".jsonl") && !entry.name.bytes.starts(with: Array("agent-".utf8))
        }
        let newest = sessions.max { time($0.name, in: folder) < time($1.name, in: folder) }
        return newest.map { "\(path)/\(String(decoding: $0.name.bytes, as: UTF8.self))" }
    }

    private static func time(_ name: FileName, in folder: PosixDirectory) -> Int64 {
        (try? folder.status(of: name))?.modified ?? .min
    }
}
