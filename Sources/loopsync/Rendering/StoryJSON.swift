import LoopModel
import LoopStore
import SyncCore

/// One run told for programs: times are RFC 3339 in UTC, spans seconds; pure.
enum StoryJSON {
    static func document(_ run: FoundRun, _ story: RunStory) -> JSONValue {
        var object = summary(run, story)
        object["error"] = optional(story.error)
        object["states"] = .array(story.states.map(total))
        object["visits"] = .array(story.visits.map(visit))
        object["omitted_visits"] = number(story.omittedVisits)
        object["captured"] = run.state?.captured ?? .null
        object["last_action"] = optional(story.lastAction)
        object["last_exit_code"] = optional(story.lastExitCode)
        object["last_error_output"] = optional(story.lastErrorOutput)
        object["output"] = .array(story.output.map { .string($0) })
        object["output_lines"] = number(story.outputLines)
        object["other_events"] = tallies(story.others)
        object["nested_events"] = number(story.nestedEvents)
        object["damaged_lines"] = number(story.damagedLines)
        return .object(object)
    }

    /// Which run it is, when it was, and how it ended.
    static func summary(_ run: FoundRun, _ story: RunStory) -> JSONObject {
        var object = identity(run)
        object["started_at"] = time(story.startedAt)
        object["ended_at"] = time(story.endedAt)
        object["seconds"] = span(story)
        object["seconds_at_work"] = seconds(story.time)
        object["segments"] = number(story.segments)
        object["end"] = end(story.ending)
        return object
    }

    /// Which run it is and where its files are.
    static func identity(_ run: FoundRun) -> JSONObject {
        var object = JSONObject()
        object["loop"] = .string(run.loop)
        object["id"] = .string(JSONString(run.id))
        object["path"] = .string(JSONString(run.path))
        object["status"] = optional(run.state?.status.rawValue)
        object["pid"] = optional(run.process.map(Int.init))
        object["pinned"] = .bool(run.archive?.isPinned ?? false)
        object["size"] = optional(run.archive.map { Int($0.size) })
        return object
    }

    private static func span(_ story: RunStory) -> JSONValue {
        guard let began = story.startedAt, let ended = story.endedAt else { return .null }
        return seconds(ended - began)
    }

    private static func end(_ ending: RunStory.Ending) -> JSONValue {
        switch ending {
        case .none: .null
        case .complete(let reason, let state, let iterations):
            .object([
                "event": "loop_complete", "terminated_by": optional(reason), "final_state": optional(state),
                "iterations": optional(iterations),
            ])
        case .handoff(let continuation):
            .object(["event": "handoff_detected", "continuation": optional(continuation)])
        }
    }

    private static func total(_ total: RunStory.StateTotal) -> JSONValue {
        .object([
            "state": .string(total.state), "visits": number(total.visits), "seconds": seconds(total.time),
            "verdicts": tallies(total.verdicts),
        ])
    }

    static func visit(_ visit: RunStory.Visit) -> JSONValue {
        .object([
            "state": .string(visit.state), "iteration": optional(visit.iteration),
            "segment": number(visit.segment), "entered_at": time(visit.enteredAt), "seconds": seconds(visit.time),
            "open": .bool(visit.isOpen), "evaluator": optional(visit.evaluator), "verdict": optional(visit.verdict),
            "exit_code": optional(visit.exitCode), "next": optional(visit.next),
            "reason": optional(visit.reason),
        ])
    }

    private static func tallies(_ tallies: [RunStory.Tally]) -> JSONValue {
        .object(JSONObject(tallies.map { ($0.name, number($0.count)) }))
    }

    static func seconds(_ span: Duration) -> JSONValue {
        .number(JSONNumber(Double(span.milliseconds) / 1000))
    }

    static func number(_ number: Int) -> JSONValue { .number(JSONNumber(number)) }

    static func time(_ time: Timestamp?) -> JSONValue { time.map { .string($0.iso) } ?? .null }

    static func optional(_ number: Int?) -> JSONValue { number.map { .number(JSONNumber($0)) } ?? .null }

    static func optional(_ text: JSONString?) -> JSONValue { text.map { .string($0) } ?? .null }
}
