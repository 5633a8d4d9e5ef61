import LoopModel

/// Texts that many rows of an answer have alike, such as the names of loops, so that they are in memory once for it.
struct SharedTexts {
    /// Those met last, by a hash of theirs.
    private var slots = [JSONString?](repeating: nil, count: 64)

    /// The text in a column; nil for null.
    mutating func text(_ row: Query.Row, _ column: Int32) -> JSONString? {
        row.withBytes(column) { bytes in
            guard let bytes else { return nil }
            let slot = Self.slot(of: bytes, among: slots.count)
            if let text = slots[slot], text.bytes.elementsEqual(bytes) { return text }
            let text = JSONString(unchecked: Array(bytes))
            slots[slot] = text
            return text
        }
    }

    private static func slot(of bytes: UnsafeRawBufferPointer, among count: Int) -> Int {
        // FNV-1a: texts of a few bytes, hashed for each row.
        let hash = bytes.reduce(into: UInt32(2_166_136_261)) { $0 = ($0 ^ UInt32($1)) &* 16_777_619 }
        return Int(hash % UInt32(count))
    }
}
