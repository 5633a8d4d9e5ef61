import LoopModel
import LoopStore
import SyncCore

/// One state file of the mirror, replaced by a rename whenever its source was saved.
final class LiveStateFile {
    private let stem: LiveStem
    private let site: LiveSite
    private var seal: LiveEventsFile.Seal?
    /// What we wrote last, to tell a reader's flip from an edit; not kept for a state of unusual size.
    private var ours: [UInt8]?

    private static let remembered = 1 << 20

    init(stem: LiveStem, site: LiveSite) {
        self.stem = stem
        self.site = site
    }

    private var name: FileName { stem.name(of: .state) }

    /// Forgets everything, as after a restart.
    func forget() {
        seal = nil
        ours = nil
    }

    /// Writes a state that parses.
    ///
    /// - Returns: false where the mirror has these bytes already.
    func save(_ bytes: [UInt8], mode: UInt32, modified: Int64, in root: any Directory) throws(PosixError) -> Bool {
        let directory = try site.directory(of: stem, in: root, making: true)
        let there = try directory.status(of: name)
        if let there, seal == LiveEventsFile.Seal(there), ours == bytes { return false }
        if seal == nil, there?.size == Int64(bytes.count),
            try directory.contents(of: name, limit: bytes.count) == bytes
        {
            remember(bytes, there)
            return false
        }
        try keepForeign(there, in: directory, root)
        let scratch = try site.scratch.open(in: root)
        let temporary = site.freshName()
        do {
            let file = try scratch.createFile(temporary, mode: 0o600)
            try file.write(bytes, at: 0)
            try file.setAttributesIfPossible(mode: mode, modified: modified)
            let status = try file.status()
            try file.close()
            try scratch.rename(temporary, into: directory, as: name, .replacing)
            remember(bytes, status)
            return true
        } catch {
            _ = try? scratch.unlink(temporary)
            throw error
        }
    }

    /// Removes the destination, since its source is gone.
    func remove(in root: any Directory) throws(PosixError) {
        defer { forget() }
        guard let directory = try site.directory(of: stem, in: root),
            let there = try directory.status(of: name)
        else { return }
        try keepForeign(there, in: directory, root)
        try directory.unlink(name)
    }

    private func remember(_ bytes: [UInt8], _ status: FileStatus?) {
        seal = status.map(LiveEventsFile.Seal.init)
        ours = bytes.count <= Self.remembered ? bytes : nil
    }

    /// Keeps what another wrote over our state.
    ///
    /// After a start nothing is known of the file, and a state that is older than ours looks no different from an
    /// edited one.
    private func keepForeign(
        _ there: FileStatus?,
        in directory: any Directory,
        _ root: any Directory
    ) throws(PosixError) {
        guard let there, let seal, LiveEventsFile.Seal(there) != seal else { return }
        if there.kind == .file, let ours, there.size <= Self.remembered * 2,
            let found = try directory.contents(of: name, limit: Self.remembered * 2),
            found == ours || ReaderFlip.isAll(between: ours, and: found)
        {
            return
        }
        try site.keep(name, stem, in: directory, root)
    }
}
