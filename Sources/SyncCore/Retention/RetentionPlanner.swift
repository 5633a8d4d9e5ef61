import LoopModel

extension RetentionPolicy {
    /// Decides what happens to every run, without looking at anything but its arguments.
    ///
    /// Protections come first and nothing overrides them. Then rules keep, each for itself; a loop without a rule keeps
    /// everything. Then caps remove, in the order age, runs per loop, total size, free space, and only what rules alone
    /// keep. At last a valve holds back a loop of which much would go for a reason that a person may not have meant. It
    /// counts as if the mirror held every run: what stays only until the mirror is back must not go past the valve then.
    ///
    /// Planning the runs that a plan keeps, at the same time, removes nothing.
    package func plan(runs: [RetentionRun], in circumstances: RetentionCircumstances) -> RetentionPlan {
        var drafts = runs.sorted { left, right in
            left.loop != right.loop ? left.loop < right.loop : RetentionRun.isNewer(left, right)
        }.map { RetentionDraft($0, isAskedFor: circumstances.covers($0.loop)) }
        var loops: [Range<Int>] = []
        for index in drafts.indices {
            if let last = loops.last, drafts[last.lowerBound].run.loop == drafts[index].run.loop {
                loops[loops.count - 1] = last.lowerBound..<(index + 1)
            } else {
                loops.append(index..<(index + 1))
            }
        }
        let later = goneOnceMirrored(drafts, loops, circumstances)
        decide(&drafts, loops, circumstances)
        for index in later where drafts[index].removal == nil { drafts[index].awaitsMirror = true }

        let heldBack =
            circumstances.isForced || circumstances.triggers.isEmpty
            ? [] : loops.compactMap { holdBack(&drafts, $0) }
        return RetentionPlan(
            decisions: drafts.filter(\.isAskedFor).map(\.decision),
            heldBack: heldBack,
            awaitingMirror: drafts.count(where: \.awaitsMirror),
            triggers: circumstances.triggers,
            now: circumstances.now,
            zoneName: circumstances.zone.name
        )
    }

    /// Which runs would go if the mirror held every run; none where that makes no difference.
    private func goneOnceMirrored(
        _ drafts: [RetentionDraft],
        _ loops: [Range<Int>],
        _ circumstances: RetentionCircumstances
    ) -> [Int] {
        guard circumstances.hasMirror, requireMirrored, drafts.contains(where: { !$0.run.isMirrored }) else {
            return []
        }
        var (mirrored, later) = (drafts, circumstances)
        later.hasMirror = false
        decide(&mirrored, loops, later)
        return mirrored.indices.filter { mirrored[$0].removal != nil }
    }

    /// Says of every run whether it goes, valves aside.
    private func decide(
        _ drafts: inout [RetentionDraft],
        _ loops: [Range<Int>],
        _ circumstances: RetentionCircumstances
    ) {
        for loop in loops {
            let settings = retention(of: drafts[loop.lowerBound].run.loop)
            protect(&drafts, loop, circumstances)
            keep(&drafts, loop, settings, circumstances)
            capLoop(&drafts, loop, settings, circumstances.now)
        }
        capTotalSize(&drafts)
        capFreeSpace(&drafts, circumstances)
    }

    /// The valve: more than the fraction and more than 20 runs of a loop do not go without a person's word.
    private func holdBack(_ drafts: inout [RetentionDraft], _ loop: Range<Int>) -> RetentionPlan.HeldLoop? {
        let removing = drafts[loop].count { $0.removal != nil || $0.awaitsMirror }
        let all = drafts[loop].count { $0.run.isRun }
        guard removing > 20, Double(removing) > maxDeleteFraction * Double(all) else { return nil }
        for index in loop where drafts[index].removal != nil {
            drafts[index].held = .heldBack(removing: removing, of: all)
        }
        return RetentionPlan.HeldLoop(loop: drafts[loop.lowerBound].run.loop, removing: removing, runs: all)
    }
}

/// A run on its way to a decision.
struct RetentionDraft {
    let run: RetentionRun
    /// Runs of loops that nobody asked about count for sizes and stay.
    let isAskedFor: Bool
    var protections: [RetentionReason] = []
    var keeping: [RetentionReason] = []
    var removal: (cause: RemovalCause, reason: RetentionReason)?
    var held: RetentionReason?
    /// Whether it would go if the mirror held every run.
    var awaitsMirror = false

    init(_ run: RetentionRun, isAskedFor: Bool) {
        self.run = run
        self.isAskedFor = isAskedFor
    }

    /// Whether a cap may take it: kept by rules alone, and still there.
    var isRemovable: Bool {
        isAskedFor && protections.isEmpty && removal == nil
    }

    var decision: RetentionPlan.Decision {
        let verdict: RetentionPlan.Verdict =
            switch (removal, held) {
            case (.none, _): .keep
            case (.some(let removal), .none): .remove(removal.cause)
            case (.some(let removal), .some): .hold(removal.cause)
            }
        let ending = [removal?.reason, held].compactMap { $0 }
        return RetentionPlan.Decision(run: run, verdict: verdict, reasons: protections + keeping + ending)
    }
}

extension RetentionCircumstances {
    func covers(_ loop: JSONString) -> Bool {
        loops.isEmpty || loops.contains { $0.matches(loop) }
    }

    /// Clocks of machines that share a directory differ a little; what is later than that is dated wrongly.
    var future: Timestamp {
        now + .seconds(300)
    }
}
