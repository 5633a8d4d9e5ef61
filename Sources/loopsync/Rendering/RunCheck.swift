import LoopModel
import LoopStore

/// What `verify` found out about one run; pure.
struct RunCheck {
    let run: ArchivedRun
    /// nil where the run went away meanwhile, for instance pruned.
    let verdict: RunVerdict?

    var exitStatus: ExitStatus {
        switch verdict {
        case .damaged?, .unreadableSums?: .damage
        case .sound?, .adopted?, .unsummed?, nil: .done
        }
    }

    private var word: String {
        switch verdict {
        case .sound?: "sound"
        case .adopted?: "adopted"
        case .damaged?: "damaged"
        case .unsummed?: "no sums"
        case .unreadableSums?: "damaged"
        case nil: "gone"
        }
    }

    private var details: [String] {
        switch verdict {
        case .sound?, nil: []
        case .adopted(let reasons)?: reasons
        case .damaged(let files)?: files.map(\.description)
        case .unsummed?: ["an executor archived it and loopsync has not taken it over"]
        case .unreadableSums(let error)?: ["SHA256SUMS: \(error)"]
        }
    }

    private var tone: Tone {
        switch verdict {
        case .damaged?, .unreadableSums?: .bad
        case .adopted?, .unsummed?, nil: .warning
        case .sound?: .good
        }
    }

    /// One row for each run that is not simply sound.
    static func table(_ checks: [RunCheck]) -> Table {
        var table = Table(columns: [
            .init(title: "RUN"), .init(title: "LOOP", isFlexible: true), .init(title: "VERDICT"), .init(title: "WHY"),
        ])
        table.rows = checks.filter { $0.verdict != .sound }.map { check in
            [
                .init(check.run.shownID, .strong), .init(check.run.shownLoop), .init(check.word, check.tone),
                .init(check.details.joined(separator: "; ")),
            ]
        }
        return table
    }

    /// `12 runs: 10 sound, 1 adopted, 1 damaged`.
    static func total(_ checks: [RunCheck]) -> String {
        let words = ["sound", "adopted", "no sums", "damaged", "gone"]
        let counts = words.compactMap { word in
            let number = checks.count { $0.word == word }
            return number > 0 ? "\(number) \(word)" : nil
        }
        return "\(Amount.count(checks.count, "run"))\(counts.isEmpty ? "" : ": ")\(counts.joined(separator: ", "))"
    }

    static func json(_ checks: [RunCheck], in path: String) -> JSONValue {
        .object([
            "loops": .string(JSONString(path)),
            "runs": .array(
                checks.map { check in
                    .object([
                        "loop": .string(check.run.loop),
                        "id": .string(JSONString(check.run.shownID)),
                        "path": .string(JSONString(".history/\(check.run.place)")),
                        "verdict": .string(JSONString(check.word)),
                        "details": .array(check.details.map { .string(JSONString($0)) }),
                    ])
                }
            ),
        ])
    }
}
