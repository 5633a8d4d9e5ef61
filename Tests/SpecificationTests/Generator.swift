import LoopModel

/// Makes JSON as executors, models and bad luck write it; the same seed makes the same.
struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &self)
    }

    mutating func chance(_ percent: Int) -> Bool {
        below(100) < percent
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[below(choices.count)]
    }

    /// A number in the spelling that Python gives it.
    mutating func number() -> JSONNumber {
        switch below(8) {
        case 0: pick([.nan, .infinity, -.infinity, 0, -0.0, 0.1, 1e16, 1e-5, 5e300].map { JSONNumber($0 as Double) })
        case 1: JSONNumber(Double(bitPattern: next()))
        case 2: JSONNumber(Double(below(100_000)) / 1000)
        case 3: hugeInteger()
        default: JSONNumber(below(2000) - 200)
        }
    }

    private mutating func hugeInteger() -> JSONNumber {
        let digits = (0..<(19 + below(300))).map { _ in String(below(10)) }.joined()
        return JSONNumber(spelling: pick(["", "-"]) + "7" + digits) ?? JSONNumber(0)
    }

    /// A string with anything in it, lone surrogates included.
    mutating func string() -> JSONString {
        if chance(10) { return "" }
        if chance(40) { return JSONString(pick(["check", "fix-types", "output", "2026-01-31T23:59:59+00:00", "a b"])) }
        var bytes: [UInt8] = []
        for _ in 0..<(chance(3) ? 2000 : below(30)) {
            let scalar: UInt32 =
                switch below(7) {
                case 0: UInt32(below(0x20))
                case 1: pick([0x22, 0x5C, 0x2F, 0x7F, 0x80, 0x85, 0xA0, 0x2028, 0xFEFF, 0xFFFD, 0xFFFF])
                case 2: UInt32(0xD800 + below(0x800))
                case 3: UInt32(0x10000 + below(0x100000))
                case 4: UInt32(below(0xD800))
                default: UInt32(0x20 + below(0x5F))
                }
            bytes += wtf8(scalar)
        }
        return JSONString(wtf8: bytes) ?? ""
    }

    /// Any value, with less in it the deeper it is.
    mutating func value(depth: Int = 0) -> JSONValue {
        switch below(depth > 5 ? 5 : 8) {
        case 0: return .null
        case 1: return .bool(chance(50))
        case 2: return .number(number())
        case 3, 4: return .string(string())
        case 5: return .array((0..<below(4)).map { _ in value(depth: depth + 1) })
        default: return .object(object(count: below(5), depth: depth + 1))
        }
    }

    mutating func object(count: Int, depth: Int) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<count { object[string()] = value(depth: depth) }
        return object
    }
}

/// A code point in WTF-8; what is no scalar is a surrogate.
private func wtf8(_ codePoint: UInt32) -> [UInt8] {
    if let scalar = Unicode.Scalar(codePoint) { return Array(String(Character(scalar)).utf8) }
    return [0xED, UInt8(0x80 | codePoint >> 6 & 0x3F), UInt8(0x80 | codePoint & 0x3F)]
}
