/// Finds line ends, eight bytes at a time: a line may have gigabytes, and those are looked through too.
package enum Newline {
    /// The index of the first newline; nil where there is none.
    package static func first(in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { all in
            var offset = 0
            while offset + 8 <= all.count, !hasNewline(all, at: offset) { offset += 8 }
            while offset < all.count {
                if all[offset] == byte { return bytes.startIndex + offset }
                offset += 1
            }
            return nil
        }
    }

    /// The index of the last newline; nil where there is none.
    package static func last(in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { all in
            var end = all.count
            while end >= 8, !hasNewline(all, at: end - 8) { end -= 8 }
            while end > 0 {
                end -= 1
                if all[end] == byte { return bytes.startIndex + end }
            }
            return nil
        }
    }

    private static let byte = UInt8(ascii: "\n")

    /// Whether one of eight bytes is a newline: a byte that became zero borrows from the bit above it.
    private static func hasNewline(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ 0x0a0a_0a0a_0a0a_0a0a
        return (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0
    }
}
