/// A string as Python knows it: any code points, lone surrogates included.
///
/// Executors write `"\ud800"` when a model or a non-UTF-8 environment variable gave them half a pair, and a `String`
/// cannot hold that. The bytes are WTF-8: UTF-8 in which a lone surrogate has its own three bytes.
public struct JSONString: Hashable, Comparable, Sendable {
    /// The string in WTF-8.
    public let bytes: [UInt8]

    /// Hashes all bytes at once.
    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// Takes ordinary text.
    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Takes WTF-8: UTF-8 that may hold lone surrogates; two halves of a pair become the one character they mean.
    ///
    /// - Returns: nil for bytes that are not even that.
    public init?(wtf8 bytes: some Sequence<UInt8>) {
        var scanner = WTF8Scanner(Array(bytes))
        var joined: [UInt8] = []
        var pending: UInt32?
        while let scalar = scanner.next() {
            guard let scalar else { return nil }
            if let high = pending, 0xDC00...0xDFFF ~= scalar {
                joined.removeLast(3)
                joined.appendWTF8(0x10000 + (high - 0xD800) << 10 + (scalar - 0xDC00))
                pending = nil
            } else {
                joined.appendWTF8(scalar)
                pending = 0xD800...0xDBFF ~= scalar ? scalar : nil
            }
        }
        self.bytes = joined
    }

    /// Takes a file name as Python does (`os.fsdecode`): a byte that is no UTF-8 becomes the surrogate U+DC80 to U+DCFF.
    public init(fileSystemBytes bytes: some Sequence<UInt8>) {
        var scanner = WTF8Scanner(Array(bytes))
        var decoded: [UInt8] = []
        var place = 0
        while let scalar = scanner.next() {
            if let scalar, !(0xD800...0xDFFF ~= scalar) {
                decoded.appendWTF8(scalar)
                place = scanner.position
            } else {
                decoded.appendWTF8(0xDC00 + UInt32(scanner.bytes[place]))
                place += 1
                scanner.position = place
            }
        }
        self.bytes = decoded
    }

    /// Bytes that are known to be well-formed WTF-8.
    package init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The bytes that Python uses for it in a path (`os.fsencode`); nil where it has none and raises.
    public var fileSystemBytes: [UInt8]? {
        guard bytes.contains(0xED) else { return bytes }
        var scanner = WTF8Scanner(bytes)
        var encoded: [UInt8] = []
        while let scalar = scanner.next() {
            guard let scalar else { return nil }
            switch scalar {
            case 0xDC80...0xDCFF: encoded.append(UInt8(scalar - 0xDC00))
            case 0xD800...0xDFFF: return nil
            default: encoded.appendWTF8(scalar)
            }
        }
        return encoded
    }

    /// The string as text; a lone surrogate becomes U+FFFD.
    public var string: String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Whether it has no character.
    public var isEmpty: Bool {
        bytes.isEmpty
    }

    /// Orders by code points, as Python does.
    public static func < (left: JSONString, right: JSONString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension JSONString: ExpressibleByStringLiteral, CustomStringConvertible {
    /// Takes a literal.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// The string for people: lone surrogates and control characters are escaped as `\xNN`.
    public var description: String {
        PrintableText.escaping(bytes)
    }
}
