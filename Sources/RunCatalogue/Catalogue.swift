import GRDB
import LoopModel
import Synchronization

/// The open catalogue of one history: a cache of what files say, in SQLite.
///
/// Nothing here ever fails its caller: what cannot be read or written answers nil, and the reason is told once. Whoever
/// asks then reads the files.
package final class Catalogue: Sendable {
    private let queue: DatabaseQueue
    /// Keeps the way open that the path leads: SQLite goes it again for the files beside the catalogue, and at the end.
    private let way: any Sendable
    private let tell: @Sendable (String) -> Void
    private let trouble = Mutex(Trouble())

    /// What went wrong, and until when nothing is tried again.
    private struct Trouble {
        var error: CatalogueError?
        var until: ContinuousClock.Instant?
    }

    /// How long to wait for another process, in seconds: far less than reading the files would take.
    private static let patience = 0.25
    /// For how long nobody waits again for one that was waited for in vain, so that a catalogue that another process
    /// holds, or a full disk, delays nothing for long.
    private static let pause = Duration.seconds(10)

    /// Opens a catalogue of this version.
    ///
    /// - Parameters:
    ///   - path: of an existing file; an empty one becomes a catalogue.
    ///   - way: whatever must live for as long as the path is to lead there.
    ///   - tell: hears, once, why it is not used.
    package init(path: String, way: any Sendable = (), tell: @escaping @Sendable (String) -> Void)
        throws(CatalogueError)
    {
        self.tell = tell
        self.way = way
        guard PathsAsGiven.isInUse else { throw CatalogueError.unavailable("SQLite takes no way to files but its own") }
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(Self.patience)
        configuration.label = "catalogue"
        // What came with a cloned project must not run anything.
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA trusted_schema = 0; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4000")
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in try Self.prepare(db) }
        } catch let error as CatalogueError {
            throw error
        } catch {
            throw CatalogueError(error)
        }
    }

    deinit {
        // What is in the log goes into the file; that it is closed is all that can be done.
        try? queue.close()
        withExtendedLifetime(way) {}
    }

    /// Makes the tables of an empty file, and looks whether those of another are this version's.
    private static func prepare(_ db: Database) throws {
        let version = try Query(db, "PRAGMA user_version").number() ?? 0
        let count = try Query(db, "SELECT count(*) FROM sqlite_master").number() ?? 0
        if version == 0, count == 0 {
            try Query(db, "PRAGMA journal_mode = WAL").forEach { _ in false }
            try db.inTransaction(.immediate) {
                // Another process may have been quicker.
                if try Query(db, "SELECT count(*) FROM sqlite_master").number() == 0 {
                    for object in CatalogueSchema.objects { try db.execute(sql: object.sql) }
                    try db.execute(sql: "PRAGMA user_version = \(CatalogueSchema.version)")
                }
                return .commit
            }
        } else if version != CatalogueSchema.version {
            let age = version < CatalogueSchema.version ? "older" : "newer"
            throw CatalogueError.worthless("it is of version \(version), \(age) than this program's")
        }
        var found: [String: [UInt8]] = [:]
        try Query(db, "SELECT name, CAST(sql AS BLOB) FROM sqlite_master WHERE sql IS NOT NULL").forEach { row in
            found[String(decoding: row.bytes(0) ?? [], as: UTF8.self)] = row.bytes(1) ?? []
            return true
        }
        let isOurs =
            found.count == CatalogueSchema.objects.count
            && CatalogueSchema.objects.allSatisfy { found[$0.name] == Array($0.sql.utf8) }
        guard isOurs else { throw CatalogueError.worthless("its tables are not this program's") }
    }

    /// Why it is not used any more; nil while all is well.
    package var failure: CatalogueError? { trouble.withLock { $0.error } }

    /// Reads; nil where that is not possible.
    func read<Value>(_ body: (Database) throws -> Value) -> Value? {
        attempt { try queue.unsafeRead(body) }
    }

    /// Changes all or nothing; nil where that is not possible.
    func write<Value>(_ body: (Database) throws -> Value) -> Value? {
        attempt { () throws -> Value in
            try queue.writeWithoutTransaction { db in
                var value: Value?
                // At once for writing, so that waiting has an end.
                try db.inTransaction(.immediate) {
                    value = try body(db)
                    return .commit
                }
                guard let value else { throw CatalogueError.unavailable("nothing was written") }
                return value
            }
        }
    }

    private func attempt<Value>(_ body: () throws -> Value) -> Value? {
        let now = ContinuousClock.now
        let isBarred = trouble.withLock { trouble in
            if case .worthless? = trouble.error { return true }
            return trouble.until.map { now < $0 } ?? false
        }
        guard !isBarred else { return nil }
        do {
            return try body()
        } catch {
            let error = error as? CatalogueError ?? CatalogueError(error)
            let isFirst = trouble.withLock { trouble in
                defer { trouble = Trouble(error: error, until: .now + Self.pause) }
                return trouble.error == nil
            }
            if isFirst { tell("the catalogue is not used, the files are read instead: \(error)") }
            return nil
        }
    }

    /// Looks through the whole file.
    ///
    /// - Returns: what is wrong; empty where nothing is, nil where it cannot be looked at.
    package func damage() -> [String]? {
        read { db in
            var found: [String] = []
            try Query(db, "PRAGMA quick_check").forEach { row in
                found.append(PrintableText.escaping(row.bytes(0) ?? []))
                return true
            }
            return found.filter { $0 != "ok" }
        }
    }
}
