import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// What the policy does with one run, and which line of which file says so; pure.
struct PolicyExplanation {
    /// One rule or limit that has a say.
    struct Row: Equatable {
        /// What it does: keeps, removes, does not keep, stops the removal.
        let effect: String
        let text: String
        /// The key that holds it; nil for what no key lifts.
        let key: String?
        let source: ValueSource?
    }

    let selector: String
    let facts: String
    let verdict: String
    let consequence: String
    let rows: [Row]

    /// A run of the history.
    ///
    /// - Parameter decision: nil where the policy removes nothing at all, so that no plan was made.
    init(
        _ run: ArchivedRun,
        decision: RetentionPlan.Decision?,
        policy: RetentionPolicy,
        sources: ConfigurationSources
    ) {
        selector = run.selector
        let ended = run.endedAt.map { ", ended \(LocalTime.withZone($0))" } ?? ""
        facts = "\(RunTone.word(run.status))\(ended), \(SizeText.rounded(run.size))"
        let section = policy.section(for: run.loop)
        let trash = policy.trashFor.map { "for \(DurationText.format($0))" } ?? "until it is emptied"
        switch decision?.verdict {
        case nil, .keep?:
            verdict = "keep"
            consequence = "it stays"
        case .remove?:
            verdict = "remove"
            consequence = "the next prune moves it into the trash, where it stays \(trash)"
        case .hold?:
            verdict = "hold"
            consequence = "it would go, but waits for: loopsync prune --force"
        }
        let reasons = decision?.reasons ?? [.noRule]
        rows = reasons.flatMap { Self.rows($0, section: section, sources) }
    }

    /// A run in the trash.
    init(_ entry: TrashEntry, policy: RetentionPolicy) {
        selector = entry.candidate.text
        let record = entry.record
        facts = "\(RunTone.word(record.status)), in the trash since \(LocalTime.withZone(record.time))"
        verdict = "removed"
        let end =
            policy.trashFor.map { "deleted \(DurationText.format($0)) after that" } ?? "kept until the trash is emptied"
        consequence = "\(end); bring it back with: loopsync restore \(entry.candidate.text)"
        rows = record.reasons.map {
            Row(effect: "removed", text: PrintableText.escaping($0.utf8), key: nil, source: nil)
        }
    }

    private static func rows(_ reason: RetentionReason, section: String, _ sources: ConfigurationSources) -> [Row] {
        func row(_ effect: String, _ text: String, _ key: String? = nil) -> Row {
            Row(effect: effect, text: text, key: key, source: key.map { sources.source(of: $0) })
        }
        func key(_ rule: KeepRule, _ status: RunStatus?) -> String {
            "\(section)\(status.map { ".statuses.\($0.rawValue.string)" } ?? "").keep_\(rule)"
        }
        let text = reason.description
        switch reason {
        case .rule(let match): return [row("keeps", text, key(match.rule, match.status))]
        case .noRule: return [row("keeps", "no keep_* or max_* key holds for its loop")]
        case .youngerThanMinAge: return [row("keeps", text, "retention.min_age")]
        case .amongNewest: return [row("keeps", text, "retention.keep_min")]
        case .notMirrored: return [row("keeps", text, "retention.require_mirrored")]
        case .pinned: return [row("keeps", "pinned; loopsync unpin lets go of it")]
        case .notARun, .inRunning, .nameOfRunInRunning, .newest, .newestCompleted, .inFuture, .timeUnknown:
            return [row("keeps", text)]
        case .noRuleKeeps(let misses):
            return misses.map { row("does not keep", $0.description, key($0.rule, $0.status)) }
                + (misses.isEmpty ? [row("removes", text)] : [])
        case .cap(.maxAge): return [row("removes", text, "\(section).max_age")]
        case .cap(.maxRuns): return [row("removes", text, "\(section).max_runs")]
        case .cap(.maxTotalSize): return [row("removes", text, "retention.max_total_size")]
        case .cap(.minFreeSpace): return [row("removes", text, "retention.min_free_space")]
        case .heldBack: return [row("stops", text, "retention.max_delete_fraction")]
        }
    }

    // MARK: For people

    func text(_ terminal: Terminal) -> String {
        let tone: Tone = verdict == "keep" ? .good : verdict == "hold" ? .warning : .bad
        let head = Tone.strong.applied(to: selector, hasColor: terminal.hasColor)
        let word = tone.applied(to: verdict, hasColor: terminal.hasColor)
        var table = Table(columns: [.init(title: ""), .init(title: ""), .init(title: "")])
        table.rows = rows.map { row in
            [Table.Cell("  \(row.effect)"), Table.Cell(row.text), Table.Cell(place(of: row), .dim)]
        }
        return "\(head): \(facts)\n\(word): \(consequence)\n" + table.aligned(hasColor: terminal.hasColor)
    }

    private func place(of row: Row) -> String {
        guard let key = row.key, let source = row.source else { return "" }
        return "\(key), \(PrintableText.escaping(source.description.utf8))"
    }

    // MARK: For programs

    var json: JSONValue {
        .object([
            "run": .string(JSONString(selector)),
            "verdict": .string(JSONString(verdict)),
            "consequence": .string(JSONString(consequence)),
            "rules": .array(
                rows.map { row in
                    var object: JSONObject = [
                        "effect": .string(JSONString(row.effect)), "text": .string(JSONString(row.text)),
                        "key": row.key.map { .string(JSONString($0)) } ?? .null,
                        "from": row.source.map { .string(JSONString($0.description)) } ?? .null,
                    ]
                    if case .file(let name, let line)? = row.source {
                        object["file"] = .string(JSONString(name))
                        object["line"] = .number(JSONNumber(line))
                    }
                    return .object(object)
                }
            ),
        ])
    }
}
