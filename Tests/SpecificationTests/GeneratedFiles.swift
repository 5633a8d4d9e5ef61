import LoopModel

extension Generator {
    /// A state file on one line: keys of both versions and unknown ones in any order, each absent, null, empty, of its
    /// type or of any.
    mutating func stateFile() -> Sample {
        var members: [(key: JSONString, keyText: [UInt8], value: Sample)] = []
        for key in LoopState.Key.allCases {
            let required = [.loopName, .currentState, .iteration, .startedAt, .status].contains(key)
            if chance(required ? 1 : 30) { continue }
            let name = JSONString(key.rawValue)
            members.append((name, JSONValue.string(name).serialized(), field(key)))
        }
        if chance(30) { members += self.members(below(4)) }
        if chance(50) {
            for place in members.indices { members.swapAt(place, below(members.count)) }
        }
        return object(members)
    }

    private mutating func field(_ key: LoopState.Key) -> Sample {
        switch below(10) {
        case 0: return sample(.null)
        case 1: return sample(pick([[:], [], "", 0, false]))
        case 2: return value()
        default: break
        }
        switch key {
        case .iteration, .accumulatedMilliseconds, .pid, .iterationCount, .consecutiveRateLimitExhaustions:
            return sample(.number(JSONNumber(below(1_000_000))))
        case .captured, .previousResult, .lastResult, .retryCounts, .rateLimitRetries, .edgeRevisitCounts, .context:
            return object(members(below(4)))
        case .status:
            return sample(pick(["running", "completed", "interrupted", "awaiting_continuation", "timed_out", "new"]))
        default:
            return string()
        }
    }

    private func sample(_ value: JSONValue) -> Sample {
        Sample(value: value, text: value.serialized())
    }

    /// An event with some of an executor's keys and any others.
    mutating func event() -> Sample {
        var members: [(key: JSONString, keyText: [UInt8], value: Sample)] = []
        func add(_ key: JSONString, _ value: JSONValue) {
            members.append((key, JSONValue.string(key).serialized(), sample(value)))
        }
        if chance(95) { add("event", pick(["loop_start", "state_enter", "action_output", "evaluate", "route"])) }
        if chance(95) { add("ts", .string(Timestamp(microseconds: Int64(below(1 << 50))).iso)) }
        if chance(20) { add("depth", 1) }
        return object(members + self.members(below(6)))
    }
}
