/// Spells a regular expression of Python's `re` as one of Swift's `Regex` that is found in the same texts.
///
/// It goes through the expression by Python's grammar, refuses what Python refuses, and writes each part so that Swift
/// takes it for the same: a literal by its number, `.` as anything but `\n`, `$` also before a last `\n`, the classes
/// `\d`, `\w` and `\s` by Python's Unicode categories, groups by number.
///
/// `Regex` has no look-behind. Only whether there is a match is asked for, so that one at the beginning of an
/// alternative can be written as text that the match begins with. And its `\b` takes digits for no part of a word where
/// it goes by Unicode scalars: an expression with `\b` is searched for in a text that has a mark at each end of a word,
/// and every character of the expression may have one before it.
struct PatternTranslator {
    /// Why there is no translation.
    enum Problem: Error, Hashable {
        /// Python has no such expression.
        case invalid(String)
        /// Python has it, Swift has nothing like it.
        case unsupported(String)
    }

    /// The flags that change how parts are written; ignoring case is left to groups of Swift's.
    struct Flags {
        var multiline = false
        var dotAll = false
        var verbose = false
        var ascii = false
    }

    /// A part of a sequence in Swift's spelling.
    struct Part {
        enum Kind {
            case character, group, position, assertion, repetition
            /// A repeated character that may be missing.
            case option
        }

        var text: String
        var width: Width
        var kind = Kind.group
    }

    /// How many characters a part takes.
    struct Width: Hashable {
        var least: Int
        var most: Int

        static let none = Width(least: 0, most: 0)
        static let one = Width(least: 1, most: 1)
        private static let limit = 1 << 31

        static func + (left: Width, right: Width) -> Width {
            Width(least: min(left.least + right.least, limit), most: min(left.most + right.most, limit))
        }

        /// Of so many repetitions.
        func times(_ range: (least: Int, most: Int?)) -> Width {
            func product(_ left: Int, _ right: Int) -> Int { min(left * min(right, Width.limit), Width.limit) }
            return Width(least: product(least, range.least), most: product(most, range.most ?? Width.limit))
        }

        func union(_ other: Width) -> Width {
            Width(least: min(least, other.least), most: max(most, other.most))
        }
    }

    let scalars: [Unicode.Scalar]
    var place = 0
    var flags = Flags()
    private var ignoresCase = false
    /// The width of each group, from 1 on; nil while it is open.
    var groups: [Width?] = [Width.none]
    var names: [String: Int] = [:]
    /// The first group that a look-behind which is being read has.
    var firstGroupBehind: Int?
    /// The groups that conditions ask for, which may come later than they.
    var conditions: [Int] = []
    /// How many groups are open.
    var depth = 0
    /// The first part that Swift has nothing for; noted, since what follows may be invalid.
    var unsupported: String?
    /// By which words the text is marked; known from a first pass.
    let marks: WordMarks?
    /// By which words the ends of words are asked for.
    var asked: Set<WordMarks> = []

    private init(_ pattern: String, marks: WordMarks?) {
        scalars = Array(pattern.unicodeScalars)
        self.marks = marks
    }

    /// What may stand before each character of the text; it is never taken for the character itself.
    var gap: String {
        guard marks != nil else { return "" }
        let mark = "[\(WordMarks.edge)\(WordMarks.elsewhere)]"
        return "\(mark)?(?!\(mark))"
    }

    /// Translates an expression.
    ///
    /// - Returns: the expression, and how the text has to be marked for it.
    static func translate(_ pattern: String) -> Result<(text: String, marks: WordMarks?), Problem> {
        Result { () throws(Problem) in
            let (text, asked) = try translate(pattern, marks: nil)
            guard var marks = asked.first else { return (text, nil) }
            marks.isEverywhere = asked.contains { $0.isEverywhere }
            guard asked.allSatisfy({ $0.isASCII == marks.isASCII }) else {
                throw .unsupported("ends of words both by ASCII and by Unicode")
            }
            return (try translate(pattern, marks: marks).text, marks)
        }
    }

    private static func translate(_ pattern: String, marks: WordMarks?) throws(Problem)
        -> (text: String, asked: Set<WordMarks>)
    {
        var translator = PatternTranslator(pattern, marks: marks)
        let read = try translator.alternatives(isTop: true)
        guard translator.place == translator.scalars.count else { throw .invalid("unbalanced parenthesis") }
        guard translator.conditions.allSatisfy({ $0 < translator.groups.count }) else {
            throw .invalid("invalid group reference")
        }
        if let reason = translator.unsupported { throw .unsupported(reason) }
        return (translator.ignoresCase ? "(?i:\(read.text))" : read.text, translator.asked)
    }

    /// Reads up to a closing parenthesis or the end.
    mutating func alternatives(isTop: Bool) throws(Problem) -> (text: String, width: Width, count: Int) {
        var (text, width) = try sequence(isTop: isTop, isFirst: isTop)
        var count = 1
        while take("|") {
            count += 1
            let (next, nextWidth) = try sequence(isTop: isTop, isFirst: false)
            text += "|" + next
            width = width.union(nextWidth)
        }
        return (text, width, count)
    }

