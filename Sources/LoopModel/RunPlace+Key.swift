extension RunPlace {
    /// The names, joined by a byte that none can hold: such keys sort as places do.
    package var key: [UInt8] {
        guard let loopName else { return runName.bytes }
        var key: [UInt8] = []
        key.reserveCapacity(loopName.bytes.count + 1 + runName.bytes.count)
        appendKey(to: &key)
        return key
    }

    /// Puts the key behind what stands in an array.
    package func appendKey(to bytes: inout [UInt8]) {
        if let loopName {
            bytes += loopName.bytes
            bytes.append(0)
        }
        bytes += runName.bytes
    }

    /// Takes such a key apart.
    ///
    /// - Parameters:
    ///   - key: of a place; anything else is nil.
    ///   - known: a name that the loop's directory may have.
    package init?(key: [UInt8], sharing known: FileName? = nil) {
        guard let end = key.firstIndex(of: 0) else {
            guard let name = FileName(key) else { return nil }
            self.init(flat: name)
            return
        }
        let isKnown = known.map { key[..<end].elementsEqual($0.bytes) } ?? false
        guard let loop = isKnown ? known : FileName(Array(key[..<end])), let run = FileName(Array(key[(end + 1)...]))
        else {
            return nil
        }
        self.init(loop: loop, run: run)
    }
}
