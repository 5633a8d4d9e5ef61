extension PatternTranslator {
    /// One of Python's classes of characters, as members of a class of Swift's.
    private func members(_ letter: Unicode.Scalar) -> String? {
        switch letter {
        case "d": flags.ascii ? "0-9" : #"\p{Nd}"#
        case "w": flags.ascii ? "a-zA-Z0-9_" : #"\p{L}\p{N}_"#
        case "s":
            flags.ascii
                ? #"\u{9}-\u{d}\u{20}"#
                : #"\u{9}-\u{d}\u{1c}-\u{20}\u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}"#
        default: nil
        }
    }

    /// Reads what stands behind a backslash, outside of a class.
    mutating func escape() throws(Problem) -> Part {
        guard let scalar = current else { throw .invalid("bad escape (end of pattern)") }
        place += 1
        switch scalar {
        case "A": return Part(text: #"\A"#, width: .none, kind: .position)
        case "Z": return Part(text: #"(?=\#(gap)\z)"#, width: .none, kind: .position)
        case "b", "B":
            asked.insert(WordMarks(isASCII: flags.ascii, isEverywhere: scalar == "B"))
            let mark = scalar == "b" ? WordMarks.edge : WordMarks.elsewhere
            return Part(text: "(?=\(mark))", width: .none, kind: .position)
        case "d", "w", "s":
            return character("[\(members(scalar) ?? "")]")
        case "D", "W", "S":
            return character("[^\(members(scalar.lowercased) ?? "")]")
        case "1"..."9":
            return try numbered(scalar)
        default:
            return character(try character(scalar, inClass: false).patternSpelling)
        }
    }

    /// A reference to a group, or a character in octal digits.
    private mutating func numbered(_ first: Unicode.Scalar) throws(Problem) -> Part {
        var number = Int(first.value - 0x30)
        if let second = current, "0"..."9" ~= second {
            place += 1
            if let third = current, first <= "7", "0"..."7" ~= second, "0"..."7" ~= third {
                place += 1
                let value = (first.value - 0x30) * 64 + (second.value - 0x30) * 8 + third.value - 0x30
                guard value <= 0o377, let scalar = Unicode.Scalar(value) else {
                    throw .invalid("octal escape value outside of range 0-0o377")
                }
                return character(scalar.patternSpelling)
            }
            number = number * 10 + Int(second.value - 0x30)
        }
        return try reference(number)
    }

    /// The character that an escape stands for.
    private mutating func character(_ scalar: Unicode.Scalar, inClass: Bool) throws(Problem) -> Unicode.Scalar {
        switch scalar {
        case "a": return "\u{7}"
        case "b" where inClass: return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "x": return try hexadecimal(2)
        case "u": return try hexadecimal(4)
        case "U": return try hexadecimal(8)
        case "N":
            note("a character by its name")
            guard take("{") else { throw .invalid("missing {") }
            while let next = current, next != "}" { place += 1 }
            guard take("}") else { throw .invalid("missing }, unterminated name") }
            return " "
        case "0"..."7" where inClass || scalar == "0":
            var value = scalar.value - 0x30
            for _ in 0..<2 {
                guard let next = current, "0"..."7" ~= next else { break }
                value = value * 8 + next.value - 0x30
                place += 1
            }
            guard value <= 0o377, let character = Unicode.Scalar(value) else {
                throw .invalid("octal escape value outside of range 0-0o377")
            }
            return character
        case _ where scalar.isASCII && (scalar.properties.isAlphabetic || "0"..."9" ~= scalar):
            throw .invalid("bad escape")
        default:
            return scalar
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(Problem) -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let scalar = current, scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
                throw .invalid("incomplete escape")
            }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        guard value <= 0x10FFFF else { throw .invalid("bad escape") }
        guard let scalar = Unicode.Scalar(value) else {
            // A lone surrogate, which no text has.
            note("half a character")
            return " "
        }
        return scalar
    }

    /// Reads a class behind its opening bracket.
    mutating func characterClass() throws(Problem) -> Part {
        let isNegative = take("^")
        var text = ""
        while true {
            guard let first = current else { throw .invalid("unterminated character set") }
            place += 1
            if first == "]", !text.isEmpty { break }
            let member = try classMember(first)
            guard take("-") else {
                text += member.text
                continue
            }
            guard let second = current else { throw .invalid("unterminated character set") }
            place += 1
            if second == "]" {
                text += member.text + "\\u{2d}"
                break
            }
            let last = try classMember(second)
            guard let low = member.scalar, let high = last.scalar, low <= high else {
                throw .invalid("bad character range")
            }
            text += "\(member.text)-\(last.text)"
        }
        return character((isNegative ? "[^" : "[") + text + "]")
    }

    /// A member of a class; one character, or another class.
    private mutating func classMember(_ scalar: Unicode.Scalar) throws(Problem) -> (
        text: String, scalar: Unicode.Scalar?
    ) {
        guard scalar == "\\" else { return (scalar.patternSpelling, scalar) }
        guard let escaped = current else { throw .invalid("bad escape (end of pattern)") }
        place += 1
        if let members = members(escaped) { return (members, nil) }
        if "DWS".unicodeScalars.contains(escaped), let members = members(escaped.lowercased) {
            return ("[^\(members)]", nil)
        }
        let character = try character(escaped, inClass: true)
        return (character.patternSpelling, character)
    }
}

extension Unicode.Scalar {
    /// The small letter of one of the ASCII letters.
    fileprivate var lowercased: Unicode.Scalar {
        Unicode.Scalar(UInt8(truncatingIfNeeded: value | 0x20))
    }
}
