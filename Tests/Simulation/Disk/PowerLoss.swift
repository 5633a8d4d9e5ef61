import LoopModel
import LoopStore

/// A change of names that no fsync has made durable yet; a rename is one change, since every journal keeps it whole.
struct PendingChange {
    private struct Key: Hashable {
        var directory: ObjectIdentifier
        var name: FileName
    }

    let entries: [(directory: Inode, name: FileName, inode: Inode?)]

    init(_ entries: [(directory: Inode, name: FileName, inode: Inode?)]) {
        self.entries = entries
    }

    private var keys: [Key] {
        entries.map { Key(directory: ObjectIdentifier($0.directory), name: $0.name) }
    }

    private func commit() {
        for entry in entries { entry.directory.durableEntries[entry.name] = entry.inode }
    }

    /// Makes what was done to a directory durable, and what came before it to the same names.
    ///
    /// - Returns: what is still pending.
    static func committing(_ changes: [PendingChange], of directory: Inode) -> [PendingChange] {
        guard !changes.isEmpty else { return [] }
        var wanted: Set<Key> = []
        var isCommitted = [Bool](repeating: false, count: changes.count)
        for index in changes.indices.reversed() {
            let keys = changes[index].keys
            guard
                changes[index].entries.contains(where: { $0.directory === directory }) || !wanted.isDisjoint(with: keys)
            else { continue }
            isCommitted[index] = true
            wanted.formUnion(keys)
        }
        var rest: [PendingChange] = []
        for (index, change) in changes.enumerated() {
            if isCommitted[index] { change.commit() } else { rest.append(change) }
        }
        return rest
    }

    /// What is left after a loss of power: of names, any subset that respects the order of changes to one name.
    static func survive(_ changes: [PendingChange], _ chance: inout Chance) {
        let isDropped = chance.within(0...1000)
        var lost: Set<Key> = []
        for change in changes {
            let keys = change.keys
            if !lost.isDisjoint(with: keys) || chance.happens(perMille: isDropped) {
                lost.formUnion(keys)
            } else {
                change.commit()
            }
        }
    }
}

extension SimulatedDisk {
    /// The machine loses its power and starts again: nobody has anything open, and what was not synced may be gone.
    func losePower(_ chance: inout Chance) {
        PendingChange.survive(pending, &chance)
        replacePending([])
        forgetChanges()
        root.orphanAll()
        var seen: Set<ObjectIdentifier> = []
        restore(root, &seen, &chance)
        countLinks()
    }

    private func restore(_ directory: Inode, _ seen: inout Set<ObjectIdentifier>, _ chance: inout Chance) {
        directory.entries = directory.durableEntries
        directory.isWatched = false
        directory.exclusiveHolder = nil
        directory.sharedHolders = []
        for (_, inode) in directory.sortedEntries where seen.insert(ObjectIdentifier(inode)).inserted {
            inode.exclusiveHolder = nil
            if inode.isDirectory {
                inode.parent = directory
                restore(inode, &seen, &chance)
            } else if inode.isDirty {
                inode.bytes = Self.torn(inode.bytes, durable: inode.durableBytes, &chance)
                inode.durableBytes = inode.bytes
                inode.isDirty = false
            }
        }
    }

    /// Content that was not synced: as before, as after, or some of the new bytes.
    private static func torn(_ bytes: [UInt8], durable: [UInt8], _ chance: inout Chance) -> [UInt8] {
        switch chance.below(4) {
        case 0: return durable
        case 1: return bytes
        case 2: return Array(bytes.prefix(chance.within(0...bytes.count)))
        default:
            // The size is written, the blocks are not.
            let kept = chance.within(0...bytes.count)
            return Array(bytes.prefix(kept)) + [UInt8](repeating: 0, count: bytes.count - kept)
        }
    }

    private func countLinks() {
        var counts: [ObjectIdentifier: (inode: Inode, links: UInt64)] = [:]
        func count(_ directory: Inode) {
            for (_, inode) in directory.sortedEntries {
                counts[ObjectIdentifier(inode), default: (inode, 0)].links += 1
                if inode.isDirectory { count(inode) }
            }
        }
        count(root)
        for (inode, links) in counts.values { inode.links = links }
    }
}
