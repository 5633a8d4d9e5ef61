import LoopModel
import TestSupport

/// Makes JSON as executors, models and bad luck write it; the same seed makes the same.
///
/// Strings, numbers and nested values are made once and then put together in ever new ways, since the tests run
/// without optimisation.
struct Generator {
    /// A value, and a text that says it: with white space, raw and escaped characters as no serializer would choose.
    struct Sample {
        var value: JSONValue
        var text: [UInt8]
    }

    private var random: SplitMix
    private var strings: [(string: JSONString, text: [UInt8])] = []
    private var numbers: [Sample] = []
    private var values: [Sample] = []

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
        strings = (0..<1000).map { _ in makeString() }
        numbers = (0..<1000).map { _ in
            let number = makeNumber()
            return Sample(value: .number(number), text: Array(number.spelling.utf8))
        }
        values = (0..<2000).map { _ in makeValue(depth: 0) }
    }

    mutating func below(_ bound: Int) -> Int {
        random.below(bound)
    }

    mutating func chance(_ percent: Int) -> Bool {
        below(100) < percent
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element {
        random.pick(choices)
    }

    mutating func string() -> Sample {
        let (string, text) = pick(strings)
        return Sample(value: .string(string), text: text)
    }

    mutating func number() -> Sample {
        pick(numbers)
    }

    mutating func value() -> Sample {
        pick(values)
    }

    /// Some members with any keys and values; now and then the same key twice, of which the last counts.
    mutating func members(_ count: Int) -> [(key: JSONString, keyText: [UInt8], value: Sample)] {
        (0..<count).map { _ in
            let (key, text) = pick(strings)
            return (key, text, value())
        }
    }

    mutating func object(_ members: [(key: JSONString, keyText: [UInt8], value: Sample)]) -> Sample {
        let parts = members.map { $0.keyText + space() + [UInt8(ascii: ":")] + space() + $0.value.text }
        return Sample(
            value: .object(JSONObject(members.map { ($0.key, $0.value.value) })),
            text: enclose(parts, UInt8(ascii: "{"), UInt8(ascii: "}"))
        )
    }

    private mutating func makeValue(depth: Int) -> Sample {
        switch below(depth > 5 ? 5 : 8) {
        case 0: return pick([.null, true, false].map { Sample(value: $0, text: $0.serialized()) })
        case 1, 2: return number()
        case 3, 4: return string()
        case 5:
            let elements = (0..<below(4)).map { _ in makeValue(depth: depth + 1) }
            return Sample(
                value: .array(elements.map(\.value)),
                text: enclose(elements.map(\.text), UInt8(ascii: "["), UInt8(ascii: "]"))
            )
        default:
            return object(
                (0..<below(4)).map { _ in
                    let (key, text) = pick(strings)
                    return (key, text, makeValue(depth: depth + 1))
                }
            )
        }
    }

    private mutating func enclose(_ parts: [[UInt8]], _ open: UInt8, _ close: UInt8) -> [UInt8] {
        var text = [open] + space()
        for (place, part) in parts.enumerated() {
            if place > 0 { text += [UInt8(ascii: ",")] + space() }
            text += part + space()
        }
        text.append(close)
        return text
    }

    private mutating func space() -> [UInt8] {
        chance(85) ? [] : Array(pick([" ", "\t", "  "]).utf8)
    }
}

extension Generator {
    /// A number in the spelling that Python gives it.
    private mutating func makeNumber() -> JSONNumber {
        switch below(8) {
        case 0: pick([.nan, .infinity, -.infinity, 0, -0.0, 0.1, 1e16, 1e-5, 5e300].map { JSONNumber($0 as Double) })
        case 1, 2: JSONNumber(Double(bitPattern: random.next()))
        case 3: JSONNumber(Double(below(100_000)) / 1000)
        case 4: makeHugeInteger()
        default: JSONNumber(below(2000) - 200)
        }
    }

    private mutating func makeHugeInteger() -> JSONNumber {
        let digits = (0..<(19 + below(300))).map { _ in String(below(10)) }.joined()
        return JSONNumber(spelling: pick(["", "-"]) + "7" + digits) ?? JSONNumber(0)
    }

    /// A string with anything in it, lone surrogates included.
    private mutating func makeString() -> (JSONString, [UInt8]) {
        if chance(10) { return text("") }
        if chance(30) { return text(JSONString(pick(["check", "fix-types", "2026-01-31T23:59:59+00:00", "a b"]))) }
        var bytes: [UInt8] = []
        for _ in 0..<(below(400) == 0 ? 3000 : below(20)) {
            let codePoint: UInt32 =
                switch below(7) {
                case 0: UInt32(below(0x20))
                case 1: pick([0x22, 0x5C, 0x2F, 0x7F, 0x80, 0x85, 0xA0, 0x2028, 0xFEFF, 0xFFFD, 0xFFFF])
                case 2: UInt32(0xD800 + below(0x800))
                case 3: UInt32(0x10000 + below(0x100000))
                case 4: UInt32(below(0xD800))
                default: UInt32(0x20 + below(0x5F))
                }
            bytes += wtf8(codePoint)
        }
        return text(JSONString(wtf8: bytes) ?? "")
    }

    private mutating func text(_ string: JSONString) -> (JSONString, [UInt8]) {
        // Raw UTF-8 where it has one: lone surrogates, controls and line ends have to be escaped.
        guard chance(30), String(validating: string.bytes, as: UTF8.self) != nil else {
            return (string, JSONValue.string(string).serialized())
        }
        var text: [UInt8] = []
        for scalar in string.string.unicodeScalars {
            if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" {
                text += JSONValue.string(JSONString(String(Character(scalar)))).serialized().dropFirst().dropLast()
            } else {
                text += Array(String(Character(scalar)).utf8)
            }
        }
        return (string, [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")])
    }
}

/// A code point in WTF-8; what is no scalar is a surrogate.
private func wtf8(_ codePoint: UInt32) -> [UInt8] {
    if let scalar = Unicode.Scalar(codePoint) { return Array(String(Character(scalar)).utf8) }
    return [0xED, UInt8(0x80 | codePoint >> 6 & 0x3F), UInt8(0x80 | codePoint & 0x3F)]
}
