import LoopModel
import LoopStore
import SyncCore

/// What is in the trash, as a table and as JSON; pure.
enum TrashRows {
    /// - Parameters:
    ///   - entries: in the order to show.
    ///   - isForPeople: local times and rounded sizes; else UTC and bytes.
    ///   - now: decides which name the time zone has in the header.
    static func table(_ entries: [TrashEntry], isForPeople: Bool, now: Timestamp) -> Table {
        var table = Table(columns: [
            .init(title: "RUN"), .init(title: "LOOP", isFlexible: true), .init(title: "STATUS", isDispensable: true),
            .init(title: "REMOVED (\(LocalTime.zone(at: now)))", isDispensable: true),
            .init(title: "SIZE", isRightAligned: true, isDispensable: true), .init(title: "REASONS", isProse: true),
        ])
        table.rows = entries.map { entry in
            let record = entry.record
            return [
                .init(entry.candidate.id, .strong),
                .init(PrintableText.escaping(record.loop.bytes)),
                .init(record.status.map { RunTone.word($0) } ?? "?"),
                .init(isForPeople ? LocalTime.plain(record.time) : record.time.iso.string),
                .init(isForPeople ? SizeText.rounded(record.size) : String(record.size)),
                .init(record.reasons.map { PrintableText.escaping($0.utf8) }.joined(separator: ", ")),
            ]
        }
        return table
    }

    static func json(_ entries: [TrashEntry], in path: String) -> JSONValue {
        .object([
            "loops": .string(JSONString(path)),
            "trash": .array(
                entries.map { entry in
                    let record = entry.record
                    return .object([
                        "loop": .string(record.loop),
                        "id": .string(JSONString(entry.candidate.id)),
                        "path": .string(JSONString(".history/\(record.place)")),
                        "status": record.status.map { .string($0.rawValue) } ?? .null,
                        "ended_at": record.endedAt.map { .string($0.iso) } ?? .null,
                        "removed_at": .string(record.time.iso),
                        "size": .number(JSONNumber(record.size)),
                        "reasons": .array(record.reasons.map { .string(JSONString($0)) }),
                    ])
                }
            ),
        ])
    }
}

extension TrashEntry {
    /// The run as a person names it.
    var candidate: RunSelector.Candidate {
        .init(
            loop: record.loop.string,
            id: record.place.shownID,
            startedAt: record.endedAt?.iso ?? "",
            path: record.place.description
        )
    }
}
