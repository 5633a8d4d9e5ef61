import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// What an archiving pass did, as a table and as JSON; pure.
enum ArchiveRows {
    /// One row per run, each with where it is or why not.
    static func table(_ rows: [ArchivePass.Row]) -> Table {
        var table = Table(columns: [
            .init(title: "RUN"), .init(title: "LOOP", isFlexible: true), .init(title: "STATUS"), .init(title: "DONE"),
            .init(title: "WHERE", isFlexible: true), .init(title: "", isProse: true),
        ])
        table.rows = rows.map { row in
            let result = row.result
            return [
                .init(row.run.runID.description, .strong),
                .init(PrintableText.escaping(row.run.loop.bytes)),
                .init(row.run.state?.facts.status.description ?? "unreadable"),
                .init(result.word, result.tone),
                .init(result.place.map { ".history/\($0)" } ?? row.run.stem.description),
                .init((result.details + row.reason.remark).joined(separator: "; ")),
            ]
        }
        return table
    }

    /// `3 runs archived, 1 failed`.
    static func total(_ rows: [ArchivePass.Row], isDryRun: Bool) -> String {
        if isDryRun { return "would archive \(Amount.count(rows.count, "run"))" }
        let groups = ["archived", "adopted", "renamed", "unchanged", "cleared", "busy", "failed"]
        return groups.compactMap { word in
            let number = rows.count { $0.result.word == word }
            return number == 0 ? nil : "\(Amount.count(number, "run")) \(word)"
        }.joined(separator: ", ")
    }

    static func exitStatus(_ rows: [ArchivePass.Row]) -> ExitStatus {
        let bad = rows.count { $0.result.isBad }
        if bad == 0 { return .done }
        return bad == rows.count ? .failed : .partly
    }

    static func json(_ rows: [ArchivePass.Row], in path: String, isDryRun: Bool) -> JSONValue {
        .object([
            "loops": .string(JSONString(path)),
            "dry_run": .bool(isDryRun),
            "runs": .array(
                rows.map { row in
                    .object([
                        "loop": .string(row.run.loop),
                        "run_id": .string(row.run.runID.text),
                        "stem": .string(JSONString(row.run.stem.description)),
                        "reason": .string(JSONString(row.reason.rawValue)),
                        "result": .string(JSONString(row.result.word)),
                        "path": row.result.place.map { .string(JSONString(".history/\($0)")) } ?? .null,
                        "details": .array(row.result.details.map { .string(JSONString($0)) }),
                    ])
                }
            ),
        ])
    }
}

extension ArchivePass.Row.Result {
    fileprivate var word: String {
        switch self {
        case .due: "due"
        case .archived(_, .created, _), .archived(_, .extended, _): "archived"
        case .archived(_, .adopted, _): "adopted"
        case .archived(_, .renamed, _): "renamed"
        case .archived(_, .unchanged, _): "unchanged"
        case .cleared: "cleared"
        case .busy: "busy"
        case .failed: "failed"
        }
    }

    fileprivate var place: RunPlace? {
        if case .archived(let place, _, _) = self { place } else { nil }
    }

    fileprivate var details: [String] {
        switch self {
        case .due, .cleared: []
        case .archived(_, let change, let conflicts):
            if case .renamed(let from) = change { conflicts + ["was .history/\(from)"] } else { conflicts }
        case .busy(let reason): ["\(reason); try again, or let the agent do it"]
        case .failed(let error): ["\(error)"]
        }
    }

    fileprivate var tone: Tone {
        switch self {
        case .due, .cleared, .archived: .good
        case .busy: .warning
        case .failed: .bad
        }
    }

    fileprivate var isBad: Bool {
        switch self {
        case .due, .cleared, .archived: false
        case .busy, .failed: true
        }
    }
}

extension ArchiveReason {
    /// What a person should know of a run that did not simply end.
    fileprivate var remark: [String] {
        switch self {
        case .ended, .gone: []
        case .parked: ["waits for its continuation"]
        case .abandoned: ["left by its executor, can be resumed"]
        }
    }
}
