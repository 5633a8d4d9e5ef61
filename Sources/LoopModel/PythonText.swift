/// Text as Python's text files see it.
package enum PythonText {
    /// Cuts white space off both ends as `str.strip` does, which knows more of it than JSON.
    static func stripped(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = line
        while let first = rest.first {
            let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : 3
            guard isSpace(rest.prefix(width)) else { break }
            rest = rest.dropFirst(width)
        }
        while !rest.isEmpty {
            guard let width = (1...3).first(where: { isSpace(rest.suffix($0)) && rest.count >= $0 }) else { break }
            rest = rest.dropLast(width)
        }
        return rest
    }

    /// Whether `str.isspace` is true of a character.
    package static func isSpace(_ character: Unicode.Scalar) -> Bool {
        switch character.value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
            true
        default:
            false
        }
    }

    /// Whether the bytes are one character for which `str.isspace` is true.
    private static func isSpace(_ character: ArraySlice<UInt8>) -> Bool {
        let bytes = Array(character)
        switch bytes.count {
        case 1: return 0x09...0x0D ~= bytes[0] || 0x1C...0x20 ~= bytes[0]
        case 2: return bytes == [0xC2, 0x85] || bytes == [0xC2, 0xA0]
        case 3:
            switch (bytes[0], bytes[1], bytes[2]) {
            case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8), (0xE2, 0x80, 0xA9),
                (0xE2, 0x80, 0xAF), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
                return true
            default:
                return false
            }
        default: return false
        }
    }
}
