import GRDB
package import LoopModel

extension Catalogue {
    /// The directories that were looked into for the list of runs, with their stamps.
    package func directories() -> [(path: [FileName], stamp: [UInt8])]? {
        read { db in
            var found: [([FileName], [UInt8])] = []
            try Query(db, "SELECT path, stamp FROM directory").forEach { row in
                let parts = (row.bytes(0) ?? []).split(separator: 0)
                let path = parts.compactMap { FileName($0) }
                guard path.count == parts.count else { throw RunRow.unreadable }
                found.append((path, row.bytes(1) ?? []))
                return true
            }
            return found
        }
    }

    /// Takes over which directories were looked into; none means that the list is to be made again the next time.
    @discardableResult
    package func setDirectories(_ directories: [(path: [FileName], stamp: [UInt8])]) -> Void? {
        write { db in
            try Query(db, "DELETE FROM directory").run()
            let insert = try Query(db, "INSERT OR REPLACE INTO directory VALUES (?, ?)")
            for directory in directories {
                let key = Array(directory.path.map(\.bytes).joined(separator: [0]))
                try insert.run(.blob(key), .blob(directory.stamp))
            }
        }
    }

    /// What was pruned and brought back, as rows for people.
    package struct Prune: Sendable {
        package var change: String
        package var time: Timestamp
        package var place: RunPlace
        package var loop: JSONString
        package var runID: RunID
        package var status: RunStatus?
        package var endedAt: Timestamp?
        package var size: Int64
        package var reasons: [String]

        /// Describes one line of the record.
        package init(
            change: String,
            time: Timestamp,
            place: RunPlace,
            loop: JSONString,
            runID: RunID,
            status: RunStatus?,
            endedAt: Timestamp?,
            size: Int64,
            reasons: [String]
        ) {
            self.change = change
            self.time = time
            self.place = place
            self.loop = loop
            self.runID = runID
            self.status = status
            self.endedAt = endedAt
            self.size = size
            self.reasons = reasons
        }
    }

    /// The stamp of the record of prunes that the rows were taken from.
    package func stamp(ofSource name: String) -> [UInt8]? {
        let found: [UInt8]?? = read { db in
            var found: [UInt8]?
            try Query(db, "SELECT stamp FROM source WHERE name = CAST(? AS TEXT)").forEach([.blob(Array(name.utf8))]) {
                found = $0.bytes(0)
                return false
            }
            return found
        }
        return found ?? nil
    }

    /// Takes the whole record of prunes over.
    ///
    /// - Parameters:
    ///   - name: the file that it is from.
    ///   - stamp: what a stat said of it before it was read.
    @discardableResult
    package func setPrunes(_ prunes: [Prune], from name: String, stamp: [UInt8]) -> Void? {
        write { db in
            try Query(db, "DELETE FROM prune").run()
            let insert = try Query(
                db,
                """
                INSERT INTO prune (change, time, path, loop, run_id, status, ended, size, reasons) VALUES
                (CAST(? AS TEXT), ?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?, ?,
                  CAST(? AS TEXT))
                """
            )
            for prune in prunes {
                let reasons = JSONValue.array(prune.reasons.map { .string(JSONString($0)) }).serialized()
                try insert.run(
                    .blob(Array(prune.change.utf8)),
                    .integer(prune.time.microseconds),
                    .blob(Array(prune.place.description.utf8)),
                    .blob(prune.loop.bytes),
                    .blob(prune.runID.text.bytes),
                    .init(prune.status?.rawValue.bytes),
                    .init(prune.endedAt?.microseconds),
                    .integer(prune.size),
                    .blob(reasons)
                )
            }
            try Query(db, "INSERT OR REPLACE INTO source VALUES (CAST(? AS TEXT), ?)")
                .run(.blob(Array(name.utf8)), .blob(stamp))
        }
    }
}
