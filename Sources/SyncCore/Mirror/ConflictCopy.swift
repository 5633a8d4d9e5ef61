package import LoopModel

/// Tells the copies that sync clients make when two sides changed one file.
///
/// Such a copy is somebody's data and is never deleted; but it is no run, however much its name looks like one.
package enum ConflictCopy {
    /// Syncthing; Dropbox, Nextcloud and others in English; ownCloud; Resilio.
    private static let marks = [".sync-conflict-", "conflicted copy", "_conflict-", ".conflict-", ".Conflict"]

    /// Whether a sync client named this file.
    package static func isOne(_ name: FileName) -> Bool {
        let text = String(decoding: name.bytes, as: UTF8.self)
        return marks.contains { text.utf8.count > $0.utf8.count && contains(text, $0) }
    }

    private static func contains(_ text: String, _ mark: String) -> Bool {
        let text = Array(text.utf8)
        let mark = Array(mark.utf8)
        guard text.count >= mark.count else { return false }
        return (0...(text.count - mark.count)).contains { text[$0..<($0 + mark.count)].elementsEqual(mark) }
    }
}
