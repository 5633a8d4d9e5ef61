import GRDB
package import LoopModel

extension Catalogue {
    /// The columns that `RunRow` reads, in its order.
    private static let columns = """
        place, CAST(loop AS BLOB), CAST(run_id AS BLOB), CAST(status AS BLOB), CAST(started_at AS BLOB), ended,
        CAST(iterations AS BLOB), CAST(final_state AS BLOB), size, pinned, sums, events_size, names, stamps, identity,
        settled
        """

    /// The next runs by place.
    ///
    /// - Parameters:
    ///   - place: those behind it; nil for the first.
    ///   - count: at most so many.
    package func runs(after place: RunPlace?, count: Int) -> [CataloguedRun]? {
        read { db in
            var decoder = RunRow()
            var found: [CataloguedRun] = []
            let query = try Query(db, "SELECT \(Self.columns) FROM run WHERE place > ? ORDER BY place LIMIT ?")
            try query.forEach([.blob(place?.key ?? []), .integer(Int64(count))]) { row in
                found.append(try decoder.decode(row))
                return true
            }
            return found
        }
    }

    /// Runs from the one that ended last, to the one that ended first or not at all.
    ///
    /// - Parameter body: takes a run, and says whether to go on.
    /// - Returns: nil where it cannot be read.
    package func forEachRunNewestFirst(_ body: (CataloguedRun) -> Bool) -> Void? {
        read { db in
            var decoder = RunRow()
            // Nulls are the least in SQLite, as a run without an end is the oldest in a list.
            try Query(db, "SELECT \(Self.columns) FROM run ORDER BY ended DESC, place DESC").forEach { row in
                try body(decoder.decode(row))
            }
        }
    }

    /// The run at a place; nil where there is none, `.some(nil)` never.
    package func run(at place: RunPlace) -> CataloguedRun? {
        let found: CataloguedRun?? = read { db in
            var decoder = RunRow()
            var found: CataloguedRun?
            try Query(db, "SELECT \(Self.columns) FROM run WHERE place = ?").forEach([.blob(place.key)]) { row in
                found = try decoder.decode(row)
                return false
            }
            return found
        }
        return found ?? nil
    }

    /// Those of some places that it knows.
    package func runs(at places: [RunPlace]) -> [RunPlace: CataloguedRun]? {
        read { db in
            var decoder = RunRow()
            var found: [RunPlace: CataloguedRun] = [:]
            let query = try Query(db, "SELECT \(Self.columns) FROM run WHERE place = ?")
            for place in places {
                try query.forEach([.blob(place.key)]) { row in
                    found[place] = try decoder.decode(row)
                    return false
                }
            }
            return found
        }
    }

    /// Runs whose stamps may hide a change.
    package func unsettledRuns() -> [CataloguedRun]? {
        read { db in
            var decoder = RunRow()
            var found: [CataloguedRun] = []
            try Query(db, "SELECT \(Self.columns) FROM run WHERE settled = 0").forEach { row in
                found.append(try decoder.decode(row))
                return true
            }
            return found
        }
    }

    /// The places of all runs with the directory's part of their stamps, by place.
    ///
    /// - Parameter length: how many bytes that part has.
    package func places(stamps length: Int) -> [(place: RunPlace, stamp: [UInt8])]? {
        read { db in
            var found: [(RunPlace, [UInt8])] = []
            let query = try Query(db, "SELECT place, substr(stamps, 1, ?) FROM run ORDER BY place")
            try query.forEach([.integer(Int64(length))]) { row in
                guard let place = row.bytes(0).flatMap({ RunPlace(key: $0) }) else { throw RunRow.unreadable }
                found.append((place, row.bytes(1) ?? []))
                return true
            }
            return found
        }
    }

    /// How many runs it knows.
    package var count: Int? {
        read { db in Int(try Query(db, "SELECT count(*) FROM run").number() ?? 0) }
    }

    /// Takes runs over, and forgets others, all or nothing.
    ///
    /// - Returns: nil where that is not possible.
    @discardableResult
    package func update(_ records: [RunRecord], forgetting gone: [RunPlace] = []) -> Void? {
        guard !records.isEmpty || !gone.isEmpty else { return () }
        return write { db in
            let forget = try Query(db, "DELETE FROM run WHERE place = ?")
            for place in gone { try forget.run(.blob(place.key)) }
            let insert = try Query(db, Self.insertion)
            let share = try Query(db, "INSERT INTO state_time VALUES (?, CAST(? AS TEXT), ?, ?)")
            for record in records {
                try forget.run(.blob(record.run.place.key))
                try insert.forEach(record.values) { _ in false }
                let id = db.lastInsertedRowID
                for (state, time) in record.shares ?? [:] {
                    try share.run(
                        .integer(id),
                        .blob(state.bytes),
                        .integer(Int64(time.visits)),
                        .integer(time.microseconds)
                    )
                }
            }
        }
    }

    private static let insertion = """
        INSERT INTO run (place, path, layout, loop, run_id, status, started_at, ended, iterations, final_state, size,
          state_size, events_size, pinned, conflicts, sums, identity, names, stamps, settled, timed)
        VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT),
          ?, CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}

extension RunRecord {
    fileprivate var values: [Query.Value] {
        [
            .blob(run.place.key), .blob(Array(run.place.description.utf8)),
            .blob(Array(run.place.layout.rawValue.utf8)), .blob(run.loop.bytes), .blob(run.runID.text.bytes),
            .init(run.status?.rawValue.bytes), .init(run.startedAt?.bytes), .init(run.endedAt?.microseconds),
            .init(run.iteration?.serialized()), .init(run.finalState?.bytes), .integer(run.size), .init(stateSize),
            .init(eventsSize), .integer(run.isPinned ? 1 : 0), .integer(Int64(conflicts)), .init(run.sums),
            .init(run.identity?.key), .blob(Array(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))),
            .blob(stamps), .integer(isSettled ? 1 : 0), .integer(shares == nil ? 0 : 1),
        ]
    }
}
