import LoopModel

extension RetentionPolicy {
    /// The caps of one loop: age, then the number of runs.
    func capLoop(_ drafts: inout [RetentionDraft], _ loop: Range<Int>, _ settings: LoopRetention, _ now: Timestamp) {
        let name = drafts[loop.lowerBound].run.loop
        if let maxAge = settings.maxAge {
            for index in loop where drafts[index].isRemovable {
                guard let time = drafts[index].run.time, time <= now - maxAge else { continue }
                drafts[index].removal = (.maxAge(name), .cap(.maxAge(maxAge)))
            }
        }
        if let maxRuns = settings.maxRuns {
            var excess = drafts[loop].count { $0.run.isRun && $0.removal == nil } - maxRuns
            for index in evictionOrder(drafts, loop) {
                guard excess > 0 else { break }
                drafts[index].removal = (.maxRuns(name), .cap(.maxRuns(maxRuns)))
                excess -= 1
            }
        }
    }

    /// The cap over all of a watched directory's history.
    func capTotalSize(_ drafts: inout [RetentionDraft]) {
        guard let maxTotalSize else { return }
        let total = drafts.reduce(into: Int64(0)) { $0 += $1.removal == nil ? $1.run.size : 0 }
        remove(&drafts, bytes: total - maxTotalSize, (.maxTotalSize, .cap(.maxTotalSize(maxTotalSize))))
    }

    /// The cap over the file system: what is in the trash, and what this plan puts there, counts as freed.
    func capFreeSpace(_ drafts: inout [RetentionDraft], _ circumstances: RetentionCircumstances) {
        guard let minFreeSpace, let free = circumstances.freeBytes else { return }
        let planned = drafts.reduce(into: Int64(0)) { $0 += $1.removal == nil ? 0 : $1.run.size }
        let missing = minFreeSpace - free - circumstances.trashedBytes - planned
        remove(&drafts, bytes: missing, (.minFreeSpace, .cap(.minFreeSpace(minFreeSpace))))
    }

    private func remove(
        _ drafts: inout [RetentionDraft],
        bytes: Int64,
        _ removal: (cause: RemovalCause, reason: RetentionReason)
    ) {
        var missing = bytes
        guard missing > 0 else { return }
        for index in evictionOrder(drafts, drafts.indices) {
            guard missing > 0 else { break }
            // A run that takes no space would go for nothing.
            guard drafts[index].run.size > 0 else { continue }
            drafts[index].removal = removal
            missing -= drafts[index].run.size
        }
    }

    /// What a cap may take, the most dispensable first: successes before failures, and the older first.
    private func evictionOrder(_ drafts: [RetentionDraft], _ range: Range<Int>) -> [Int] {
        range.filter { drafts[$0].isRemovable }.sorted { left, right in
            let (left, right) = (drafts[left].run, drafts[right].run)
            if left.dispensability != right.dispensability { return left.dispensability < right.dispensability }
            return RetentionRun.isNewer(right, left)
        }
    }
}
