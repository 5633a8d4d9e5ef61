import LoopModel
import LoopStore
import SyncCore

/// Archived runs as a table and as JSON; pure.
enum RunRows {
    /// - Parameters:
    ///   - runs: in the order to show.
    ///   - isForPeople: local times and rounded sizes; else UTC and bytes.
    ///   - now: decides which name the time zone has in the header.
    ///   - isMirrored: whether the mirror holds a run; nil where there is none.
    static func table(
        _ runs: [ArchivedRun],
        isForPeople: Bool,
        now: Timestamp,
        isMirrored: (ArchivedRun) -> Bool? = { _ in nil }
    ) -> Table {
        var table = Table(columns: [
            .init(title: "RUN"),
            .init(title: "LOOP", isFlexible: true),
            .init(title: "STATUS"),
            .init(title: "ENDED (\(LocalTime.zone(at: now)))"),
            .init(title: "TOOK", isRightAligned: true),
            .init(title: "STATES", isRightAligned: true, isDispensable: true),
            .init(title: "SIZE", isRightAligned: true, isDispensable: true),
            .init(title: "KEPT", isDispensable: true),
            .init(title: "FINAL STATE", isFlexible: true, isDispensable: true),
        ])
        table.rows = runs.map { run in
            [
                .init(run.shownID, .strong),
                .init(run.shownLoop),
                .init(run.status?.description ?? "unreadable", RunTone.of(run.status)),
                .init(run.endedAt.map { isForPeople ? LocalTime.plain($0) : $0.iso.string } ?? "?"),
                .init(run.took.map(Amount.duration) ?? "?"),
                .init(run.iteration?.integerValue.map(String.init) ?? "?"),
                .init(isForPeople ? SizeText.rounded(run.size) : String(run.size)),
                .init(run.kept(isMirrored: isMirrored(run)), .dim),
                .init(run.shownFinalState),
            ]
        }
        return table
    }

    static func json(
        _ runs: [ArchivedRun],
        in path: String,
        isMirrored: (ArchivedRun) -> Bool? = { _ in nil }
    ) -> JSONValue {
        let rows = runs.map { run in
            var object = json(run)
            object["final_state"] = StoryJSON.optional(run.finalState)
            object["mirrored"] = isMirrored(run).map { .bool($0) } ?? .null
            return JSONValue.object(object)
        }
        return .object(["loops": .string(JSONString(path)), "runs": .array(rows)])
    }

    private static func json(_ run: ArchivedRun) -> JSONObject {
        [
            "loop": .string(run.loop),
            "id": .string(JSONString(run.shownID)),
            "run_id": .string(run.runID.text),
            "path": .string(JSONString(".history/\(run.place)")),
            "layout": .string(JSONString(run.place.layout.rawValue)),
            "status": run.status.map { .string($0.rawValue) } ?? .null,
            "started_at": run.startedAt.map { .string($0) } ?? .null,
            "ended_at": run.endedAt.map { .string($0.iso) } ?? .null,
            "seconds": run.took.map { .number(JSONNumber(Double($0.milliseconds) / 1000)) } ?? .null,
            "iteration": run.iteration ?? .null,
            "size": .number(JSONNumber(run.size)),
            "pinned": .bool(run.isPinned),
            "has_sums": .bool(!run.isExecutorCopy),
        ]
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
