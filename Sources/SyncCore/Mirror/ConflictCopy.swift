package import LoopModel

/// Tells the copies that sync clients make when two sides changed one file.
///
/// Such a copy is somebody's data and is never deleted; but it is no run, however much its name looks like one.
package enum ConflictCopy {
    /// Syncthing; Dropbox, Nextcloud and others in English; ownCloud; Resilio.
    private static let marks = [".sync-conflict-", "conflicted copy", "_conflict-", ".conflict-", ".Conflict"]
        .map { Array($0.utf8) }

    /// Whether a sync client named this file.
    package static func isOne(_ name: FileName) -> Bool {
        marks.contains { mark in
            name.bytes.count > mark.count
                && (0...(name.bytes.count - mark.count)).contains { start in
                    name.bytes[start] == mark[0] && name.bytes[start..<(start + mark.count)].elementsEqual(mark)
                }
        }
    }
}
