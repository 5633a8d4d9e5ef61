package import LoopModel

extension Directory {
    /// Removes an entry and all below it, without following links.
    ///
    /// What lies deep comes up first, so that neither descriptors nor the stack run out however deep somebody dug.
    package func removeTree(_ name: FileName) throws(PosixError) {
        guard let status = try status(of: name) else { return }
        if status.kind == .directory { try removeDirectoryTree(name) } else { try unlink(name) }
    }

    /// Removes a directory and all below it, as `removeTree` does; anything else in its place is an error (ENOTDIR).
    func removeDirectoryTree(_ name: FileName) throws(PosixError) {
        if let below = try subdirectory(name) {
            var removal = TreeRemoval(top: below)
            repeat {
                removal.hasMore = false
                for entry in try below.entries() { try removal.remove(entry, from: below, depth: 1) }
            } while removal.hasMore
        }
        try removeDirectory(name)
    }
}

/// The removal of what is in one directory.
private struct TreeRemoval {
    let top: any Directory
    /// Whether something came up to the top, and is still to be removed.
    var hasMore = false
    private var raised = 0

    /// Beyond so many levels a directory moves up.
    private static let deepest = 32

    init(top: any Directory) {
        self.top = top
    }

    mutating func remove(_ entry: DirectoryEntry, from directory: any Directory, depth: Int) throws(PosixError) {
        let name = entry.name
        guard entry.kind == .directory else {
            try directory.unlink(name)
            return
        }
        if depth > Self.deepest, try raise(name, from: directory) { return }
        if let below = try directory.subdirectory(name) {
            for entry in try below.entries() { try remove(entry, from: below, depth: depth + 1) }
        }
        try directory.removeDirectory(name)
    }

    /// Moves a directory up to the top; false where the names there are taken, by whomever.
    private mutating func raise(_ name: FileName, from directory: any Directory) throws(PosixError) -> Bool {
        for _ in 0..<1000 {
            raised += 1
            guard let free = FileName(".loopsync-raised-\(raised)") else { return false }
            do throws(PosixError) {
                try directory.rename(name, into: top, as: free, .notReplacing)
                hasMore = true
                return true
            } catch {
                guard error.code == .exists || error.code == .notEmpty else { throw error }
            }
        }
        return false
    }
}
