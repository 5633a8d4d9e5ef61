import LoopModel
package import LoopStore
package import SyncCore

/// `.loopsync/retention.json`: what the last pass left behind, for the valve; a cache.
package enum RetentionState {
    private static let name = FileName(literal: "retention.json")

    /// Reads it; an empty memory where there is none or it makes no sense.
    package static func load(_ loops: LoopsDirectory) -> RetentionMemory {
        guard let own = try? loops.root.subdirectory(.own),
            let bytes = try? own.contents(of: name, limit: 16 << 20),
            let json = try? JSONValue(parsing: bytes)
        else { return RetentionMemory() }
        return RetentionMemory(json: json)
    }

    /// Writes it anew; the caller holds the `HistoryLock`.
    package static func save(_ memory: RetentionMemory, _ loops: LoopsDirectory) throws(PosixError) {
        try loops.own().replaceFile(name, with: memory.json.serialized(indent: 2))
    }
}
