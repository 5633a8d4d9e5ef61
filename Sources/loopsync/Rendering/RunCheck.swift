import LoopModel
import LoopStore
import SyncAgent

/// What `verify` found out about one run; pure.
struct RunCheck {
    let run: ArchivedRun
    /// What is in the history.
    var history: Finding
    /// What was put back there, and from where.
    var repairs: [String] = []
    /// Its copy in the mirror; nil where that was not looked at.
    var mirror: MirrorVerdict?
    /// Whether that copy was damaged and the history's is in its place now.
    var isMirrorRepaired = false

    /// What was found in the history.
    enum Finding: Equatable {
        case verdict(RunVerdict)
        /// The run went away meanwhile, for instance pruned.
        case gone
        /// Only the mirror has it; pruned here, or lost though nothing pruned it.
        case onlyMirrored(wasPruned: Bool)
        /// It could not be looked at, for this reason.
        case failed(String)
    }

    var exitStatus: ExitStatus {
        if mirror?.isDamage == true { return .damage }
        return switch history {
        case .verdict(.damaged), .verdict(.unreadableSums): .damage
        case .failed: .partly
        case .verdict(.sound), .verdict(.adopted), .verdict(.unsummed), .gone, .onlyMirrored: .done
        }
    }

    /// Whether nothing of it has to be told.
    var isSound: Bool {
        let isSoundHere = isSimplySound || history == .onlyMirrored(wasPruned: true)
        return isSoundHere && mirrorRow == nil
    }

    private var isSimplySound: Bool { history == .verdict(.sound) && repairs.isEmpty }

    private var word: String {
        switch history {
        case .verdict(.sound) where !repairs.isEmpty: "repaired"
        case .verdict(.sound): "sound"
        case .verdict(.adopted): "adopted"
        case .verdict(.damaged), .verdict(.unreadableSums): "damaged"
        case .verdict(.unsummed): "no sums"
        case .gone: "gone"
        case .onlyMirrored(let wasPruned): wasPruned ? "pruned" : "lost"
        case .failed: "failed"
        }
    }

    private var details: [String] {
        switch history {
        case .verdict(.sound): repairs
        case .gone, .onlyMirrored(wasPruned: true): []
        case .verdict(.adopted(let reasons)): reasons
        case .verdict(.damaged(let files)): files.map(\.description)
        case .verdict(.unsummed): ["an executor archived it and loopsync has not taken it over"]
        case .verdict(.unreadableSums(let error)): ["\(error)"]
        case .onlyMirrored(wasPruned: false):
            ["only the mirror has it, and nothing pruned it here: loopsync restore --from mirror \(run.selector)"]
        case .failed(let reason): [reason]
        }
    }

    private var tone: Tone {
        switch history {
        case .verdict(.damaged), .verdict(.unreadableSums), .failed: .bad
        case .verdict(.adopted), .verdict(.unsummed), .gone, .onlyMirrored: .warning
        case .verdict(.sound): .good
        }
    }

    private var mirrorWord: String? {
        switch mirror {
        case .sound? where isMirrorRepaired: "repaired"
        case .sound?: "sound"
        case .absent?: "absent"
        case .behind?: "behind"
        case .damaged?, .unreadableSums?: "damaged"
        case nil: nil
        }
    }

    private var mirrorDetails: [String] {
        switch mirror {
        case .sound(let foreign)?:
            (isMirrorRepaired ? ["replaced by what the history has"] : [])
                + foreign.map { "\($0): somebody else's, left alone" }
        case .damaged(let files)?: files.map(\.description)
        case .unreadableSums(let error)?: ["\(error)"]
        case .absent?, .behind?, nil: []
        }
    }

    /// What is told of the copy in the mirror; nil where nothing has to be.
    private var mirrorRow: [Table.Cell]? {
        guard let mirror, let word = mirrorWord, !mirrorDetails.isEmpty else { return nil }
        return row(
            word,
            mirror.isDamage ? .bad : isMirrorRepaired ? .good : .warning,
            mirrorDetails.map { "in the mirror: \($0)" }
        )
    }

    private func row(_ word: String, _ tone: Tone, _ details: [String]) -> [Table.Cell] {
        [
            .init(run.shownID, .strong), .init(run.shownLoop), .init(word, tone),
            .init(details.joined(separator: "; ")),
        ]
    }

    /// One row for each run that is not simply sound, and one for its copy in the mirror.
    static func table(_ checks: [RunCheck]) -> Table {
        var table = Table(columns: [
            .init(title: "RUN"), .init(title: "LOOP", isFlexible: true), .init(title: "VERDICT"),
            .init(title: "WHY", isProse: true),
        ])
        for check in checks {
            if !check.isSimplySound, check.history != .onlyMirrored(wasPruned: true) {
                table.rows.append(check.row(check.word, check.tone, check.details))
            }
            if let row = check.mirrorRow { table.rows.append(row) }
        }
        return table
    }

    /// Runs of which nothing has to be told, by number.
    struct Sound {
        private(set) var here = 0
        /// Of these, which have a copy in the mirror that is sound too.
        private(set) var inMirror = 0

        /// Counts one of them.
        mutating func count(_ answer: SoundRuns.Answer) {
            here += 1
            if answer.isMirrorSound { inMirror += 1 }
        }
    }

    /// `12 runs: 10 sound, 1 adopted, 1 damaged; in the mirror: 11 sound, 1 damaged`.
    ///
    /// - Parameter sound: runs that are in no check.
    static func total(_ checks: [RunCheck], besides sound: Sound) -> String {
        let runs = checks.filter { if case .onlyMirrored = $0.history { false } else { true } }
        let words = ["sound", "repaired", "adopted", "no sums", "damaged", "gone", "failed"]
        let lost = checks.count { $0.history == .onlyMirrored(wasPruned: false) }
        let here =
            counts(words, of: runs.map(\.word), besides: sound.here) + (lost > 0 ? ["\(lost) lost"] : [])
        let there = counts(
            ["sound", "repaired", "behind", "damaged", "absent"],
            of: checks.compactMap(\.mirrorWord),
            besides: sound.inMirror
        )
        return
            "\(Amount.count(runs.count + sound.here, "run"))\(here.isEmpty ? "" : ": ")\(here.joined(separator: ", "))"
            + (there.isEmpty ? "" : "; in the mirror: \(there.joined(separator: ", "))")
    }

    private static func counts(_ words: [String], of found: [String], besides sound: Int) -> [String] {
        words.compactMap { word in
            let number = found.count { $0 == word } + (word == "sound" ? sound : 0)
            return number > 0 ? "\(number) \(word)" : nil
        }
    }

    static func json(_ checks: [RunCheck], in path: String) -> JSONValue {
        .object([
            "loops": .string(JSONString(path)),
            "runs": .array(
                checks.map { check in
                    var object: JSONObject = [
                        "loop": .string(check.run.loop),
                        "id": .string(JSONString(check.run.shownID)),
                        "path": .string(JSONString(".history/\(check.run.place)")),
                        "verdict": .string(JSONString(check.word)),
                        "details": .array(check.details.map { .string(JSONString($0)) }),
                    ]
                    if let word = check.mirrorWord {
                        object["mirror"] = .object([
                            "verdict": .string(JSONString(word)),
                            "details": .array(check.mirrorDetails.map { .string(JSONString($0)) }),
                        ])
                    }
                    return .object(object)
                }
            ),
        ])
    }
}
