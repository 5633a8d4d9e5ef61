/// Where words begin and end in a text, shown by marks between its characters.
///
/// The marks are U+10FFFF and U+10FFFE, which stand for nothing in any text.
struct WordMarks: Hashable, Sendable {
    /// Whether words are of ASCII alone, and not of letters and digits of all scripts and `_`.
    var isASCII: Bool
    /// Whether every other place has a mark too.
    var isEverywhere: Bool

    /// In an expression, what stands where a word begins or ends.
    static let edge = "\\u{10ffff}"
    /// What stands everywhere else, if anything does.
    static let elsewhere = "\\u{10fffe}"
    private static let edgeBytes: [UInt8] = [0xF4, 0x8F, 0xBF, 0xBF]
    private static let elsewhereBytes: [UInt8] = [0xF4, 0x8F, 0xBF, 0xBE]

    /// The text with its marks, of which an empty one has none; before and behind a text is no word.
    func mark(_ text: String) -> String {
        guard !text.isEmpty else { return text }
        var marked: [UInt8] = []
        marked.reserveCapacity(text.utf8.count * (isEverywhere ? 5 : 2))
        var isInside = false
        for scalar in text.unicodeScalars {
            append(to: &marked, isEdge: isPart(scalar) != isInside)
            isInside = isPart(scalar)
            if let bytes = UTF8.encode(scalar) { marked += bytes }
        }
        append(to: &marked, isEdge: isInside)
        return String(decoding: marked, as: UTF8.self)
    }

    private func append(to marked: inout [UInt8], isEdge: Bool) {
        if isEdge { marked += Self.edgeBytes } else if isEverywhere { marked += Self.elsewhereBytes }
    }

    private func isPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
        case ..<0x80: false
        default: !isASCII && scalar.isAlphanumeric
        }
    }
}

extension Unicode.Scalar {
    /// Whether it is a letter or a number, as for Python's `str.isalnum`.
    fileprivate var isAlphanumeric: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}
