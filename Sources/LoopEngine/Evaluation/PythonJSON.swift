import LoopModel

/// JSON as Python's `json.loads` reads it: numbers as Python would write them again, and errors in its words.
enum PythonJSON {
    /// Why a text is no JSON.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Reads a text.
    static func parse(_ text: String) -> Result<JSONValue, Failure> {
        do throws(JSONError) {
            return .success(normalized(try JSONValue(parsing: text.utf8)))
        } catch {
            let bytes = Array(text.utf8)
            var fault = JSONFault(bytes)
            guard error.reason != .tooDeep, let (message, offset) = fault.find() else {
                return .failure(Failure(description: "\(error)"))
            }
            let before = String(decoding: bytes[..<offset], as: UTF8.self).unicodeScalars
            let line = before.count { $0 == "\n" } + 1
            let column = before.count - (before.lastIndex(of: "\n").map { before[...$0].count } ?? 0) + 1
            let place = "line \(line) column \(column) (char \(before.count))"
            return .failure(Failure(description: "\(message): \(place)"))
        }
    }

    /// With all numbers spelled as Python spells them.
    private static func normalized(_ value: JSONValue) -> JSONValue {
        switch value {
        case .number(let number):
            if PythonRepresentation.isFloat(number) { return .number(JSONNumber(number.double)) }
            return number.spelling == "-0" ? 0 : value
        case .array(let elements): return .array(elements.map(normalized))
        case .object(let object): return .object(JSONObject(object.members.map { ($0.key, normalized($0.value)) }))
        case .null, .bool, .string: return value
        }
    }
}

/// Finds where Python's parser stops in a text that is no JSON, and what it says there.
///
/// That parser tells more than ours does: a text that ends too early has a value, a comma or the end of a string missing,
/// and the place is that of the whole word or string. Only a text that was refused comes by here.
private struct JSONFault {
    private let bytes: [UInt8]
    private var place = 0
    private var fault: (String, Int)?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func find() -> (message: String, offset: Int)? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return ("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0) }
        skipSpace()
        if value() {
            skipSpace()
            if place < bytes.count { fault = ("Extra data", place) }
        }
        return fault.map { ($0.0, $0.1) }
    }

    private var current: UInt8? {
        place < bytes.count ? bytes[place] : nil
    }

    private mutating func fail(_ message: String, at offset: Int) -> Bool {
        fault = (message, offset)
        return false
    }

    private mutating func skipSpace() {
        while let byte = current, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { place += 1 }
    }

    /// Goes over a value; false where it has a fault.
    private mutating func value() -> Bool {
        switch current {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "["): return array()
        default: break
        }
        let rest = bytes[place...]
        for word in ["null", "true", "false", "NaN", "Infinity", "-Infinity"] where rest.starts(with: word.utf8) {
            place += word.utf8.count
            return true
        }
        return number() || fail("Expecting value", at: place)
    }

    private mutating func number() -> Bool {
        func digits(_ start: Int) -> Int {
            bytes[min(start, bytes.count)...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.count
        }
        var end = place + (current == UInt8(ascii: "-") ? 1 : 0)
        let whole = digits(end)
        guard whole > 0 else { return false }
        end += bytes[end] == UInt8(ascii: "0") ? 1 : whole
        if end < bytes.count, bytes[end] == UInt8(ascii: "."), digits(end + 1) > 0 { end += 1 + digits(end + 1) }
        if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
            let isSigned = bytes[(end + 1)...].first.map { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") } ?? false
            let start = end + (isSigned ? 2 : 1)
            if digits(start) > 0 { end = start + digits(start) }
        }
        place = end
        return true
    }

    private mutating func array() -> Bool {
        place += 1
        skipSpace()
        if current == UInt8(ascii: "]") {
            place += 1
            return true
        }
        while value() {
            skipSpace()
            switch current {
            case UInt8(ascii: "]"):
                place += 1
                return true
            case UInt8(ascii: ","):
                place += 1
                skipSpace()
            default:
                return fail("Expecting ',' delimiter", at: place)
            }
        }
        return false
    }

    private mutating func object() -> Bool {
        place += 1
        skipSpace()
        if current == UInt8(ascii: "}") {
            place += 1
            return true
        }
        while true {
            guard current == UInt8(ascii: "\"") else {
                return fail("Expecting property name enclosed in double quotes", at: place)
            }
            guard string() else { return false }
            skipSpace()
            guard current == UInt8(ascii: ":") else { return fail("Expecting ':' delimiter", at: place) }
            place += 1
            skipSpace()
            guard value() else { return false }
            skipSpace()
            switch current {
            case UInt8(ascii: "}"):
                place += 1
                return true
            case UInt8(ascii: ","):
                place += 1
                skipSpace()
            default:
                return fail("Expecting ',' delimiter", at: place)
            }
        }
    }

    private mutating func string() -> Bool {
        let start = place
        place += 1
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                place += 1
                return true
            case UInt8(ascii: "\\"):
                guard place + 1 < bytes.count else { break }
                let escaped = bytes[place + 1]
                if escaped == UInt8(ascii: "u") {
                    let digits = bytes[(place + 2)...].prefix(4)
                    let isUnit = digits.count == 4 && digits.allSatisfy(isHexadecimal)
                    // Digits that reach the end of the text have no room for the closing quote.
                    guard isUnit, place + 6 < bytes.count else { return fail("Invalid \\uXXXX escape", at: place + 1) }
                    place += 6
                    continue
                }
                guard "\"\\/bfnrt".utf8.contains(escaped) else { return fail("Invalid \\escape", at: place) }
                place += 2
                continue
            case 0..<0x20:
                return fail("Invalid control character at", at: place)
            default:
                place += 1
                continue
            }
            break
        }
        return fail("Unterminated string starting at", at: start)
    }

    private func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default:
            false
        }
    }
}
