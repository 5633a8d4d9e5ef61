import GRDB
import GRDBSQLite

/// A prepared statement whose values are bytes and numbers: names and texts of loops may be no UTF-8, and a hundred
/// thousand rows leave no time for anything in between.
struct Query {
    enum Value {
        case null
        case integer(Int64)
        case blob([UInt8])

        init(_ bytes: [UInt8]?) {
            self = bytes.map(Value.blob) ?? .null
        }

        init(_ number: Int64?) {
            self = number.map(Value.integer) ?? .null
        }
    }

    /// Holds what `raw` points to.
    private let statement: Statement
    private let raw: SQLiteStatement

    /// Prepares a statement, once for each connection.
    init(_ db: Database, _ sql: String) throws {
        statement = try db.cachedStatement(sql: sql)
        raw = statement.sqliteStatement
    }

    /// Runs it for what it does.
    func run(_ values: Value...) throws {
        try forEach(values) { _ in false }
    }

    /// Runs it, row by row.
    ///
    /// - Parameter body: takes a row, which is good until it returns; says whether to go on.
    func forEach(_ values: [Value] = [], _ body: (Row) throws -> Bool) throws {
        defer { sqlite3_reset(raw) }
        sqlite3_reset(raw)
        for (index, value) in values.enumerated() { try check(bind(value, to: Int32(index + 1))) }
        while true {
            let code = sqlite3_step(raw)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { return try check(code) }
            if try !body(Row(raw: raw)) { return }
        }
    }

    /// The first row's first number.
    func number(_ values: Value...) throws -> Int64? {
        var found: Int64?
        try forEach(values) { row in
            found = row.integer(0)
            return false
        }
        return found
    }

    private func bind(_ value: Value, to index: Int32) -> Int32 {
        // SQLite copies the bytes at once.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return sqlite3_bind_null(raw, index)
        case .integer(let number): return sqlite3_bind_int64(raw, index, number)
        case .blob(let bytes) where bytes.isEmpty: return sqlite3_bind_zeroblob(raw, index, 0)
        case .blob(let bytes):
            return bytes.withUnsafeBytes { sqlite3_bind_blob(raw, index, $0.baseAddress, Int32($0.count), transient) }
        }
    }

    private func check(_ code: Int32) throws {
        guard code != SQLITE_OK else { return }
        let message = sqlite3_db_handle(raw).flatMap(sqlite3_errmsg).map { String(cString: $0) }
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }

    /// The row that a statement stands on.
    struct Row {
        fileprivate let raw: SQLiteStatement

        /// A number; nil for null.
        func integer(_ column: Int32) -> Int64? {
            sqlite3_column_type(raw, column) == SQLITE_NULL ? nil : sqlite3_column_int64(raw, column)
        }

        /// The bytes of a text or a blob; nil for null.
        func bytes(_ column: Int32) -> [UInt8]? {
            withBytes(column) { $0.map { Array($0) } }
        }

        /// The bytes where they lie.
        func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
            guard sqlite3_column_type(raw, column) != SQLITE_NULL else { return body(nil) }
            let start = sqlite3_column_blob(raw, column)
            return body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column))))
        }
    }
}
