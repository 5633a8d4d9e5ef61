import GRDB
package import LoopModel

/// What is known of a run that stands whole in a mirror.
package struct MirroredCopy: Hashable, Sendable {
    package var place: RunPlace
    /// The digest of the `SHA256SUMS` that both sides have.
    package var sums: [UInt8]
    /// The files that were compared.
    package var names: [FileName]
    /// What a stat of the directory and of each of the files said in the history.
    package var here: [UInt8]
    /// The same in the mirror.
    package var there: [UInt8]

    /// Describes a pair.
    package init(place: RunPlace, sums: [UInt8], names: [FileName], here: [UInt8], there: [UInt8]) {
        self.place = place
        self.sums = sums
        self.names = names
        self.here = here
        self.there = there
    }
}

extension Catalogue {
    /// The number of a mirror in here.
    ///
    /// - Parameters:
    ///   - marker: the id in its marker.
    ///   - path: where it is now.
    package func mirror(marker: String, path: String) -> Int64? {
        let values: [Query.Value] = [.blob(Array(marker.utf8)), .blob(Array(path.utf8))]
        let known: Int64?? = read { db in
            try Query(db, "SELECT id FROM mirror WHERE marker = CAST(? AS TEXT) AND path = CAST(? AS TEXT)")
                .number(values[0], values[1])
        }
        if let known = known ?? nil { return known }
        return write { db in
            try Query(
                db,
                """
                INSERT INTO mirror (marker, path) VALUES (CAST(? AS TEXT), CAST(? AS TEXT))
                ON CONFLICT (marker) DO UPDATE SET path = excluded.path
                """
            ).run(values[0], values[1])
            return try Query(db, "SELECT id FROM mirror WHERE marker = CAST(? AS TEXT)").number(values[0]) ?? 0
        }
    }

    /// What is known of the copies from one place on, by place.
    ///
    /// - Parameters:
    ///   - place: where to begin; nil for the first.
    ///   - count: at most so many.
    package func copies(in mirror: Int64, from place: RunPlace?, count: Int) -> [MirroredCopy]? {
        read { db in
            var found: [MirroredCopy] = []
            found.reserveCapacity(count)
            let query = try Query(
                db,
                """
                SELECT place, sums, names, here, there FROM mirrored WHERE mirror = ? AND place >= ?
                ORDER BY place LIMIT ?
                """
            )
            var names: (bytes: [UInt8], names: [FileName]) = ([], [])
            let values: [Query.Value] = [.integer(mirror), .blob(place?.key ?? []), .integer(Int64(count))]
            try query.forEach(values) { row in
                guard let place = row.bytes(0).flatMap({ RunPlace(key: $0) }), let bytes = row.bytes(2) else {
                    throw RunRow.unreadable
                }
                if bytes != names.bytes {
                    names = (bytes, bytes.split(separator: UInt8(ascii: "/")).compactMap { FileName($0) })
                }
                found.append(
                    MirroredCopy(
                        place: place,
                        sums: row.bytes(1) ?? [],
                        names: names.names,
                        here: row.bytes(3) ?? [],
                        there: row.bytes(4) ?? []
                    )
                )
                return true
            }
            return found
        }
    }

    /// The places of all copies, with the digest of their sums and the directory's part of their stamps.
    ///
    /// - Parameter length: how many bytes that part has.
    package func copyStamps(in mirror: Int64, length: Int) -> [(place: RunPlace, sums: [UInt8], stamp: [UInt8])]? {
        read { db in
            var found: [(RunPlace, [UInt8], [UInt8])] = []
            let query = try Query(db, "SELECT place, sums, substr(there, 1, ?) FROM mirrored WHERE mirror = ?")
            try query.forEach([.integer(Int64(length)), .integer(mirror)]) { row in
                guard let place = row.bytes(0).flatMap({ RunPlace(key: $0) }) else { throw RunRow.unreadable }
                found.append((place, row.bytes(1) ?? [], row.bytes(2) ?? []))
                return true
            }
            return found
        }
    }

    /// Takes over what was compared, and forgets what is not so any more.
    @discardableResult
    package func updateCopies(in mirror: Int64, _ copies: [MirroredCopy], forgetting gone: [RunPlace]) -> Void? {
        guard !copies.isEmpty || !gone.isEmpty else { return () }
        return write { db in
            let forget = try Query(db, "DELETE FROM mirrored WHERE mirror = ? AND place = ?")
            for place in gone { try forget.run(.integer(mirror), .blob(place.key)) }
            let insert = try Query(db, "INSERT OR REPLACE INTO mirrored VALUES (?, ?, ?, ?, ?, ?)")
            for copy in copies {
                let names = Array(copy.names.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
                try insert.run(
                    .integer(mirror),
                    .blob(copy.place.key),
                    .blob(copy.sums),
                    .blob(names),
                    .blob(copy.here),
                    .blob(copy.there)
                )
            }
        }
    }
}
