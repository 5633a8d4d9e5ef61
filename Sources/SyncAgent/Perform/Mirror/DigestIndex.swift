import LoopModel

/// The digest of each run's sums by the run's place, packed: some seventy bytes for a run, with its name.
///
/// A comparison goes by place, and finds or appends the next one without a search. What comes between is kept beside until
/// there is so much of it that a merge costs each of them little.
struct DigestIndex {
    /// The keys of places one behind the other, ascending.
    private var keys: [UInt8] = []
    /// Where each key ends.
    private var ends: [Int] = []
    /// The digest of each.
    private var digests: [UInt8] = []
    /// What is not packed, by its key; nil for a run that is, and has none any more.
    private var changes: [[UInt8]: [UInt8]?] = [:]
    /// The number of the key that was found last.
    private var cursor = 0

    /// Bytes of a digest (SHA-256); anything of another length is none.
    private static let length = 32
    private static let mostChanges = 1024

    /// The digest of a run; nil where none is known.
    subscript(place: RunPlace) -> [UInt8]? {
        get {
            let key = place.key
            return changes[key] ?? number(of: key).map { Array(digests[bytes(ofDigest: $0)]) }
        }
        set {
            let key = place.key
            let digest = newValue?.count == Self.length ? newValue : nil
            if let number = number(of: key) {
                cursor = number
                changes[key] = digest == nil ? .some(nil) : nil
                if let digest { digests.replaceSubrange(bytes(ofDigest: number), with: digest) }
            } else if let last = ends.indices.last, order(of: last, to: key) > 0 {
                if let digest { changes[key] = .some(digest) } else { changes[key] = nil }
            } else if let digest {
                cursor = ends.count
                append(key, digest)
            }
            if changes.count > max(Self.mostChanges, ends.count / 8) { merge() }
        }
    }

    /// Makes room for so many runs, so that they cost no more than they need while they come.
    mutating func reserveCapacity(_ count: Int) {
        keys.reserveCapacity(count * Self.length)
        ends.reserveCapacity(count)
        digests.reserveCapacity(count * Self.length)
    }

    private mutating func append(_ key: some Collection<UInt8>, _ digest: some Collection<UInt8>) {
        keys += key
        ends.append(keys.count)
        digests += digest
    }

    private func bytes(ofKey number: Int) -> Range<Int> {
        (number == 0 ? 0 : ends[number - 1])..<ends[number]
    }

    private func bytes(ofDigest number: Int) -> Range<Int> {
        number * Self.length..<(number + 1) * Self.length
    }

    /// Where a key is among the packed ones.
    private func number(of key: [UInt8]) -> Int? {
        if cursor < ends.count, order(of: cursor, to: key) == 0 { return cursor }
        if cursor + 1 < ends.count, order(of: cursor + 1, to: key) == 0 { return cursor + 1 }
        // While they come in order, each comes behind the last.
        if let last = ends.indices.last, order(of: last, to: key) < 0 { return nil }
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if order(of: middle, to: key) < 0 { low = middle + 1 } else { high = middle }
        }
        return low < ends.count && order(of: low, to: key) == 0 ? low : nil
    }

    /// Below zero where a packed key comes before this one, above where it comes after.
    private func order(of number: Int, to key: [UInt8]) -> Int {
        keys.withUnsafeBytes { all in
            key.withUnsafeBytes { key in
                let own = all[bytes(ofKey: number)]
                let start = own.startIndex
                for index in 0..<min(own.count, key.count) where own[start + index] != key[index] {
                    return own[start + index] < key[index] ? -1 : 1
                }
                return own.count - key.count
            }
        }
    }

    private mutating func merge() {
        var merged = DigestIndex()
        merged.reserveCapacity(ends.count + changes.count)
        var changed = changes.sorted { $0.key.lexicographicallyPrecedes($1.key) }[...]
        for number in ends.indices {
            while let next = changed.first, order(of: number, to: next.key) > 0 {
                if let digest = next.value { merged.append(next.key, digest) }
                changed.removeFirst()
            }
            if let next = changed.first, order(of: number, to: next.key) == 0 {
                // One that is packed is changed by its removal alone.
                changed.removeFirst()
            } else {
                merged.append(keys[bytes(ofKey: number)], digests[bytes(ofDigest: number)])
            }
        }
        for next in changed {
            if let digest = next.value { merged.append(next.key, digest) }
        }
        self = merged
    }
}
