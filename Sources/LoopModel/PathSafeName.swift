/// Names of loops and runs as directory names that lead nowhere else.
public enum PathSafeName {
    /// The longest name that stays as it is, in bytes; with `RUN_ID-` before it, it still is a file name.
    public static let longest = 200

    /// The directory name of a loop.
    ///
    /// A name that is one plain path component of at most 200 bytes stays as the executor would write it. Any other is
    /// percent-encoded to printable ASCII and, where it is too long, cut; a hash of the whole name then tells it from
    /// its like. The state keeps the true name.
    ///
    /// Two loops share a directory only where the plain name of one spells what the other is encoded to, as `a%2Fb` and
    /// `a/b`, since executors know the directory of a plain name by that name; or where somebody finds two names with
    /// one hash. Their runs still stand apart: no run takes another's place.
    public static func component(for loop: JSONString) -> FileName {
        if let bytes = loop.fileSystemBytes, bytes.count <= longest, let plain = FileName(bytes) { return plain }
        var encoded = encode(loop.bytes)
        if encoded.count > longest {
            let hash = hexadecimal(fnv1a64(loop.bytes))
            encoded = cut(encoded, to: longest - hash.count - 1) + [UInt8(ascii: "-")] + hash
        }
        // Encoding leaves printable characters alone, and at least one of them.
        return FileName(encoded) ?? FileName(literal: "%")
    }

    /// The directory name of a run id, by the same rules.
    public static func component(for run: RunID) -> FileName {
        component(for: run.text)
    }

    private static func encode(_ bytes: [UInt8]) -> [UInt8] {
        // A name of dots alone has to change too.
        let isDots = bytes.allSatisfy { $0 == UInt8(ascii: ".") }
        var encoded: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: "%"), 0...0x20, 0x7F...:
                encoded += escape(byte)
            case UInt8(ascii: ".") where isDots:
                encoded += escape(byte)
            default:
                encoded.append(byte)
            }
        }
        return encoded
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// Cuts without leaving half an escape at the end.
    private static func cut(_ encoded: [UInt8], to length: Int) -> [UInt8] {
        let tail = encoded[max(0, length - 2)..<length]
        let end = tail.firstIndex(of: UInt8(ascii: "%")) ?? length
        return Array(encoded[..<end])
    }

    /// FNV-1a, 64 bits, for short and stable names that resist no attacker: <http://www.isthe.com/chongo/tech/comp/fnv/>.
    package static func fnv1a64(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func hexadecimal(_ number: UInt64) -> [UInt8] {
        let digits = String(number, radix: 16)
        return Array((String(repeating: "0", count: 16 - digits.utf8.count) + digits).utf8)
    }
}
