import LoopModel
import LoopStore
import SyncCore

/// Archived runs as a table and as JSON; pure.
enum RunRows {
    /// - Parameters:
    ///   - runs: in the order to show.
    ///   - isForPeople: local times and rounded sizes; else UTC and bytes.
    ///   - now: decides which name the time zone has in the header.
    ///   - tellsDirectory: whether the last column has the loops directory, since there are several.
    static func table(_ runs: [ListedRun], isForPeople: Bool, now: Timestamp, tellsDirectory: Bool = false) -> Table {
        var table = Table(columns: [
            .init(title: "RUN"),
            .init(title: "LOOP", isFlexible: true),
            .init(title: "STATUS"),
            .init(title: "ENDED (\(LocalTime.zone(at: now)))", isDispensable: true),
            .init(title: "TOOK", isRightAligned: true, isDispensable: true),
            .init(title: "STATES", isRightAligned: true, isDispensable: true),
            .init(title: "SIZE", isRightAligned: true, isDispensable: true),
            .init(title: "KEPT", isDispensable: true),
            .init(title: "FINAL STATE", isFlexible: true, isDispensable: true),
        ])
        if tellsDirectory { table.columns.append(.init(title: "IN", isFlexible: true)) }
        let projects = tellsDirectory && isForPeople ? ProjectNames.distinct(runs.map(\.site.loops)) : [:]
        table.rows = runs.map { listed in
            let run = listed.run
            return [
                .init(run.shownID, .strong),
                .init(run.shownLoop),
                .init(RunTone.word(run.status), RunTone.of(run.status)),
                .init(run.endedAt.map { isForPeople ? LocalTime.plain($0) : $0.iso.string } ?? "?"),
                .init(run.took.map(Amount.duration) ?? "?"),
                .init(run.iteration?.integerValue.map(String.init) ?? "?"),
                .init(isForPeople ? SizeText.rounded(run.size) : String(run.size)),
                .init(listed.kept, .dim),
                .init(run.shownFinalState),
            ] + (tellsDirectory ? [.init(projects[listed.site.loops] ?? listed.site.loops)] : [])
        }
        return table
    }

    /// - Parameter directories: those that were looked at, the one at hand first.
    static func json(_ runs: [ListedRun], in directories: [String]) -> JSONValue {
        let rows = runs.map { listed in
            var object = json(listed.run)
            object["final_state"] = StoryJSON.optional(listed.run.finalState)
            object["mirrored"] = listed.isMirrored.map { .bool($0) } ?? .null
            object["loops"] = .string(JSONString(listed.site.loops))
            object["here"] = .bool(listed.site.isHere)
            object["directory"] = .string(JSONString(listed.directory))
            return JSONValue.object(object)
        }
        return .object([
            "loops": .string(JSONString(directories.first ?? "")), "runs": .array(rows),
            "directories": .array(directories.map { .string(JSONString($0)) }),
        ])
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
