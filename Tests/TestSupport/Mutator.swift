/// Makes hostile variations of sound inputs, each wholly determined by its number.
///
/// Bits flip, bytes become those that parsers stumble over, words of the format stand where none should, pieces go, come
/// twice or come from another input, ends are cut off, brackets nest and numbers grow.
package struct Mutator: Sendable {
    /// The sound inputs.
    package let corpus: [[UInt8]]
    private let words: [[UInt8]]
    private let brackets: [(open: [UInt8], close: [UInt8])]

    /// A longer variation is cut.
    private static let longest = 1 << 16

    /// Takes what variations are made of.
    ///
    /// - Parameters:
    ///   - corpus: sound inputs, at least one.
    ///   - words: what the format knows, and what it nearly knows.
    ///   - brackets: what can be nested.
    package init(corpus: [[UInt8]], words: [String], brackets: [(String, String)] = [("[", "]"), (#"{"a":"#, "}")]) {
        precondition(!corpus.isEmpty, "variations of nothing")
        self.corpus = corpus
        self.words = words.map { Array($0.utf8) }
        self.brackets = brackets.map { (Array($0.0.utf8), Array($0.1.utf8)) }
    }

    /// The variation of a number: one of the inputs with one to four changes; every 64th is an input as it is.
    package func variation(_ number: UInt64) -> [UInt8] {
        var random = SplitMix(seed: number &* 0xD1B5_4A32_D192_ED03)
        var bytes = random.pick(corpus)
        guard number % 64 != 0 else { return bytes }
        for _ in 0...random.below(4) { change(&bytes, &random) }
        return Array(bytes.prefix(Self.longest))
    }

    private func change(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let piece = random.range(in: bytes)
        switch random.below(14) {
        case 0, 1:
            guard !bytes.isEmpty else { return }
            bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
        case 2:
            guard !bytes.isEmpty else { return }
            bytes[random.below(bytes.count)] = random.pick(Self.awkward)
        case 3, 4: bytes.insert(contentsOf: word(&random), at: piece.lowerBound)
        case 5: bytes.replaceSubrange(piece, with: word(&random))
        case 6: bytes.removeSubrange(piece)
        case 7: bytes.insert(contentsOf: bytes[piece], at: piece.upperBound)
        case 8:
            let other = random.pick(corpus)
            bytes.replaceSubrange(piece, with: other[random.range(in: other)])
        case 9: bytes.removeSubrange(piece.lowerBound...)
        case 10:
            guard !brackets.isEmpty else { return }
            let (open, close) = random.pick(brackets)
            let depth = random.pick([1, 2, 9, 498, 499, 500, 501, 1100])
            bytes.insert(contentsOf: Self.repeated(close, depth), at: piece.upperBound)
            bytes.insert(contentsOf: Self.repeated(open, depth), at: piece.lowerBound)
        case 11:
            let digits = (0..<random.pick([3, 18, 19, 20, 40, 400])).map { _ in
                UInt8(ascii: "0") + UInt8(random.below(10))
            }
            bytes.insert(contentsOf: digits, at: piece.lowerBound)
        case 12: bytes.insert(contentsOf: Array(String(Character(random.scalar())).utf8), at: piece.lowerBound)
        default:
            // Two lines change places.
            var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            lines.swapAt(random.below(lines.count), random.below(lines.count))
            bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
        }
    }

    private func word(_ random: inout SplitMix) -> [UInt8] {
        words.isEmpty ? [random.pick(Self.awkward)] : random.pick(words)
    }

    private static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
        Array(repeatElement(bytes, count: count).joined())
    }

    /// Ends of text, of lines and of ranges, quotes, and bytes that begin, continue or cannot be UTF-8.
    private static let awkward: [UInt8] =
        [0, 0x08, 0x09, 0x0A, 0x0D, 0x1B, 0x1F, 0x20, 0x7F, 0x80, 0x85, 0xA0, 0xBF, 0xC0, 0xC2, 0xE2, 0xED, 0xEF, 0xF0]
        + [0xF4, 0xFF] + Array("\"'\\/*?[]{}:,-+.%#&!0129eEuxZ~".utf8)
}

extension SplitMix {
    /// A short piece more often than a long one.
    mutating func range(in bytes: [UInt8]) -> Range<Int> {
        let start = below(bytes.count + 1)
        let length = min(bytes.count - start, below(4) == 0 ? below(bytes.count + 1) : below(9))
        return start..<(start + length)
    }

    /// Any character, with those more often that mean something to some reader.
    mutating func scalar() -> Unicode.Scalar {
        let known: [UInt32] = [
            0x85, 0xA0, 0x2028, 0x2029, 0x202E, 0x200B, 0xFEFF, 0xFFFD, 0x301, 0x212A, 0x37E, 0x1F600,
        ]
        let number = below(2) == 0 ? pick(known) : UInt32(below(0x11_0000))
        return Unicode.Scalar(number) ?? "\u{D7FF}"
    }
}
