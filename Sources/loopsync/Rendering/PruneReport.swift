import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// A prune's plan and what came of it; pure.
struct PruneReport {
    let pass: RetentionPass
    let prepared: RetentionPass.Prepared
    /// nil for a dry run.
    let outcome: RetentionPass.Outcome?
    /// Why the mirror lacks runs that would go; nil where that is not known or there is no mirror.
    let mirrorLacks: String?

    private var plan: RetentionReport {
        RetentionReport(prepared.plan, policy: pass.policy, zone: pass.zone)
    }

    private var removed: Set<RunPlace>? { outcome.map { Set($0.prune.removed.map(\.run.place)) } }

    /// What to say before the table; nil where there is none.
    var head: String? { plan.isEmpty ? nil : plan.head }

    /// What goes, in which the policy's time zone counts for people; in a pipe UTC and bytes.
    func table(isForPeople: Bool) -> Table {
        Self.table(plan, removed: removed, isForPeople: isForPeople)
    }

    static func table(_ plan: RetentionReport, removed: Set<RunPlace>?, isForPeople: Bool) -> Table {
        var table = Table(columns: [
            .init(title: ""), .init(title: "LOOP", isFlexible: true), .init(title: "RUN"),
            .init(title: "ENDED", isDispensable: true), .init(title: "STATUS", isDispensable: true),
            .init(title: "SIZE", isRightAligned: true, isDispensable: true), .init(title: "REASONS", isProse: true),
        ])
        table.rows = plan.rows(removed: removed).map { row in
            let run = row.run
            let ended = run.time.map { isForPeople ? plan.local($0) : $0.iso.string }
            return [
                .init(row.word), .init(PrintableText.escaping(run.loop.bytes)),
                .init(run.place.components.count == 2 ? run.place.runName.description : run.runID.description),
                .init(ended ?? "?"), .init(RunTone.word(run.status)),
                .init(isForPeople ? SizeText.rounded(run.size) : String(run.size)), .init(row.reasons),
            ]
        }
        return table
    }

    /// What to say after the table: totals, and what became of the trash; nil where nothing was to be done.
    var summary: String? {
        let emptied = outcome?.emptied ?? []
        let size = emptied.reduce(into: Int64(0)) { $0 += $1.record.size }
        let days = outcome?.emptiedInMirror ?? []
        let lines =
            (plan.isEmpty ? [] : [plan.summary(removed: removed)])
            + (emptied.isEmpty
                ? [] : ["deleted \(Amount.count(emptied.count, "run")) from the trash, \(SizeText.rounded(size))"])
            + days.map { "deleted from the mirror's trash what came there on \($0)" }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    /// What did not go as planned, one line each.
    var problems: [String] {
        prepared.unreadable.map { "\($0): it is left alone" }
            + (outcome?.prune.skipped.map(\.description) ?? [])
            + (outcome?.prune.failures.map(\.description) ?? [])
            + (outcome?.failures.map(\.description) ?? []) + awaiting
    }

    private var awaiting: [String] {
        let count = prepared.plan.awaitingMirror
        guard count > 0 else { return [] }
        let why = mirrorLacks ?? "not yet verified there"
        return [
            "\(Amount.count(count, "run")) would go but stay\(count == 1 ? "s" : "") until the mirror holds them"
                + " (\(why)). Go on with: loopsync mirror"
        ]
    }

    var exitStatus: ExitStatus {
        var all: [ExitStatus] = []
        if !prepared.plan.heldBack.isEmpty { all.append(.refused) }
        if !prepared.unreadable.isEmpty { all.append(.partly) }
        if let outcome, !outcome.prune.failures.isEmpty || !outcome.failures.isEmpty {
            all.append(outcome.prune.removed.isEmpty ? .failed : .partly)
        }
        return .worst(of: all)
    }

    var json: JSONValue {
        guard case .object(var object) = plan.json else { return .null }
        object["dry_run"] = .bool(outcome == nil)
        object["removed"] = .array((outcome?.prune.removed ?? []).map { path($0.run.place) })
        object["emptied"] = .array((outcome?.emptied ?? []).map { path($0.record.place) })
        object["emptied_in_mirror"] = .array((outcome?.emptiedInMirror ?? []).map { .string(JSONString($0)) })
        object["problems"] = .array(problems.map { .string(JSONString($0)) })
        return .object(object)
    }

    private func path(_ place: RunPlace) -> JSONValue {
        .string(JSONString(".history/\(place)"))
    }
}
