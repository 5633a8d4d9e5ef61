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

    /// The plan, and what became of the trash; empty where nothing was to be done.
    var text: String {
        let emptied = outcome?.emptied ?? []
        let size = emptied.reduce(into: Int64(0)) { $0 += $1.record.size }
        let days = outcome?.emptiedInMirror ?? []
        return plan.text(removed: outcome.map { Set($0.prune.removed.map(\.run.place)) })
            + (emptied.isEmpty
                ? "" : "deleted \(Amount.count(emptied.count, "run")) from the trash, \(SizeText.rounded(size))\n")
            + days.map { "deleted from the mirror's trash what came there on \($0)\n" }.joined()
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
