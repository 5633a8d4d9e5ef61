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
    ///
    /// - Parameter isTold: whether the plan tells also of each run that stays, and why; who only carries it out needs none
    ///   of that.
    package func plan(
        runs: consuming [RetentionRun],
        in circumstances: RetentionCircumstances,
        isTold: Bool = true
    ) -> RetentionPlan {
        // In place where nobody else has them: a history may have a hundred thousand.
        runs.sort { left, right in
            left.loop != right.loop ? left.loop < right.loop : RetentionRun.isNewer(left, right)
        }
        var drafts = RetentionDrafts(runs) { circumstances.covers($0.loop) }
        var loops: [Range<Int>] = []
        for index in drafts.indices {
            if let last = loops.last, drafts.runs[last.lowerBound].loop == drafts.runs[index].loop {
                loops[loops.count - 1] = last.lowerBound..<(index + 1)
            } else {
                loops.append(index..<(index + 1))
            }
        }
        let later = goneOnceMirrored(drafts, loops, circumstances)
        decide(&drafts, loops, circumstances)
        for index in later where !drafts[index].isGoing { drafts[index].awaitsMirror = true }

        let heldBack =
            circumstances.isForced || circumstances.triggers.isEmpty
            ? [] : loops.compactMap { holdBack(&drafts, $0) }
        return RetentionPlan(
            decisions: drafts.indices.lazy.filter { drafts[$0].isAskedFor && (isTold || drafts[$0].isGoing) }
                .map { drafts.decision(at: $0) },
            heldBack: heldBack,
            awaitingMirror: drafts.indices.count { drafts[$0].awaitsMirror },
            triggers: circumstances.triggers,
            now: circumstances.now,
            zoneName: circumstances.zone.name
        )
    }

    /// Which runs would go if the mirror held every run; none where that makes no difference.
    private func goneOnceMirrored(
        _ drafts: RetentionDrafts,
        _ loops: [Range<Int>],
        _ circumstances: RetentionCircumstances
    ) -> [Int] {
        guard circumstances.hasMirror, requireMirrored, drafts.runs.contains(where: { !$0.isMirrored }) else {
            return []
        }
        var (mirrored, later) = (drafts, circumstances)
        later.hasMirror = false
        decide(&mirrored, loops, later)
        return mirrored.indices.filter { mirrored[$0].isGoing }
    }

    /// Says of every run whether it goes, valves aside.
    private func decide(
        _ drafts: inout RetentionDrafts,
        _ loops: [Range<Int>],
        _ circumstances: RetentionCircumstances
    ) {
        for loop in loops {
            let settings = retention(of: drafts.runs[loop.lowerBound].loop)
            protect(&drafts, loop, circumstances)
            keep(&drafts, loop, settings, circumstances)
            capLoop(&drafts, loop, settings, circumstances.now)
        }
        capTotalSize(&drafts)
        capFreeSpace(&drafts, circumstances)
    }

    /// The valve: more than the fraction and more than 20 runs of a loop do not go without a person's word.
    private func holdBack(_ drafts: inout RetentionDrafts, _ loop: Range<Int>) -> RetentionPlan.HeldLoop? {
        let removing = loop.count { drafts[$0].isGoing || drafts[$0].awaitsMirror }
        let all = loop.count { drafts.runs[$0].isRun }
        guard removing > 20, Double(removing) > maxDeleteFraction * Double(all) else { return nil }
        for index in loop where drafts[index].isGoing {
            drafts[index].hold(.heldBack(removing: removing, of: all))
        }
        return RetentionPlan.HeldLoop(loop: drafts.runs[loop.lowerBound].loop, removing: removing, runs: all)
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
