import LoopModel
package import LoopStore

/// `.loopsync/status.json`: a cache that anyone may delete, replaced whole at each change.
package enum StatusFile {
    private static let name = FileName(literal: "status.json")
    private static let temporary = FileName(literal: "status.json.tmp")

    /// Replaces the file; not fsynced, since it is worth nothing after a crash.
    ///
    /// Only the holder of the agent's lock writes it, so that the temporary name is never shared.
    package static func write(_ status: AgentStatus, in loops: LoopsDirectory) throws(PosixError) {
        let own = try loops.own()
        try own.unlink(temporary)
        let file = try own.createFile(temporary, mode: 0o600)
        try file.write(status.json.serialized(indent: 2), at: 0)
        try file.close()
        try own.rename(temporary, into: own, as: name, .replacing)
    }

    /// Whether there is one; also where that cannot be known now.
    static func isThere(in loops: LoopsDirectory) -> Bool {
        do throws(PosixError) {
            return try loops.root.subdirectory(.own)?.status(of: name) != nil
        } catch {
            return true
        }
    }

    /// What the last agent wrote; nil where there is none or it does not parse.
    package static func read(in loops: LoopsDirectory) throws(PosixError) -> AgentStatus? {
        guard let own = try loops.root.subdirectory(.own),
            let bytes = try own.contents(of: name, limit: 1 << 20)
        else { return nil }
        guard let json = try? JSONValue(parsing: bytes) else { return nil }
        return AgentStatus(json: json)
    }
}
