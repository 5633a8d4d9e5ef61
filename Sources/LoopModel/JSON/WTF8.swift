/// Walks through WTF-8, code point by code point.
struct WTF8Scanner {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next code point; nil at the end, and an inner nil where the bytes are malformed (the scan ends there).
    mutating func next() -> UInt32?? {
        guard position < bytes.count else { return nil }
        let (scalar, width) = bytes.withUnsafeBufferPointer { decodeWTF8($0, at: position) }
        position = width == 0 ? bytes.count : position + width
        return .some(width == 0 ? nil : scalar)
    }
}

/// Decodes the code point at a place.
///
/// - Returns: the code point and its width in bytes; a width of 0 where the bytes are malformed. Surrogates are decoded
///   like other code points: the caller says whether it takes them.
@inline(__always)
func decodeWTF8(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> (scalar: UInt32, width: Int) {
    let first = UInt32(bytes[place])
    if first < 0x80 { return (first, 1) }
    let (width, least): (Int, UInt32) =
        switch first {
        case 0xC2...0xDF: (2, 0x80)
        case 0xE0...0xEF: (3, 0x800)
        case 0xF0...0xF4: (4, 0x10000)
        default: (0, 0)
        }
    guard width > 0, place + width <= bytes.count else { return (0, 0) }
    var scalar = first & (0x7F >> UInt32(width))
    for offset in 1..<width {
        let byte = UInt32(bytes[place + offset])
        guard byte & 0xC0 == 0x80 else { return (0, 0) }
        scalar = scalar << 6 | byte & 0x3F
    }
    guard scalar >= least, scalar <= 0x10FFFF else { return (0, 0) }
    return (scalar, width)
}

extension [UInt8] {
    /// Appends a code point, also a surrogate.
    mutating func appendWTF8(_ scalar: UInt32) {
        switch scalar {
        case 0..<0x80:
            append(UInt8(scalar))
        case 0x80..<0x800:
            append(UInt8(0xC0 | scalar >> 6))
            append(UInt8(0x80 | scalar & 0x3F))
        case 0x800..<0x10000:
            append(UInt8(0xE0 | scalar >> 12))
            append(UInt8(0x80 | scalar >> 6 & 0x3F))
            append(UInt8(0x80 | scalar & 0x3F))
        default:
            append(UInt8(0xF0 | scalar >> 18))
            append(UInt8(0x80 | scalar >> 12 & 0x3F))
            append(UInt8(0x80 | scalar >> 6 & 0x3F))
            append(UInt8(0x80 | scalar & 0x3F))
        }
    }
}
