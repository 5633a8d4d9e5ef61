/// Makes foreign bytes safe to print on a terminal or in a log.
public enum PrintableText {
    /// The bytes as text, with invalid UTF-8, control characters and line ends of any kind written as `\xNN`.
    ///
    /// - Parameters:
    ///   - bytes: any bytes, for instance a file name or a line of somebody's log.
    ///   - limit: at most this many bytes are shown; the rest becomes `…`.
    public static func escaping(_ bytes: some Sequence<UInt8>, limit: Int = 4096) -> String {
        let bytes = Array(bytes)
        // Nearly everything is plain ASCII, and every path of a message comes by here.
        if bytes.count <= limit, bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        var text = ""
        var rest = bytes.prefix(limit)
        while let byte = rest.first {
            let width = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            if let character = String(validating: rest.prefix(width), as: UTF8.self),
                let category = character.unicodeScalars.first?.properties.generalCategory,
                ![.control, .format, .lineSeparator, .paragraphSeparator].contains(category)
            {
                text += character
                rest = rest.dropFirst(width)
            } else {
                text += "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
                rest = rest.dropFirst()
            }
        }
        return bytes.count > limit ? text + "…" : text
    }

    /// A text of this program with what came into it from elsewhere made harmless; its lines stay lines.
    ///
    /// - Parameter text: anything but a text that has colours.
    public static func escapingControls(in text: String) -> String {
        func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
            let category = scalar.properties.generalCategory
            return (category == .control || category == .format) && scalar != "\n" && scalar != "\t"
        }
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        return text.unicodeScalars.map { isHarmful($0) ? escaping(String($0).utf8) : String($0) }.joined()
    }
}
