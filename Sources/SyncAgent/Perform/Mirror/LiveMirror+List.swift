import LoopModel
package import LoopStore
package import SyncCore

extension LiveMirror {
    /// The stems that have a live file in the mirror, and the conflict copies of sync clients beside them.
    ///
    /// After a start, the caller removes the stems whose files are no longer in `.running`.
    package static func stems(
        in root: any Directory
    ) throws(PosixError) -> (stems: [LiveStem], conflictCopies: [String]) {
        var stems: Set<LiveStem> = []
        var copies: [String] = []
        var pending: [[FileName]] = [[]]
        while let path = pending.popLast() {
            guard let directory = try root.descend([.running] + path) else { continue }
            for entry in try directory.entries() {
                switch entry.kind {
                case .directory:
                    // Deeper than any loop's name; whatever it is, it is not ours.
                    if path.count < 32 { pending.append(path + [entry.name]) }
                case .file, .link, .other:
                    if ConflictCopy.isOne(entry.name) {
                        copies.append("\(directory.path)/\(entry.name)")
                    } else if let found = LiveStem.parse(entry.name, below: path) {
                        stems.insert(found.stem)
                    }
                }
            }
        }
        return (stems.sorted(), copies.sorted())
    }
}
