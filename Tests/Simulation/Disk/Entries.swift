import LoopModel

/// A directory's entries in the order of their names: few, so that looking through them is quicker than hashing.
struct Entries {
    private(set) var sorted: [(name: FileName, inode: Inode)] = []

    var isEmpty: Bool { sorted.isEmpty }
    var values: some Sequence<Inode> { sorted.lazy.map(\.inode) }

    subscript(name: FileName) -> Inode? {
        get {
            for entry in sorted where entry.name == name { return entry.inode }
            return nil
        }
        set {
            guard let newValue else { return sorted.removeAll { $0.name == name } }
            if let place = sorted.firstIndex(where: { $0.name == name }) {
                sorted[place].inode = newValue
            } else {
                sorted.insert((name, newValue), at: sorted.firstIndex { name < $0.name } ?? sorted.endIndex)
            }
        }
    }
}
