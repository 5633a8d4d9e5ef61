import LoopModel
import LoopStore

/// A file or directory of the simulated disk, whatever its names are.
final class Inode {
    let kind: FileKind
    var number: UInt64
    let birth: Int64
    var mode: UInt32
    var modified: Int64
    var changed: Int64
    var links: UInt64
    /// How often it is open; a file without a name stays for as long as it is.
    var opens = 0

    /// A file's content.
    var bytes: [UInt8] = []
    /// What of the content an fsync has made durable.
    var durableBytes: [UInt8] = []
    /// Whether content or entries changed since the last fsync.
    var isDirty = false
    /// Whether loopsync made it.
    var isOurs = false
    /// Whether loopsync read all of it at once since the last change.
    var isRead = false
    /// Whose run's bytes a file in `.running` holds.
    var owner: SimulatedRun?

    /// A directory's entries.
    var entries = Entries()
    /// What of the entries is durable.
    var durableEntries = Entries()
    /// The directory that holds a directory, as long as one does.
    var parent: Inode?
    /// When somebody of loopsync last read a directory.
    var listed: Int64 = 0
    /// Whether the agent watches the directory.
    var isWatched = false

    /// Who holds the flock: an open file or directory each.
    var exclusiveHolder: ObjectIdentifier?
    var sharedHolders: Set<ObjectIdentifier> = []

    init(kind: FileKind, number: UInt64, birth: Int64, mode: UInt32, links: UInt64) {
        self.kind = kind
        self.number = number
        self.birth = birth
        self.mode = mode
        self.links = links
        modified = birth
        changed = birth
    }

    var isDirectory: Bool { kind == .directory }

    /// The entries by name.
    var sortedEntries: [(name: FileName, inode: Inode)] { entries.sorted }

    /// Takes their places from all directories below this one, which know it as it knows them.
    func orphanAll() {
        for inode in entries.values where inode.isDirectory {
            inode.parent = nil
            inode.orphanAll()
        }
    }

    /// Whether this directory is another one, or lies below it.
    func isWithin(_ other: Inode) -> Bool {
        var place: Inode? = self
        while let here = place {
            if here === other { return true }
            place = here.parent
        }
        return false
    }
}
