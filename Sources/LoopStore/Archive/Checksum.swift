/// A SHA-256 digest.
package struct Checksum: Hashable, Sendable, CustomStringConvertible {
    /// How many bytes one has.
    static let length = 32

    /// Its 32 bytes.
    package let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The digest of some bytes.
    package init(of bytes: some Sequence<UInt8>) {
        var hasher = SHA256()
        hasher.update(Array(bytes)[...])
        self = hasher.digest()
    }

    /// Takes a digest as `sha256sum` prints it: 64 hexadecimal digits; nil for anything else.
    ///
    /// Small letters or capitals, but not both: nobody writes a digest so, and one flipped bit makes one of the other.
    package init?(hexadecimal digits: some Collection<UInt8>) {
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        var hasSmall = false
        var hasCapitals = false
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = digit - UInt8(ascii: "a") + 10
                hasSmall = true
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                value = digit - UInt8(ascii: "A") + 10
                hasCapitals = true
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        guard !hasSmall || !hasCapitals else { return nil }
        self.bytes = bytes
    }

    /// Digests a file in pieces, whatever its size.
    package static func of(_ file: any File) throws(PosixError) -> Checksum {
        var hasher = SHA256()
        var offset: Int64 = 0
        while true {
            let piece = try file.read(at: offset, count: pieceSize)
            hasher.update(piece[...])
            offset += Int64(piece.count)
            if piece.count < pieceSize { return hasher.digest() }
        }
    }

    /// How many bytes are in memory at a time while files are copied, compared and digested.
    package static let pieceSize = 1 << 20

    /// The 64 digits, in lower case.
    package var hexadecimal: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(Self.digit(byte >> 4))
            text.append(Self.digit(byte & 15))
        }
        return text
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The 64 digits.
    package var description: String {
        String(decoding: hexadecimal, as: UTF8.self)
    }
}
