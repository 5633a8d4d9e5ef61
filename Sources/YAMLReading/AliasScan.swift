/// Finds, before a text is parsed, aliases that could make its parser work without end.
///
/// Aliases that hold aliases can stand for more nodes than fit in memory, and a file may come with a cloned repository.
/// The parser shares the nodes that an alias repeats, but to find keys that come twice it walks through every key, all
/// that aliases in it stand for included.
enum AliasScan {
    /// Up to so many a file can grow eightyfold at most.
    private static let harmless = 12

    static let unsafeMessage =
        "in a file with more than \(harmless) aliases (*name) none may be a key or stand in one; quote a text that begins with *"

    /// The first place that is too much.
    ///
    /// - Parameter allowsAliases: whether any number may stand for values. Otherwise more than a dozen places that look
    ///   like aliases are refused; fewer are left to the reader of the nodes, which knows them from other text.
    static func firstUnsafe(in text: String, allowsAliases: Bool) -> (line: Int, column: Int)? {
        guard text.utf8.contains(asterisk) else { return nil }
        var found = 0
        var first: (line: Int, column: Int)?
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard allowsAliases ? line.utf8.contains(where: marks.contains) : line.utf8.contains(asterisk) else {
                continue
            }
            let scalars = Array(line.unicodeScalars)
            for place in scalars.indices {
                if scalars[place] == "*", isAlias(scalars, place) {
                    found += 1
                    if !allowsAliases, found > harmless { return (number + 1, place + 1) }
                }
                if allowsAliases, first == nil, mayBeKey(scalars, place) { first = (number + 1, place + 1) }
            }
        }
        return found > harmless ? first : nil
    }

    private static let asterisk = UInt8(ascii: "*")
    private static let marks: Set<UInt8> = [asterisk, UInt8(ascii: "?"), UInt8(ascii: "]"), UInt8(ascii: "}")]

    private static func isSeparated(_ scalars: [Unicode.Scalar], _ place: Int) -> Bool {
        place == 0 || " \t[{,:".unicodeScalars.contains(scalars[place - 1])
    }

    private static func isAlias(_ scalars: [Unicode.Scalar], _ place: Int) -> Bool {
        guard place + 1 < scalars.count, isSeparated(scalars, place) else { return false }
        return isNamePart(scalars[place + 1])
    }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains(scalar))
    }

    /// Whether a key begins or ends here that is, or may hold, an alias: `*name :`, `? …`, `[…]:`, `{…}:`.
    private static func mayBeKey(_ scalars: [Unicode.Scalar], _ place: Int) -> Bool {
        var end = place + 1
        switch scalars[place] {
        case "?":
            return isSeparated(scalars, place) && (end == scalars.count || " \t".unicodeScalars.contains(scalars[end]))
        case "*":
            guard isAlias(scalars, place) else { return false }
            while end < scalars.count, isNamePart(scalars[end]) { end += 1 }
        case "]", "}":
            break
        default:
            return false
        }
        while end < scalars.count, " \t".unicodeScalars.contains(scalars[end]) { end += 1 }
        return end < scalars.count && scalars[end] == ":"
    }
}
