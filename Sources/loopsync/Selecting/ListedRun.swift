import LoopModel
import LoopStore
import SyncAgent

/// An archived run in a list that may span several loops directories and their mirrors.
struct ListedRun {
    let run: ArchivedRun
    let site: RunSite

    /// Whether the mirror holds it; nil where no mirror is known.
    var isMirrored: Bool? { site.isHere ? site.isMirrored(run) : true }

    /// Where it is kept, for people.
    var kept: String {
        let place = site.isHere ? (site.isMirrored(run) == true ? "here, mirror" : "here") : "mirror"
        return place + (run.isPinned ? ", pinned" : "")
    }

    /// The absolute path of its files.
    var directory: String { "\(site.root)/.history/\(run.place)" }
}

/// Where archived runs are: the history of a loops directory, or the one in its mirror.
///
/// An object, since each of its runs has it.
final class RunSite {
    /// The loops directory that the runs belong to, as a person named it.
    let loops: String
    /// The absolute path of the directory that holds the `.history`: that one, or its mirror.
    let root: String
    /// Whether it is the loops directory's own history.
    let isHere: Bool
    let history: any Directory
    /// Whether the mirror holds a run; nil where none is known.
    let isMirrored: (ArchivedRun) -> Bool?

    init(
        loops: String,
        root: String,
        isHere: Bool,
        history: any Directory,
        isMirrored: @escaping (ArchivedRun) -> Bool?
    ) {
        self.loops = loops
        self.root = root
        self.isHere = isHere
        self.history = history
        self.isMirrored = isMirrored
    }
}
