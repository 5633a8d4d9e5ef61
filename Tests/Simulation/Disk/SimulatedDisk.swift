import LoopModel
import LoopStore

/// A disk in memory: inodes whose numbers are used again at once, hard links, times, what is durable of all that, and
/// what inotify would tell of it.
///
/// Nothing here knows of processes; see `SimulatedDirectory` for what one of them sees.
final class SimulatedDisk {
    let root: Inode
    /// Nanoseconds since the epoch by the wall's clock.
    var now: Int64
    /// What the kernel told of watched directories and nobody has read yet.
    private(set) var changes: [DiskChange] = []
    /// More unread changes than this are dropped.
    var changeLimit = 16_384
    /// How fine the file system's times are, in nanoseconds.
    var tick: Int64 = 1
    /// Whether it is kept what a loss of power would take.
    private(set) var tracksDurability = false
    private(set) var pending: [PendingChange] = []
    private var freeNumbers: [UInt64] = []
    private var nextNumber: UInt64 = 12

    init(now: Int64) {
        self.now = now
        root = Inode(kind: .directory, number: 2, birth: now, mode: 0o755, links: 1)
    }

    /// Now, as the file system writes it down.
    var stamp: Int64 { now - now % tick }

    // MARK: Inodes

    func make(_ kind: FileKind, mode: UInt32) -> Inode {
        freeNumbers.sort()
        let number: UInt64
        if freeNumbers.isEmpty {
            number = nextNumber
            nextNumber += 1
        } else {
            number = freeNumbers.removeFirst()
        }
        return Inode(kind: kind, number: number, birth: stamp, mode: mode, links: 0)
    }

    func opened(_ inode: Inode) { inode.opens += 1 }

    func closed(_ inode: Inode) {
        inode.opens -= 1
        releaseIfGone(inode)
    }

    private func releaseIfGone(_ inode: Inode) {
        // Where power may be lost, a number is not used again before its file is known to be gone for good.
        if inode.links == 0, inode.opens == 0, !tracksDurability { freeNumbers.append(inode.number) }
    }

    func status(_ inode: Inode) -> FileStatus {
        FileStatus(
            identity: FileIdentity(
                device: 1,
                inode: inode.number,
                birth: inode.birth
            ),
            kind: inode.kind,
            size: Int64(inode.bytes.count),
            allocated: Int64((inode.bytes.count + 4095) / 4096 * 4096),
            modified: inode.modified,
            changed: inode.changed,
            links: inode.links,
            mode: inode.mode
        )
    }

    // MARK: Entries

    /// Gives an inode a name that is free.
    func add(_ inode: Inode, to directory: Inode, as name: FileName, change: DiskChange.Kind = .created) {
        set([(directory, name, inode)])
        inode.links += 1
        inode.changed = stamp
        tell(directory, name, change, inode)
    }

    /// Takes a name away.
    func remove(_ name: FileName, from directory: Inode) {
        guard let inode = directory.entries[name] else { return }
        set([(directory, name, nil)])
        inode.links -= 1
        inode.changed = stamp
        inode.parent = nil
        tell(directory, name, .deleted, inode)
        if inode.isDirectory, inode.isWatched { append(DiskChange(directory: inode, name: nil, kind: .selfGone)) }
        releaseIfGone(inode)
    }

    /// Moves a name, over another one if it is taken.
    func move(_ name: FileName, from source: Inode, to target: Inode, as newName: FileName) {
        guard let inode = source.entries[name] else { return }
        let replaced = target.entries[newName]
        if replaced === inode { return }
        set([(source, name, nil), (target, newName, inode)])
        if let replaced {
            replaced.links -= 1
            replaced.changed = stamp
            replaced.parent = nil
            releaseIfGone(replaced)
        }
        inode.changed = stamp
        if inode.isDirectory { inode.parent = target }
        tell(source, name, .movedFrom, inode)
        tell(target, newName, .movedTo, inode)
        if inode.isDirectory, inode.isWatched { append(DiskChange(directory: inode, name: nil, kind: .selfGone)) }
    }

