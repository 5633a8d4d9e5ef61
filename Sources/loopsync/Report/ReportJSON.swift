import LoopModel
import SyncCore

/// The report's data for programs; pure.
enum ReportJSON {
    static func text(_ data: ReportData) -> String {
        guard case .object(var object) = StatisticsRows.json(data.loops, in: data.path) else { return "" }
        object["now"] = .string(data.now.iso)
        object["runs"] = .array(
            data.runs.map { run in
                [
                    "run": .string(JSONString(run.selector)), "loop": .string(run.loop),
                    "status": StoryJSON.optional(run.status?.rawValue), "ended_at": StoryJSON.time(run.endedAt),
                    "seconds": run.took.map(StoryJSON.seconds) ?? .null,
                ]
            }
        )
        object["departures"] = .array(
            (data.retention?.forecast.departures ?? []).map { departure in
                [
                    "place": .string(JSONString(departure.run.place.description)), "by": .string(departure.by.iso),
                    "size": .number(JSONNumber(departure.run.size)),
                    "reasons": .array(departure.reasons.map { .string(JSONString($0.description)) }),
                ]
            }
        )
        return String(decoding: JSONValue.object(object).serialized(indent: 2), as: UTF8.self) + "\n"
    }
}
