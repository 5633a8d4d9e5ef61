import LoopModel
import LoopStore
import SyncCore

/// Archived runs as a table and as JSON; pure.
enum RunRows {
    /// - Parameters:
    ///   - runs: in the order to show.
    ///   - isForPeople: local times and rounded sizes; else UTC and bytes.
    ///   - now: decides which name the time zone has in the header.
    static func table(_ runs: [ArchivedRun], isForPeople: Bool, now: Timestamp) -> Table {
        var table = Table(columns: [
            .init(title: "RUN"),
            .init(title: "LOOP", isFlexible: true),
            .init(title: "STATUS"),
            .init(title: "ENDED (\(LocalTime.zone(at: now)))"),
            .init(title: "TOOK", isRightAligned: true),
            .init(title: "STATES", isRightAligned: true),
            .init(title: "SIZE", isRightAligned: true),
            .init(title: ""),
        ])
        table.rows = runs.map { run in
            [
                .init(run.shownID, .strong),
                .init(run.shownLoop),
                .init(run.status?.description ?? "unreadable", run.tone),
                .init(run.endedAt.map { isForPeople ? LocalTime.plain($0) : $0.iso.string } ?? "?"),
                .init(run.took.map(Amount.duration) ?? "?"),
                .init(run.iteration?.integerValue.map(String.init) ?? "?"),
                .init(isForPeople ? SizeText.rounded(run.size) : String(run.size)),
                .init(run.isPinned ? "pinned" : "", .dim),
            ]
        }
        return table
    }

    static func json(_ runs: [ArchivedRun], in path: String) -> JSONValue {
        .object(["loops": .string(JSONString(path)), "runs": .array(runs.map(json))])
    }

    private static func json(_ run: ArchivedRun) -> JSONValue {
        .object([
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
        ])
    }
}

extension ArchivedRun {
    fileprivate var tone: Tone {
        switch status {
        case .completed?: .good
        case .failed?, .timedOut?: .bad
        case nil: .bad
        default: .warning
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
