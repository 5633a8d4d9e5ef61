package import LoopModel

/// A plan as people and programs read it, before it happens and after.
package struct RetentionReport: Sendable {
    private let plan: RetentionPlan
    private let policy: RetentionPolicy
    private let zone: ZoneOffset

    /// Takes a plan with the policy and the zone that it was made with.
    package init(_ plan: RetentionPlan, policy: RetentionPolicy, zone: ZoneOffset) {
        self.plan = plan
        self.policy = policy
        self.zone = zone
    }

    /// A run that goes or is held back, and what became of it in one word.
    package struct Row: Sendable {
        package let word: String
        package let run: RetentionRun
        /// Every reason that applied.
        package let reasons: String
    }

    /// Whether nothing goes and nothing is held back, so that there is nothing to print.
    package var isEmpty: Bool { plan.heldBack.isEmpty && !plan.decisions.contains { $0.verdict != .keep } }

    /// What to know before the rows: the policy, and which times count.
    package var head: String { "retention: \(policy)\nnow \(local(plan.now)), times in \(zone.name)" }

    /// What goes and what is held back.
    ///
    /// - Parameter removed: which runs went; nil for a dry run.
    package func rows(removed: Set<RunPlace>?) -> [Row] {
        plan.decisions.filter { $0.verdict != .keep }.map { decision in
            Row(
                word: word(for: decision, removed),
                run: decision.run,
                reasons: decision.reasons.map(\.description).joined(separator: ", ")
            )
        }
    }

    /// A total, and what to do about held loops; several lines.
    ///
    /// - Parameter removed: which runs went; nil for a dry run, whose total says "would".
    package func summary(removed: Set<RunPlace>?) -> String {
        String((total(removed) + held).dropLast())
    }

    /// A run that the plan removes and that is still there stays, for a reason that is told elsewhere.
    private func word(for decision: RetentionPlan.Decision, _ removed: Set<RunPlace>?) -> String {
        guard decision.verdict.removes != nil, let removed, !removed.contains(decision.run.place) else {
            return decision.verdict.word
        }
        return "stays"
    }

    private func total(_ removed: Set<RunPlace>?) -> String {
        let planned = plan.removals
        let going = planned.filter { removed?.contains($0.run.place) ?? true }
        let bytes = going.reduce(into: Int64(0)) { $0 += $1.run.size }
        let end =
            policy.trashFor.map { " after \(DurationText.format($0)) in the trash" } ?? ", once the trash is emptied"
        let verb = removed == nil ? "would remove" : "removed"
        return "\(verb) \(going.count) of \(plan.decisions.count) runs, \(SizeText.rounded(bytes))"
            + (going.isEmpty ? "" : end)
            + (going.count == planned.count ? "\n" : "; \(planned.count - going.count) could not be removed\n")
            + totals(of: going)
    }

    /// What goes of each loop, where it is more than one.
    private func totals(of going: [RetentionPlan.Decision]) -> String {
        var loops: [JSONString: (going: Int, size: Int64, runs: Int)] = [:]
        for decision in going {
            loops[decision.run.loop, default: (0, 0, 0)].going += 1
            loops[decision.run.loop, default: (0, 0, 0)].size += decision.run.size
        }
        guard loops.count > 1 else { return "" }
        for decision in plan.decisions { loops[decision.run.loop]?.runs += 1 }
        let names = loops.keys.sorted()
        let width = names.reduce(0) { max($0, $1.description.count) }
        return names.map { name in
            let total = loops[name] ?? (0, 0, 0)
            let space = String(repeating: " ", count: width - name.description.count)
            return "  \(name)\(space)  \(total.going) of \(total.runs) runs, \(SizeText.rounded(total.size))\n"
        }.joined()
    }

    private var held: String {
        guard !plan.heldBack.isEmpty else { return "" }
        let why = plan.triggers.map(\.description).joined(separator: ", ")
        let fraction = Int((policy.maxDeleteFraction * 100).rounded())
        let loops = plan.heldBack.map {
            "held back: \($0.loop): \($0.removing) of \($0.runs) runs would go at once"
                + " (over \(fraction)% and over 20; \(why))\n"
        }
        return loops.joined() + "nothing of these loops was removed; if this is meant: loopsync prune --force\n"
    }

    /// A moment as a clock in the policy's time zone shows it.
    package func local(_ time: Timestamp) -> String {
        let civil = (time + .seconds(zone.offset(time.seconds))).civil
        let date = [civil.month, civil.day].map { padded(Int64($0), 2) }
        let clock = [civil.hour, civil.minute, civil.second].map { padded(Int64($0), 2) }
        return "\(padded(Int64(civil.year), 4))-\(date.joined(separator: "-")) \(clock.joined(separator: ":"))"
    }
}

extension RetentionReport {
    /// The whole plan for programs; times are ISO 8601 in UTC, sizes bytes.
    package var json: JSONValue {
        let going = plan.removals
        return [
            "message_type": "retention_plan",
            "policy": .string(JSONString(policy.description)),
            "time_zone": .string(JSONString(zone.name)),
            "now": .string(plan.now.iso),
            "triggers": .array(plan.triggers.map { .string(JSONString($0.code)) }),
            "held_back": .array(
                plan.heldBack.map {
                    [
                        "loop": .string($0.loop),
                        "awaiting_mirror": .number(JSONNumber(plan.awaitingMirror)),
                        "removing": .number(JSONNumber($0.removing)),
                        "runs": .number(JSONNumber($0.runs)),
                    ]
                }
            ),
            "awaiting_mirror": .number(JSONNumber(plan.awaitingMirror)),
            "removing": .number(JSONNumber(going.count)),
            "removing_bytes": .number(JSONNumber(going.reduce(into: Int64(0)) { $0 += $1.run.size })),
            "runs": .array(plan.decisions.map(row)),
        ]
    }

    private func row(_ decision: RetentionPlan.Decision) -> JSONValue {
        let run = decision.run
        return [
            "verdict": .string(JSONString(decision.verdict.word)),
            "loop": .string(run.loop),
            "run_id": .string(run.runID.text),
            "place": .string(JSONString(run.place.description)),
            "ended_at": run.time.map { .string($0.iso) } ?? .null,
            "status": run.status.map { .string($0.rawValue) } ?? .null,
            "size": .number(JSONNumber(run.size)),
            "reasons": .array(
                decision.reasons.map {
                    ["code": .string(JSONString($0.code)), "text": .string(JSONString($0.description))]
                }
            ),
        ]
    }
}

extension RetentionPlan.Verdict {
    /// The verdict in one word.
    package var word: String {
        switch self {
        case .keep: "keep"
        case .remove: "remove"
        case .hold: "hold"
        }
    }
}
