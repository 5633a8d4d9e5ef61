import LoopModel
import SyncAgent
import SyncCore

/// What a mirroring pass did, as a table and as JSON; pure.
enum MirrorRows {
    static func table(_ rows: [MirrorPass.Row]) -> Table {
        var table = Table(columns: [
            .init(title: "RUN", isFlexible: true), .init(title: "DONE"), .init(title: "", isProse: true),
        ])
        table.rows = rows.map { row in
            [
                .init(row.place?.description ?? "mirror", .strong), .init(row.result.word, row.result.tone),
                .init(row.result.detail),
            ]
        }
        return table
    }

    /// `3 runs mirrored, 1 failed`.
    static func total(_ rows: [MirrorPass.Row], isDryRun: Bool) -> String {
        if isDryRun { return "would change \(Amount.count(rows.count { !$0.result.isFailure }, "run"))" }
        return ["mirrored", "renamed", "set aside", "removed", "failed"].compactMap { word in
            let number = rows.count { $0.result.word == word }
            return number == 0 ? nil : "\(Amount.count(number, "run")) \(word)"
        }.joined(separator: ", ")
    }

    /// One row as a line of its own.
    static func line(_ row: MirrorPass.Row) -> String {
        let place = row.place?.description ?? "mirror"
        return [place, row.result.word, row.result.detail].filter { !$0.isEmpty }.joined(separator: ": ")
    }

    static func exitStatus(_ rows: [MirrorPass.Row]) -> ExitStatus {
        let failed = rows.count { $0.result.isFailure }
        if failed == 0 { return .done }
        return failed == rows.count ? .failed : .partly
    }

    static func json(_ rows: [MirrorPass.Row], in path: String, isDryRun: Bool) -> JSONValue {
        .object([
            "loops": .string(JSONString(path)),
            "dry_run": .bool(isDryRun),
            "runs": .array(
                rows.map { row in
                    .object([
                        "path": row.place.map { .string(JSONString(".history/\($0)")) } ?? .null,
                        "result": .string(JSONString(row.result.word)),
                        "detail": .string(JSONString(row.result.detail)),
                    ])
                }
            ),
        ])
    }
}

extension MirrorPass.Row.Result {
    fileprivate var word: String {
        switch self {
        case .due(let step):
            switch step {
            case .publish, .replace: "due"
            case .rename: "to be renamed"
            case .setAside: "to be set aside"
            case .removePruned, .removeDouble: "to be removed"
            }
        case .done(let change):
            switch change {
            case .published, .replaced: "mirrored"
            case .renamed: "renamed"
            case .setAside: "set aside"
            case .removed: "removed"
            }
        case .failed: "failed"
        }
    }

    fileprivate var detail: String {
        switch self {
        case .due: ""
        case .done(.published(_, let bytes)), .done(.replaced(_, let bytes)): SizeText.rounded(bytes)
        case .done(.renamed(let from, to: _)): "was \(from)"
        case .done(.setAside), .done(.removed): ""
        case .failed(let reason): reason
        }
    }

    fileprivate var tone: Tone {
        isFailure ? .bad : .good
    }
}
