import LoopModel

/// JSON values as Python's `str()` and `repr()` show the objects that it has for them.
enum PythonRepresentation {
    /// `str(value)`: a text is itself, everything else its representation.
    static func text(of value: JSONValue) -> String {
        if case .string(let string) = value { return string.string }
        var output = ""
        append(value, to: &output)
        return output
    }

    /// `repr(value)`.
    static func representation(of value: JSONValue) -> String {
        var output = ""
        append(value, to: &output)
        return output
    }

    private static func append(_ value: JSONValue, to output: inout String) {
        switch value {
        case .null: output += "None"
        case .bool(let bool): output += bool ? "True" : "False"
        case .number(let number): output += spelling(of: number)
        case .string(let string): append(string, to: &output)
        case .array(let elements):
            output += "["
            for (place, element) in elements.enumerated() {
                if place > 0 { output += ", " }
                append(element, to: &output)
            }
            output += "]"
        case .object(let object):
            output += "{"
            for (place, member) in object.members.enumerated() {
                if place > 0 { output += ", " }
                append(member.key, to: &output)
                output += ": "
                append(member.value, to: &output)
            }
            output += "}"
        }
    }

    /// A number as Python spells it, whatever its spelling in JSON was.
    static func spelling(of number: JSONNumber) -> String {
        guard isFloat(number) else { return number.spelling == "-0" ? "0" : number.spelling }
        let double = number.double
        if double.isNaN { return "nan" }
        if double.isInfinite { return double < 0 ? "-inf" : "inf" }
        return JSONNumber(double).spelling
    }

    /// Whether Python has a float for it, not an integer.
    static func isFloat(_ number: JSONNumber) -> Bool {
        !number.spelling.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "-") }
    }

    /// A text in quotes: in double ones if it has single ones and no double ones in it.
    private static func append(_ string: JSONString, to output: inout String) {
        let bytes = string.bytes
        let quote: Unicode.Scalar =
            bytes.contains(UInt8(ascii: "'")) && !bytes.contains(UInt8(ascii: "\"")) ? "\"" : "'"
        var text = String.UnicodeScalarView([quote])
        for scalar in codePoints(of: bytes) {
            guard let character = Unicode.Scalar(scalar) else {
                text.append(contentsOf: escape(scalar).unicodeScalars)
                continue
            }
            switch character {
            case quote, "\\":
                text.append("\\")
                text.append(character)
            case "\n": text.append(contentsOf: "\\n".unicodeScalars)
            case "\r": text.append(contentsOf: "\\r".unicodeScalars)
            case "\t": text.append(contentsOf: "\\t".unicodeScalars)
            case _ where isPrintable(character): text.append(character)
            default: text.append(contentsOf: escape(scalar).unicodeScalars)
            }
        }
        text.append(quote)
        output += String(text)
    }

    private static func escape(_ scalar: UInt32) -> String {
        func hexadecimal(_ mark: String, _ width: Int) -> String {
            let digits = String(scalar, radix: 16)
            return mark + String(repeating: "0", count: width - digits.count) + digits
        }
        switch scalar {
        case 0..<0x100: return hexadecimal("\\x", 2)
        case 0x100..<0x10000: return hexadecimal("\\u", 4)
        default: return hexadecimal("\\U", 8)
        }
    }

    /// `str.isprintable`, which knows the characters of Unicode 14 and not those that came later.
    private static func isPrintable(_ character: Unicode.Scalar) -> Bool {
        if character.isASCII { return 0x20..<0x7F ~= character.value }
        switch character.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return (character.properties.age.map { $0.major } ?? 15) < 15
        }
    }

    /// The code points of WTF-8, lone surrogates included.
    private static func codePoints(of bytes: [UInt8]) -> [UInt32] {
        if let text = String(validating: bytes, as: UTF8.self) { return text.unicodeScalars.map(\.value) }
        var points: [UInt32] = []
        var place = 0
        while place < bytes.count {
            let first = UInt32(bytes[place])
            let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            let rest = bytes[place...].dropFirst().prefix(width - 1)
            points.append(
                rest.reduce(width == 1 ? first : first & (0x7F >> UInt32(width))) { $0 << 6 | UInt32($1) & 0x3F }
            )
            place += width
        }
        return points
    }
}
