import LoopModel

extension RetentionPolicy {
    /// Notes, for each run of a loop (newest first), what keeps it from every rule and cap.
    func protect(_ drafts: inout RetentionDrafts, _ loop: Range<Int>, _ circumstances: RetentionCircumstances) {
        var before: [RetentionReason] = []
        var rank = 0
        var hasCompleted = false
        for index in loop {
            let run = drafts.runs[index]
            var found: [RetentionReason] = []
            guard run.isRun else {
                drafts[index].protections = [.notARun]
                continue
            }
            if run.isInRunning { found.append(.inRunning) }
            if run.isCanonicalForRunning { found.append(.nameOfRunInRunning) }
            if run.isPinned { found.append(.pinned) }
            if let time = run.time, time <= circumstances.future {
                rank += 1
                if rank == 1 { found.append(.newest) }
                if run.status == .completed, !hasCompleted {
                    hasCompleted = true
                    found.append(.newestCompleted)
                }
                if keepMin.allows(oneMoreThan: rank - 1) { found.append(.amongNewest(rank: rank, of: keepMin)) }
                if minAge > .zero, time > circumstances.now - minAge { found.append(.youngerThanMinAge(minAge)) }
            } else {
                found.append(run.time == nil ? .timeUnknown : .inFuture)
            }
            if circumstances.hasMirror, requireMirrored, !run.isMirrored { found.append(.notMirrored) }
            if found != before { before = found }
            drafts[index].protections = before
        }
    }
}
