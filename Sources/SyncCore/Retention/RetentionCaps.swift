import LoopModel

extension RetentionPolicy {
    /// The caps of one loop: age, then the number of runs.
    func capLoop(_ drafts: inout RetentionDrafts, _ loop: Range<Int>, _ settings: LoopRetention, _ now: Timestamp) {
        let name = drafts.runs[loop.lowerBound].loop
        if let maxAge = settings.maxAge {
            let reasons = [RetentionReason.cap(.maxAge(maxAge))]
            for index in loop where drafts[index].isRemovable {
                guard let time = drafts.runs[index].time, time <= now - maxAge else { continue }
                drafts[index].remove(.maxAge(name), reasons)
            }
        }
        if let maxRuns = settings.maxRuns {
            let reasons = [RetentionReason.cap(.maxRuns(maxRuns))]
            var excess = loop.count { drafts.runs[$0].isRun && !drafts[$0].isGoing } - maxRuns
            for index in evictionOrder(drafts, loop) {
                guard excess > 0 else { break }
                drafts[index].remove(.maxRuns(name), reasons)
                excess -= 1
            }
        }
    }

    /// The cap over all of a watched directory's history.
    func capTotalSize(_ drafts: inout RetentionDrafts) {
        guard let maxTotalSize else { return }
        let total = drafts.bytes(going: false)
        remove(&drafts, bytes: total - maxTotalSize, .maxTotalSize, .cap(.maxTotalSize(maxTotalSize)))
    }

    /// The cap over the file system: what is in the trash, and what this plan puts there, counts as freed.
    func capFreeSpace(_ drafts: inout RetentionDrafts, _ circumstances: RetentionCircumstances) {
        guard let minFreeSpace, let free = circumstances.freeBytes else { return }
        let planned = drafts.bytes(going: true)
        let missing = minFreeSpace - free - circumstances.trashedBytes - planned
        remove(&drafts, bytes: missing, .minFreeSpace, .cap(.minFreeSpace(minFreeSpace)))
    }

    private func remove(
        _ drafts: inout RetentionDrafts,
        bytes: Int64,
        _ cause: RemovalCause,
        _ reason: RetentionReason
    ) {
        let reasons = [reason]
        var missing = bytes
        guard missing > 0 else { return }
        for index in evictionOrder(drafts, drafts.indices) {
            guard missing > 0 else { break }
            // A run that takes no space would go for nothing.
            guard drafts.runs[index].size > 0 else { continue }
            drafts[index].remove(cause, reasons)
            missing -= drafts.runs[index].size
        }
    }

    /// What a cap may take, the most dispensable first: successes before failures, and the older first.
    private func evictionOrder(_ drafts: RetentionDrafts, _ range: Range<Int>) -> [Int] {
        range.filter { drafts[$0].isRemovable }.sorted { left, right in
            let (left, right) = (drafts.runs[left], drafts.runs[right])
            if left.dispensability != right.dispensability { return left.dispensability < right.dispensability }
            return RetentionRun.isNewer(right, left)
        }
    }
}
