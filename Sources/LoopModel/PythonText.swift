/// Text as Python's text files see it.
enum PythonText {
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
