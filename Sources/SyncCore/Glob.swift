package import LoopModel

/// A shell pattern over a whole name: `*`, `?`, `[a-z]`, `[!x]`, and a backslash before a character that stands for itself.
///
/// `*` and `?` match every character, `/` and a leading dot too, since loop names are no paths. A class that is never
/// closed stands for itself.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
    /// The pattern as written.
    package let pattern: String
    private let tokens: [Token]

    private enum Token: Hashable, Sendable {
        case anyRun
        case anyOne
        case literal(Unicode.Scalar)
        case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    /// Takes a pattern; every text is one.
    package init(_ pattern: String) {
        self.pattern = pattern
        tokens = Glob.tokens(of: Array(pattern.unicodeScalars))
    }

    package var description: String {
        pattern
    }

    /// Whether the pattern covers the whole loop name.
    package func matches(_ name: JSONString) -> Bool {
        matches(name.string)
    }

    /// Whether the pattern covers the whole text, in time proportional to both lengths' product at worst.
    package func matches(_ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        var place = 0
        var token = 0
        // Where to go on with a longer run of `*` when what follows it does not fit. Only the last `*` matters.
        var retry: (place: Int, token: Int)?
        while place < text.count {
            if token < tokens.count, tokens[token] == .anyRun {
                retry = (place, token + 1)
                token += 1
            } else if token < tokens.count, Glob.fits(tokens[token], text[place]) {
                place += 1
                token += 1
            } else if let last = retry {
                retry = (last.place + 1, last.token)
                place = last.place + 1
                token = last.token
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .anyRun }
    }

    private static func fits(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .anyRun, .anyOne: true
        case .literal(let wanted): wanted == scalar
        case .oneOf(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        }
    }

    private static func tokens(of scalars: [Unicode.Scalar]) -> [Token] {
        var tokens: [Token] = []
        var place = 0
        while place < scalars.count {
            let scalar = scalars[place]
            place += 1
            switch scalar {
            case "*":
                if tokens.last != .anyRun { tokens.append(.anyRun) }
            case "?":
                tokens.append(.anyOne)
            case "\\" where place < scalars.count:
                tokens.append(.literal(scalars[place]))
                place += 1
            case "[":
                if let (token, end) = characterClass(scalars, from: place) {
                    tokens.append(token)
                    place = end
                } else {
                    tokens.append(.literal("["))
                }
            default:
                tokens.append(.literal(scalar))
            }
        }
        return tokens
    }

    /// Reads `a-z]` or `!a-z]`; a `]` in the first place stands for itself, as in the shell.
    private static func characterClass(_ scalars: [Unicode.Scalar], from start: Int) -> (Token, Int)? {
        var place = start
        var isNegated = false
        if place < scalars.count, scalars[place] == "!" || scalars[place] == "^" {
            isNegated = true
            place += 1
        }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var isFirst = true
        while place < scalars.count, scalars[place] != "]" || isFirst {
            isFirst = false
            var low = scalars[place]
            if low == "\\", place + 1 < scalars.count {
                place += 1
                low = scalars[place]
            }
            if place + 2 < scalars.count, scalars[place + 1] == "-", scalars[place + 2] != "]" {
                place += 2
                if scalars[place] == "\\", place + 1 < scalars.count { place += 1 }
                let high = scalars[place]
                if low <= high { ranges.append(low...high) }
                place += 1
            } else {
                ranges.append(low...low)
                place += 1
            }
        }
        guard place < scalars.count else { return nil }
        return (.oneOf(ranges, isNegated: isNegated), place + 1)
    }
}