    private mutating func sequence(isTop: Bool, isFirst: Bool) throws(Problem) -> (text: String, width: Width) {
        var parts: [Part] = []
        var behind: [LookBehind] = []
        loop: while let scalar = current, scalar != "|", scalar != ")" {
            place += 1
            var part: Part
            switch scalar {
            case _ where flags.verbose && " \t\n\r\u{B}\u{C}".unicodeScalars.contains(scalar):
                continue loop
            case "#" where flags.verbose:
                while let next = current, next != "\n" { place += 1 }
                continue loop
            case "\\": part = try escape()
            case "[": part = try characterClass()
            case ".": part = character(flags.dotAll ? #"[\s\S]"# : #"[^\n]"#)
            case "^":
                // Where a match begins, the line's beginning can be the end of the line before.
                let begins = isTop && parts.isEmpty && behind.isEmpty ? #"(?:\A|\#(gap)\n)"# : "(?m:^)"
                part = Part(text: flags.multiline ? begins : #"\A"#, width: .none, kind: .position)
            case "$":
                let end = flags.multiline ? #"(?=\#(gap)(?:\n|\z))"# : #"(?=(?:\#(gap)\n)?\#(gap)\z)"#
                part = Part(text: end, width: .none, kind: .position)
            case "*", "+", "?", "{":
                guard let range = try repetition(scalar) else {
                    part = character("\\u{7b}")
                    break
                }
                guard let last = parts.popLast() else {
                    guard behind.isEmpty else {
                        note("a repeated look-behind")
                        _ = take("?") || take("+")
                        continue loop
                    }
                    throw .invalid("nothing to repeat")
                }
                part = try repeated(last, range)
            case "(":
                switch try group(isFirst: isFirst && parts.isEmpty && behind.isEmpty) {
                case .nothing: continue loop
                case .part(let group): part = group
                case .flags(let ignoresCase):
                    self.ignoresCase = self.ignoresCase || ignoresCase
                    continue loop
                case .behind(let found):
                    if isTop, parts.isEmpty {
                        behind.append(found)
                        continue loop
                    }
                    if found.width != 0 { note("a look-behind that is not at the beginning") }
                    part = Part(text: found.ahead, width: .none, kind: .assertion)
                }
            default:
                part = character(scalar.patternSpelling)
            }
            parts.append(part)
        }
        let width = parts.reduce(.none) { $0 + $1.width }
        if isTop {
            // What may be missing at either end of a match decides nothing, and takes long to search for.
            while parts.last?.kind == .option { parts.removeLast() }
            if behind.isEmpty { parts.removeFirst(parts.prefix { $0.kind == .option }.count) }
        }
        return (leading(behind) + parts.map(\.text).joined(), width)
    }

    private func repeated(_ part: Part, _ range: (text: String, least: Int, most: Int?)) throws(Problem) -> Part {
        let text: String
        switch part.kind {
        case .position: throw .invalid("nothing to repeat")
        case .repetition, .option: throw .invalid("multiple repeat")
        case .assertion: text = "(?:\(part.text))"
        case .character, .group: text = part.text
        }
        let width = part.width.times((range.least, range.most))
        let isPossessive = range.text.utf8.count > 1 && range.text.utf8.last == UInt8(ascii: "+")
        // Where a group or an escape is repeated so, Regex goes back into it all the same; into an atomic group it does not.
        let repeated = isPossessive ? "(?>\(text)\(range.text.dropLast()))" : text + range.text
        let mayBeMissing = part.kind == .character && range.least == 0 && !isPossessive
        return Part(text: repeated, width: width, kind: mayBeMissing ? .option : .repetition)
    }

    /// How often something is repeated, behind the character that begins it; nil for a brace that is a literal one.
    private mutating func repetition(_ first: Unicode.Scalar) throws(Problem) -> (text: String, least: Int, most: Int?)?
    {
        var range: (text: String, least: Int, most: Int?)
        switch first {
        case "*": range = ("*", 0, nil)
        case "+": range = ("+", 1, nil)
        case "?": range = ("?", 0, 1)
        default:
            let start = place
            let least = digits()
            var most = least
            if take(",") { most = digits() } else if least.isEmpty { most = "x" }
            guard most != "x", take("}") else {
                place = start
                return nil
            }
            guard least.count < 10, most.count < 10 else { throw .invalid("the repetition number is too large") }
            range = ("", Int(least) ?? 0, Int(most))
            if let most = range.most, most < range.least { throw .invalid("min repeat greater than max repeat") }
            let upper = range.most.map(String.init) ?? ""
            range.text = upper == String(range.least) ? "{\(upper)}" : "{\(range.least),\(upper)}"
        }
        if take("?") { range.text += "?" } else if take("+") { range.text += "+" }
        return range
    }
}

// MARK: - Reading

extension PatternTranslator {
    var current: Unicode.Scalar? {
        place < scalars.count ? scalars[place] : nil
    }

    /// Goes over a character if it is the next one.
    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        place += 1
        return true
    }

    private mutating func digits() -> String {
        var digits = ""
        while let scalar = current, "0"..."9" ~= scalar {
            digits.unicodeScalars.append(scalar)
            place += 1
        }
        return digits
    }

    /// One character of the text.
    func character(_ spelling: String) -> Part {
        Part(text: marks == nil ? spelling : "(?:\(gap)\(spelling))", width: .one, kind: .character)
    }

    /// Notes what Swift has nothing for.
    mutating func note(_ reason: String) {
        if unsupported == nil { unsupported = reason }
    }
}

extension Unicode.Scalar {
    /// The character in an expression of Swift's, where it cannot mean anything else.
    var patternSpelling: String {
        isASCII && (properties.isAlphabetic || "0"..."9" ~= self)
            ? String(self) : "\\u{\(String(value, radix: 16))}"
    }
}
