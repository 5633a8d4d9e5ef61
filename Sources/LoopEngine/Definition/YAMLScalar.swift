import LoopModel

/// What an unquoted word of YAML 1.1 stands for, by the rules of PyYAML's safe loader.
///
/// They differ from YAML 1.2 and from what people expect: `yes`, `no`, `on` and `off` are truth values, `017` is 15,
/// `1:30` is 90, an exponent needs a point and a sign (`1.5e+3`; `1e3` is a text), and so does no fraction a sign of its
/// own (`-.5` is a text). A date stays the text that it is; so do `=` and `<<`, and digits that are none (`0x_`), for
/// which that loader fails.
enum YAMLScalar {
    /// The value of a plain scalar without a tag.
    static func resolve(_ text: String) -> JSONValue {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"),
            UInt8(ascii: "F"), UInt8(ascii: "o"), UInt8(ascii: "O"), UInt8(ascii: "n"), UInt8(ascii: "N"),
            UInt8(ascii: "~"):
            return words[text] ?? .string(JSONString(text))
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            return (float(text) ?? integer(text)).map { .number($0) } ?? .string(JSONString(text))
        default:
            return .string(JSONString(text))
        }
    }

    private static let words: [String: JSONValue] = {
        var words: [String: JSONValue] = ["~": .null]
        for (word, value) in [
            ("yes", JSONValue.bool(true)), ("true", .bool(true)), ("on", .bool(true)), ("no", .bool(false)),
            ("false", .bool(false)), ("off", .bool(false)), ("null", .null),
        ] {
            words[word] = value
            words[word.prefix(1).uppercased() + word.dropFirst()] = value
            words[word.uppercased()] = value
        }
        return words
    }()

    /// An integer; nil where the word is none.
    static func integer(_ text: String) -> JSONNumber? {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard let first = rest.first, isDigit(first) else { return nil }
        let isDigits = rest.allSatisfy { isDigit($0) || $0 == underscore }
        if first == UInt8(ascii: "0"), rest.count > 1 {
            let radix: UInt8
            switch rest.dropFirst().first {
            case UInt8(ascii: "b"): radix = 2
            case UInt8(ascii: "x"): radix = 16
            default: radix = 8
            }
            let digits = rest.dropFirst(radix == 8 ? 1 : 2).filter { $0 != underscore }.map(digitValue)
            guard radix == 8 || !digits.isEmpty, digits.allSatisfy({ $0 < radix }) else { return nil }
            return number(digits, radix: radix, isNegative)
        }
        if isDigits { return number(rest.filter { $0 != underscore }.map(digitValue), radix: 10, isNegative) }
        guard first != UInt8(ascii: "0"), let parts = sexagesimal(rest), let start = parts.first else { return nil }
        let places = parts.dropFirst().map { UInt8($0) ?? 0 }
        return number(start.utf8.map(digitValue), then: places, isNegative)
    }

    /// A floating-point number; nil where the word is none.
    static func float(_ text: String) -> JSONNumber? {
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return JSONNumber(Double.infinity)
        case "-.inf", "-.Inf", "-.INF": return JSONNumber(-Double.infinity)
        case ".nan", ".NaN", ".NAN": return JSONNumber(Double.nan)
        default: break
        }
        guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        var whole = text.utf8[..<point]
        let isNegative = whole.first == UInt8(ascii: "-")
        let isSigned = isNegative || whole.first == UInt8(ascii: "+")
        if isSigned { whole = whole.dropFirst() }
        var fraction = text.utf8[text.utf8.index(after: point)...]
        var exponent: Substring.UTF8View?
        if let mark = fraction.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
            exponent = fraction[fraction.index(after: mark)...]
            fraction = fraction[..<mark]
        }
        guard fraction.allSatisfy({ isDigit($0) || $0 == underscore }) else { return nil }
        if let exponent {
            let sign = exponent.first
            guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), exponent.count > 1,
                exponent.dropFirst().allSatisfy(isDigit)
            else { return nil }
        }
        let value: Double?
        if whole.isEmpty {
            guard !isSigned, let first = fraction.first, isDigit(first) else { return nil }
            value = double("0", fraction, exponent)
        } else if whole.contains(UInt8(ascii: ":")) {
            guard exponent == nil, let first = whole.first, isDigit(first), let parts = sexagesimal(whole) else {
                return nil
            }
            // From the smallest part up, since sums of floating-point numbers depend on their order.
            var sum = double(parts.last ?? "0", fraction, nil) ?? 0
            var base = 60.0
            for part in parts.dropLast().reversed() {
                sum += (Double(part) ?? 0) * base
                base *= 60
            }
            value = sum
        } else {
            guard let first = whole.first, isDigit(first), whole.allSatisfy({ isDigit($0) || $0 == underscore }) else {
                return nil
            }
            value = double(withoutUnderscores(whole), fraction, exponent)
        }
        return value.map { JSONNumber(isNegative ? -$0 : $0) }
    }
}

// MARK: - Digits

extension YAMLScalar {
    private static let underscore = UInt8(ascii: "_")

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    /// The value of a hexadecimal digit; 255 for what is none.
    private static func digitValue(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: 255
        }
    }

    private static func withoutUnderscores(_ text: Substring.UTF8View) -> String {
        String(decoding: text.filter { $0 != underscore }, as: UTF8.self)
    }

    private static func double(_ whole: String, _ fraction: Substring.UTF8View, _ exponent: Substring.UTF8View?)
        -> Double?
    {
        let digits = withoutUnderscores(fraction)
        let power = exponent.map { "e" + String(decoding: $0, as: UTF8.self) } ?? ""
        return Double("\(whole).\(digits.isEmpty ? "0" : digits)\(power)")
    }

    /// The parts of a number to the base 60, at least two; nil where it is none.
    private static func sexagesimal(_ text: Substring.UTF8View) -> [String]? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0].allSatisfy({ isDigit($0) || $0 == underscore }) else { return nil }
        for part in parts.dropFirst() {
            guard 1...2 ~= part.count, part.allSatisfy(isDigit), let first = part.first,
                part.count == 1 || first <= UInt8(ascii: "5")
            else { return nil }
        }
        return parts.map(withoutUnderscores)
    }

    /// A number of any size that Python would take; long multiplication is slow, but its numbers are short.
    ///
    /// - Parameter sixtieths: further digits, to the base 60.
    private static func number(
        _ digits: [UInt8],
        radix: UInt8 = 10,
        then sixtieths: [UInt8] = [],
        _ isNegative: Bool
    ) -> JSONNumber? {
        guard digits.count + sixtieths.count <= 4300 else { return nil }
        var decimal: [UInt8] = [0]  // the last digit first
        for (digit, base) in digits.map({ ($0, Int(radix)) }) + sixtieths.map({ ($0, 60) }) {
            var carry = Int(digit)
            for place in decimal.indices {
                carry += Int(decimal[place]) * base
                decimal[place] = UInt8(carry % 10)
                carry /= 10
            }
            while carry > 0 {
                decimal.append(UInt8(carry % 10))
                carry /= 10
            }
        }
        while decimal.count > 1, decimal.last == 0 { decimal.removeLast() }
        let spelled = String(decoding: decimal.reversed().map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
        return JSONNumber(spelling: isNegative && spelled != "0" ? "-" + spelled : spelled)
    }
}
