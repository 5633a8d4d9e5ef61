extension PatternTranslator {
    /// What an opening parenthesis begins.
    enum Group {
        /// A comment.
        case nothing
        case part(Part)
        /// Flags for the whole expression.
        case flags(ignoresCase: Bool)
        case behind(LookBehind)
    }

    /// What has to stand, or not to stand, before a place; of a fixed width.
    struct LookBehind {
        var text: String
        var width: Int
        var isNegative: Bool

        /// As a look-ahead from where it begins.
        var ahead: String { (isNegative ? "(?!" : "(?=") + text + ")" }
    }

    /// What stands before a match, as text that it begins with.
    mutating func leading(_ behind: [LookBehind]) -> String {
        guard let width = behind.map(\.width).max(), width > 0 else { return behind.map(\.ahead).joined() }
        guard behind.allSatisfy({ $0.width == width }) else {
            note("look-behinds of several widths")
            return ""
        }
        let found = behind.map(\.ahead).joined() + #"(?:\#(gap)[\s\S]){\#(width)}"#
        // So near to the beginning of a text there is no room for what must not be there.
        return behind.allSatisfy(\.isNegative) ? #"(?:\#(found)|\A(?:\#(gap)[\s\S]){0,\#(width - 1)})"# : found
    }

    /// Reads what stands behind an opening parenthesis, the closing one included.
    ///
    /// - Parameter isFirst: whether nothing but flags and comments stands before it.
    mutating func group(isFirst: Bool) throws(Problem) -> Group {
        guard take("?") else { return .part(try capture(name: nil)) }
        guard let mark = current else { throw .invalid("unexpected end of pattern") }
        place += 1
        switch mark {
        case ":": return .part(try enclosed("(?:"))
        case ">": return .part(try enclosed("(?>"))
        case "=", "!":
            var part = try enclosed("(?\(mark)")
            part.width = .none
            part.kind = .assertion
            return .part(part)
        case "#":
            while let scalar = current, scalar != ")" { place += 1 }
            guard take(")") else { throw .invalid("missing ), unterminated comment") }
            return .nothing
        case "<": return .behind(try lookBehind())
        case "P":
            if take("<") { return .part(try capture(name: try name(upTo: ">"))) }
            guard take("=") else { throw .invalid("unknown extension") }
            let name = try name(upTo: ")")
            guard let number = names[name] else { throw .invalid("unknown group name") }
            return .part(try reference(number))
        case "(":
            return .part(try conditional())
        default:
            place -= 1
            return try flagged(isFirst: isFirst)
        }
    }

    /// Reads the alternatives in a group and its end.
    private mutating func enclosed(_ opening: String) throws(Problem) -> Part {
        try counted(opening).part
    }

    private mutating func counted(_ opening: String) throws(Problem) -> (part: Part, count: Int) {
        let outer = flags
        depth += 1
        guard depth < 100 else { throw .unsupported("so many groups in each other") }
        let (text, width, count) = try alternatives(isTop: false)
        depth -= 1
        flags = outer
        guard take(")") else { throw .invalid("missing ), unterminated subpattern") }
        return (Part(text: opening + text + ")", width: width), count)
    }

    private mutating func capture(name: String?) throws(Problem) -> Part {
        let number = groups.count
        groups.append(nil)
        if let name, names.updateValue(number, forKey: name) != nil { throw .invalid("redefinition of group name") }
        let part = try enclosed("(")
        groups[number] = part.width
        return part
    }

    private mutating func name(upTo end: Unicode.Scalar) throws(Problem) -> String {
        var name = ""
        while let scalar = current, scalar != end {
            name.unicodeScalars.append(scalar)
            place += 1
        }
        guard take(end) else { throw .invalid("unterminated name") }
        let isName = name.unicodeScalars.enumerated().allSatisfy { offset, scalar in
            scalar == "_" || (offset == 0 ? scalar.properties.isXIDStart : scalar.properties.isXIDContinue)
        }
        guard isName, !name.isEmpty else { throw .invalid("bad character in group name") }
        return name
    }

    /// A reference to what a group has matched.
    mutating func reference(_ number: Int) throws(Problem) -> Part {
        guard number < groups.count, number > 0 else { throw .invalid("invalid group reference") }
        guard let width = groups[number] else { throw .invalid("cannot refer to an open group") }
        if let first = firstGroupBehind, number >= first {
            throw .invalid("cannot refer to group defined in the same lookbehind subpattern")
        }
        if marks != nil { note("a reference to a group beside \\b") }
        return Part(text: "(?:\\\(number))", width: width)
    }

    private mutating func lookBehind() throws(Problem) -> LookBehind {
        guard let mark = current, mark == "=" || mark == "!" else { throw .invalid("unknown extension") }
        place += 1
        let outer = firstGroupBehind
        if outer == nil { firstGroupBehind = groups.count }
        let part = try enclosed("(?:")
        firstGroupBehind = outer
        guard part.width.least == part.width.most else { throw .invalid("look-behind requires fixed-width pattern") }
        return LookBehind(text: part.text, width: part.width.least, isNegative: mark == "!")
    }

    /// `(?(group)yes|no)`, for which Swift has nothing; read for what may be invalid in it.
    private mutating func conditional() throws(Problem) -> Part {
        note("a conditional group")
        let condition = try name(orNumberUpTo: ")")
        if let number = Int(condition) {
            guard number > 0 else { throw .invalid("bad group number") }
            conditions.append(number)
        } else if names[condition] == nil {
            throw .invalid("unknown group name")
        }
        let (part, count) = try counted("(?:")
        guard count <= 2 else { throw .invalid("conditional backref with more than two branches") }
        return part
    }

    private mutating func name(orNumberUpTo end: Unicode.Scalar) throws(Problem) -> String {
        let start = place
        while let scalar = current, "0"..."9" ~= scalar { place += 1 }
        if place > start, take(end) {
            var number = String.UnicodeScalarView()
            number.append(contentsOf: scalars[start..<place - 1])
            return String(number)
        }
        place = start
        return try name(upTo: end)
    }

    /// `(?flags)` and `(?flags-flags:…)`.
    private mutating func flagged(isFirst: Bool) throws(Problem) -> Group {
        let (on, off, isScoped) = try readFlags()
        if isScoped {
            let outer = flags
            set(on, to: true)
            set(off, to: false)
            let opening = on.contains("i") ? "(?i:" : off.contains("i") ? "(?-i:" : "(?:"
            let part = try enclosed(opening)
            flags = outer
            return .part(part)
        }
        guard isFirst else { throw .invalid("global flags not at the start of the expression") }
        set(on, to: true)
        return .flags(ignoresCase: on.contains("i"))
    }

    private mutating func readFlags() throws(Problem) -> (on: [Unicode.Scalar], off: [Unicode.Scalar], isScoped: Bool) {
        var on: [Unicode.Scalar] = []
        var off: [Unicode.Scalar] = []
        var isOff = false
        while let scalar = current {
            place += 1
            switch scalar {
            case "i", "m", "s", "x":
                if isOff { off.append(scalar) } else { on.append(scalar) }
            case "a", "u":
                guard !isOff else { throw .invalid("bad inline flags") }
                on.append(scalar)
                guard !(on.contains("a") && on.contains("u")) else { throw .invalid("bad inline flags") }
            case "-" where !isOff && current != ":" && current != ")":
                isOff = true
            case ":":
                guard !on.contains(where: off.contains) else { throw .invalid("bad inline flags") }
                return (on, off, true)
            case ")" where !isOff:
                return (on, off, false)
            default:
                throw .invalid(on.isEmpty ? "unknown extension" : "unknown flag")
            }
        }
        throw .invalid("missing -, : or )")
    }

    private mutating func set(_ letters: [Unicode.Scalar], to value: Bool) {
        for letter in letters {
            switch letter {
            case "m": flags.multiline = value
            case "s": flags.dotAll = value
            case "x": flags.verbose = value
            case "a": flags.ascii = true
            case "u": flags.ascii = false
            default: break
            }
        }
    }
}