    func exchange(_ name: FileName, of source: Inode, with newName: FileName, of target: Inode) {
        guard let left = source.entries[name], let right = target.entries[newName] else { return }
        set([(source, name, right), (target, newName, left)])
        if left.isDirectory { left.parent = target }
        if right.isDirectory { right.parent = source }
        left.changed = stamp
        right.changed = stamp
        for (directory, name, inode) in [(source, name, right), (target, newName, left)] {
            tell(directory, name, .movedTo, inode)
        }
    }

    private func set(_ entries: [(directory: Inode, name: FileName, inode: Inode?)]) {
        if tracksDurability { pending.append(PendingChange(entries)) }
        for entry in entries {
            entry.directory.entries[entry.name] = entry.inode
            entry.directory.modified = stamp
            entry.directory.changed = stamp
            entry.directory.isDirty = true
            if let inode = entry.inode, inode.isDirectory { inode.parent = entry.directory }
        }
    }

    // MARK: Content

    func write(_ bytes: [UInt8], to inode: Inode, at offset: Int, knownAs place: (Inode, FileName)?) {
        if inode.bytes.count < offset {
            inode.bytes += [UInt8](repeating: 0, count: offset - inode.bytes.count)
        }
        let end = min(inode.bytes.count, offset + bytes.count)
        inode.bytes.replaceSubrange(offset..<end, with: bytes)
        touched(inode, place)
    }

    func truncate(_ inode: Inode, to size: Int, knownAs place: (Inode, FileName)?) {
        if size < inode.bytes.count {
            inode.bytes.removeLast(inode.bytes.count - size)
        } else {
            inode.bytes += [UInt8](repeating: 0, count: size - inode.bytes.count)
        }
        touched(inode, place)
    }

    private func touched(_ inode: Inode, _ place: (Inode, FileName)?) {
        inode.isDirty = true
        inode.isRead = false
        inode.modified = stamp
        inode.changed = stamp
        if let (directory, name) = place { tell(directory, name, .modified, inode) }
    }

    // MARK: Durability

    func sync(_ inode: Inode) {
        inode.isDirty = false
        if inode.isDirectory {
            if tracksDurability { pending = PendingChange.committing(pending, of: inode) }
        } else {
            inode.durableBytes = inode.bytes
        }
    }

    /// Makes everything durable, by whomever it was written.
    func syncAll() {
        func settle(_ inode: Inode) {
            sync(inode)
            for (_, below) in inode.sortedEntries { settle(below) }
        }
        settle(root)
    }

    /// From now on it is kept what a loss of power would take; what is there by now stays.
    func trackDurability() {
        tracksDurability = true
        func settle(_ inode: Inode) {
            inode.durableEntries = inode.entries
            inode.durableBytes = inode.bytes
            for (_, below) in inode.sortedEntries { settle(below) }
        }
        settle(root)
    }

    /// Begins anew with what the disk holds after a loss of power.
    func replacePending(_ changes: [PendingChange]) { pending = changes }

    func forgetChanges() { changes = [] }

    // MARK: inotify

    private func tell(_ directory: Inode, _ name: FileName, _ kind: DiskChange.Kind, _ inode: Inode) {
        guard directory.isWatched else { return }
        append(DiskChange(directory: directory, name: name, kind: kind, isDirectory: inode.isDirectory))
    }

    private func append(_ change: DiskChange) {
        // The kernel drops an event that equals the last unread one.
        if let last = changes.last, last == change { return }
        if changes.count == changeLimit { changes.append(DiskChange(directory: root, name: nil, kind: .overflow)) }
        if changes.count < changeLimit { changes.append(change) }
    }

    func takeChange() -> DiskChange? {
        changes.isEmpty ? nil : changes.removeFirst()
    }
}

/// What inotify tells of a watched directory.
struct DiskChange: Equatable {
    enum Kind {
        case created, modified, deleted, movedFrom, movedTo, selfGone, overflow
    }

    var directory: Inode
    var name: FileName?
    var kind: Kind
    var isDirectory = false

    var hasAppeared: Bool { kind == .created || kind == .movedTo }

    static func == (left: DiskChange, right: DiskChange) -> Bool {
        left.directory === right.directory && left.name == right.name && left.kind == right.kind
    }
}
