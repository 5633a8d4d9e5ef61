package import LoopModel
import LoopStore
import SyncCore

/// What the live files of one mirror share: where they stand, and what happens to what stands in their way.
final class LiveSite {
    let scratch: MirrorScratch
    /// Whether the run that begins with this line is archived, so that a live copy of it may go.
    var isArchived: (_ firstLine: [UInt8]) -> Bool = { _ in false }
    /// What was found and kept, for the log.
    var notices: [MirrorNotice] = []
    private var counter = 0

    init(scratch: MirrorScratch) {
        self.scratch = scratch
    }

    /// A name in the scratch directory that this process has not used yet.
    func freshName() -> FileName {
        counter += 1
        return FileName("live-\(counter)") ?? FileName(literal: "live")
    }

    /// Opens the mirror's directory for a stem's files; nil where there is none.
    func directory(of stem: LiveStem, in root: any Directory) throws(PosixError) -> (any Directory)? {
        try root.descend([.running] + stem.components.dropLast())
    }

    /// Opens it, making what is missing.
    func directory(of stem: LiveStem, in root: any Directory, making: Bool) throws(PosixError) -> any Directory {
        var directory = try root.ensureDirectory(.running)
        for name in stem.components.dropLast() { directory = try directory.ensureDirectory(name) }
        return directory
    }

    /// Moves aside what a rename or an unlink would destroy, unless it is our own or an archived run's.
    ///
    /// - Parameters:
    ///   - seal: what we left there; nil when that is not known, as after a start.
    ///   - firstLine: how the file that replaces it begins; nil when nothing does.
    func makeWay(
        for name: FileName,
        _ stem: LiveStem,
        in directory: any Directory,
        _ root: any Directory,
        seal: LiveEventsFile.Seal?,
        firstLine: [UInt8]?
    ) throws(PosixError) {
        guard let status = try directory.status(of: name), seal != LiveEventsFile.Seal(status) else { return }
        // The archived copy shares its bytes: what happens to them happens there, and `verify` sees it.
        if status.links > 1, status.identity == seal?.identity, status.size == seal?.size { return }
        if seal == nil, status.kind == .file,
            let line = try directory.openFile(name, for: .reading)?.firstLine(limit: 1 << 16),
            line != firstLine, isArchived(line)
        {
            return
        }
        try keep(name, stem, in: directory, root)
    }

    /// Moves something into `.conflicts/` and says so.
    func keep(_ name: FileName, _ stem: LiveStem, in directory: any Directory, _ root: any Directory) throws(PosixError)
    {
        let shelf = [FileName(literal: "running")] + stem.components.dropLast()
        if let kept = try MirrorConflicts.keep(name, of: directory, in: root, below: shelf) {
            notices.append(.foreignEdit(path: "\(directory.path)/\(name)", keptAs: kept))
        }
        // Equal bytes are kept already; a directory in a file's place always moves.
    }
}

/// Something about the mirror that a person may want to know; each is told once.
package enum MirrorNotice: Hashable, Sendable, CustomStringConvertible {
    case foreignEdit(path: String, keptAs: String)
    case conflictCopy(path: String)
    case vanished(RunPlace)
    case displaced(RunPlace, keptAs: String)
    case doubled(RunPlace, of: RunPlace)
    case damagedSource(RunPlace, String)
    case found(String)

    package var description: String {
        switch self {
        case .foreignEdit(let path, let kept):
            "\(path) was changed by somebody else; that version is kept as \(kept), and the mirror has its own again"
        case .conflictCopy(let path):
            "\(path) is a sync client's conflict copy; it is left alone and never taken for a run"
        case .vanished(let place):
            "\(place) is in the mirror and no longer in the history, though nothing pruned it here; it stays in the mirror"
        case .displaced(let place, let kept):
            "\(place) in the mirror was another run, which the history has nowhere; it is kept as \(kept)"
        case .doubled(let place, let home):
            "\(place) in the mirror was a second copy of \(home); it is in the mirror's trash"
        case .damagedSource(let place, let why):
            "\(place) is not mirrored: it differs from its SHA256SUMS (\(why)); see loopsync verify \(place)"
        case .found(let text): text
        }
    }
}
