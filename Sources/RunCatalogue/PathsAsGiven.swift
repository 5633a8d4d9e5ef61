import GRDBSQLite

/// SQLite's own way to files but for one thing: a path is opened as it was given.
///
/// SQLite follows the links of a path when it is named and opens what came of that later, when a hostile neighbour may have
/// put another link there. The catalogue's path leads through the descriptor of an open directory, so that there is
/// nothing to follow.
enum PathsAsGiven {
    /// Whether databases are opened so from now on in this process; looked up once.
    static let isInUse: Bool = {
        guard let original = sqlite3_vfs_find(nil) else { return false }
        // SQLite keeps both for as long as the process lives.
        let ours = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        let name: StaticString = "loopsync"
        ours.initialize(to: original.pointee)
        ours.pointee.pNext = nil
        ours.pointee.zName = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        ours.pointee.xFullPathname = { _, given, capacity, resolved in
            guard let given, let resolved else { return SQLITE_CANTOPEN }
            var length = 0
            while given[length] != 0 { length += 1 }
            guard length < Int(capacity) else { return SQLITE_CANTOPEN }
            resolved.update(from: given, count: length + 1)
            return SQLITE_OK
        }
        return sqlite3_vfs_register(ours, 1) == SQLITE_OK
    }()
}
