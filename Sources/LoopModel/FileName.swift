/// One component of a path, as bytes: file names are no text on Linux.
public struct FileName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name's bytes, without a terminating NUL.
    public let bytes: [UInt8]

    /// Takes a name that is one plain path component.
    ///
    /// - Parameter bytes: 1 to 255 bytes without `/` and NUL, and neither `.` nor `..`.
    /// - Returns: nil for anything else.
    public init?(_ bytes: some Sequence<UInt8>) {
        self.init(Array(bytes))
    }

    /// The same of an array, which is kept as it is.
    public init?(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, bytes.count <= 255, !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")) else {
            return nil
        }
        guard bytes != [UInt8(ascii: ".")], bytes != [UInt8(ascii: "."), UInt8(ascii: ".")] else { return nil }
        self.bytes = bytes
    }

    /// Takes a name written as text.
    public init?(_ text: String) {
        self.init(text.utf8)
    }

    /// A name that this program's source spells out.
    ///
    /// - Parameter literal: a plain path component; anything else is a programming error.
    public init(literal: StaticString) {
        bytes = literal.withUTF8Buffer { Array($0) }
        precondition(FileName(bytes) != nil, "a file name literal is one plain path component")
    }

    /// The name for people: invalid UTF-8 and control characters are escaped as `\xNN`.
    public var description: String {
        PrintableText.escaping(bytes)
    }

    /// Hashes all bytes at once; what the compiler makes hashes them one by one.
    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// Orders by bytes, as `LC_ALL=C sort` does.
    public static func < (left: FileName, right: FileName) -> Bool {
        // Long histories are sorted by their names.
        left.bytes.withUnsafeBytes { left in
            right.bytes.withUnsafeBytes { right in
                for index in 0..<min(left.count, right.count) where left[index] != right[index] {
                    return left[index] < right[index]
                }
                return left.count < right.count
            }
        }
    }

    /// Whether the name ends with these ASCII characters.
    public func hasSuffix(_ suffix: String) -> Bool {
        bytes.count > suffix.utf8.count && bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// The name without its last bytes, where something remains.
    public func dropping(suffix: String) -> FileName? {
        hasSuffix(suffix) ? FileName(bytes.dropLast(suffix.utf8.count)) : nil
    }
}
