import LoopModel

/// One event for people, in a line; pure.
enum EventText {
    /// What happened, without the event's time, loop and name.
    static func details(of event: LoopEvent) -> String {
        func text(_ key: JSONString, limit: Int = 2000) -> String {
            switch event.json[key] {
            case .string(let string)?: shown(string, limit)
            case nil, .null?: "?"
            case let other?: PrintableText.escaping(other.serialized(), limit: limit)
            }
        }
        switch event.name?.string ?? "" {
        case "loop_start": return text("loop")
        case "loop_resume": return "\(text("loop")) from \(text("from_state"))"
        case "state_enter": return "\(text("state")) (\(text("iteration")))"
        case "action_start": return lines(event.json["action"]?.stringValue ?? "")
        case "action_output": return text("line", limit: 8000)
        case "action_complete":
            let took = event.json["duration_ms"]?.integerValue.map { " in " + Amount.duration(.milliseconds($0)) }
            return "exit \(text("exit_code"))\(took ?? "")"
        case "evaluate":
            return "\(text("verdict")) (\(text("type")))" + rest(event, without: ["type", "verdict", "exit_code"])
        case "route":
            return "\(text("from")) → \(text("to"))" + (event.json["reason"] == nil ? "" : " (\(text("reason")))")
        case "retry_exhausted": return "\(text("state")) after \(text("retries")) → \(text("next"))"
        case "handoff_detected": return "in \(text("state")): \(lines(event.json["continuation"]?.stringValue ?? ""))"
        case "loop_complete":
            let error = event.json["error"]?.stringValue.map { ": " + lines($0) } ?? ""
            return "in \(text("final_state")) after \(text("iterations")) (\(text("terminated_by")))\(error)"
        default: return String(rest(event, without: []).drop { $0 == " " })
        }
    }

    static func tone(of event: LoopEvent) -> Tone {
        switch event.name?.string ?? "" {
        case "loop_start", "loop_resume", "state_enter": return .strong
        case "action_output", "action_start": return .plain
        case "action_complete": return event.json["exit_code"]?.integerValue ?? 0 == 0 ? .plain : .warning
        case "evaluate", "route": return .plain
        case "loop_complete": return event.terminatedBy == "terminal" ? .good : .bad
        case "handoff_detected", "handoff_spawned": return .warning
        default: return .warning
        }
    }

    /// The fields that no event's own line shows, as `key=value`.
    private static func rest(_ event: LoopEvent, without keys: Set<JSONString>) -> String {
        let common: Set<JSONString> = ["event", "ts", "run_id", "loop", "depth"]
        return event.json.members.filter { !common.contains($0.key) && !keys.contains($0.key) && $0.value != .null }
            .map { member in
                let value =
                    member.value.stringValue.map(lines)
                    ?? PrintableText.escaping(member.value.serialized(), limit: 2000)
                return " \(shown(member.key, 200))=\(value)"
            }
            .joined()
    }

    /// A text of several lines in one.
    private static func lines(_ text: JSONString) -> String {
        text.bytes.split(separator: UInt8(ascii: "\n")).prefix(100).map { PrintableText.escaping($0, limit: 2000) }
            .joined(separator: " ⏎ ")
    }

    private static func shown(_ text: JSONString, _ limit: Int) -> String {
        PrintableText.escaping(text.bytes, limit: limit)
    }
}
