import LoopModel

extension Generator {
    /// A state file on one line: keys of both versions and unknown ones in any order, each absent, null, empty, of its
    /// type or of any.
    mutating func stateFile() -> JSONObject {
        var members: [(JSONString, JSONValue)] = []
        for key in LoopState.Key.allCases {
            let required = [.loopName, .currentState, .iteration, .startedAt, .status].contains(key)
            if chance(required ? 1 : 25) { continue }
            members.append((JSONString(key.rawValue), field(key)))
        }
        for _ in 0..<(chance(30) ? below(4) : 0) { members.append((string(), value(depth: 3))) }
        if chance(50) { members.shuffle(using: &self) }
        return JSONObject(members)
    }

    private mutating func field(_ key: LoopState.Key) -> JSONValue {
        switch below(10) {
        case 0: return .null
        case 1: return pick([[:], [], "", 0, false])
        case 2: return value(depth: 2)
        default: break
        }
        switch key {
        case .iteration, .accumulatedMilliseconds, .pid, .iterationCount, .consecutiveRateLimitExhaustions:
            return .number(JSONNumber(below(1_000_000)))
        case .captured, .previousResult, .lastResult, .retryCounts, .rateLimitRetries, .edgeRevisitCounts, .context:
            return .object(object(count: below(4), depth: 2))
        case .messages:
            return .array((0..<below(3)).map { _ in .string(string()) })
        case .status:
            return pick(["running", "completed", "failed", "interrupted", "awaiting_continuation", "timed_out", "new"])
        default:
            return .string(string())
        }
    }

    /// An event with some of an executor's keys and any others.
    mutating func event() -> JSONObject {
        var event = JSONObject()
        if chance(95) { event["event"] = pick(["loop_start", "state_enter", "action_output", "evaluate", "route"]) }
        if chance(95) { event["ts"] = .string(Timestamp(microseconds: Int64(below(1 << 50))).iso) }
        if chance(20) { event["depth"] = 1 }
        for _ in 0..<below(6) { event[string()] = value(depth: 2) }
        return event
    }

    /// JSON text that says the same as `serialized` in another way: other white space, raw or escaped characters.
    mutating func text(_ value: JSONValue) -> [UInt8] {
        switch value {
        case .string(let string): return text(string)
        case .array(let elements):
            return wrap("[", elements.map { text($0) }, "]")
        case .object(let object):
            return wrap(
                "{",
                object.members.map { text($0.key) + space() + [UInt8(ascii: ":")] + space() + text($0.value) },
                "}"
            )
        case .null, .bool, .number: return value.serialized()
        }
    }

    private mutating func wrap(_ open: Unicode.Scalar, _ parts: [[UInt8]], _ close: Unicode.Scalar) -> [UInt8] {
        var text = [UInt8(ascii: open)] + space()
        for (place, part) in parts.enumerated() {
            if place > 0 { text += [UInt8(ascii: ",")] + space() }
            text += part + space()
        }
        return text + [UInt8(ascii: close)]
    }

    private mutating func space() -> [UInt8] {
        chance(80) ? [] : Array(pick([" ", "\t", "  "]).utf8)
    }

    private mutating func text(_ string: JSONString) -> [UInt8] {
        // Raw UTF-8 where it has one: lone surrogates, controls and line ends have to be escaped.
        let isRaw = chance(30) && String(validating: string.bytes, as: UTF8.self) != nil
        let escaped = JSONValue.string(string).serialized()
        guard isRaw else { return escaped }
        var text: [UInt8] = []
        for scalar in string.string.unicodeScalars {
            if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" {
                text += JSONValue.string(JSONString(String(Character(scalar)))).serialized().dropFirst().dropLast()
            } else {
                text += Array(String(Character(scalar)).utf8)
            }
        }
        return [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]
    }
}
