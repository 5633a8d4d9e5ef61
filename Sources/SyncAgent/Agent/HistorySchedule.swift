import Logging
import SyncCore

/// When the history of one loops directory is mirrored and pruned; confined to the conducting thread.
final class HistorySchedule {
    /// Does a piece of work on the thread that waits for disks and hands the report back.
    typealias Submit = (HistorySchedule.Piece, HistoryWork) -> Void

    /// What can be asked for.
    enum Piece: Sendable, Hashable {
        case adopt
        case mirror
        case prune(isRefreshing: Bool)
        case catalogue
    }

    private let work: HistoryWork
    private let submit: Submit
    private let log: Logger
    /// Whether the live mirror tells that the mirror is suspended, so that it is not told twice.
    private let isLive: Bool
    private var adoptAt: Int64?
    private var catalogueAt: Int64?
    private var mirrorAt: Int64?
    private var isMirroring = false
    private var isMirrorWanted = false
    private var pruneAt: Int64
    private var isPruning = false
    private var isPruneWanted = false
    /// When the next pass of pruning may begin, after one that took its time; nil for at once.
    private var pruneRest: Int64?
    /// When pruning is due because of what was archived since.
    private var pruneDue: Int64?

    /// How the mirror stands, by the last report.
    private(set) var mirror: AgentStatus.MirrorStatus?
    /// What is wrong, by place.
    private(set) var problems: [String: String] = [:]
    private(set) var pruned = 0
    /// When pruning is due by itself.
    var nextPrune: Int64 { pruneAt }

    static let hour: Int64 = 3_600_000

    /// Begins at once with everything, since nobody knows what happened before.
    init(work: HistoryWork, log: Logger, isLive: Bool, submit: @escaping Submit, at now: Moment) {
        self.work = work
        self.log = log
        self.isLive = isLive
        self.submit = submit
        pruneAt = now.steady + Self.hour
        submit(.adopt, work)
        mirrorSoon()
        pruneSoon(isRefreshing: true)
        // Last, since nothing waits for it.
        submit(.catalogue, work)
    }

    /// A run was archived or changed.
    func archived() {
        mirrorSoon()
        pruneAfterRest()
    }

    /// A pass costs as much as the history is long, and a run may end every second.
    private func pruneAfterRest() {
        if let pruneRest, !isPruning {
            pruneDue = pruneRest
        } else {
            pruneSoon(isRefreshing: false)
        }
    }

    /// Something may have happened that nobody saw: version B archives and sweeps a short run by itself.
    func missed(at now: Moment) {
        adoptAt = now.steady
    }

    /// The mirror has something to do.
    func mirrorSoon() {
        isMirrorWanted = isMirroring
        guard !isMirroring else { return }
        isMirroring = true
        mirrorAt = nil
        submit(.mirror, work)
    }

    private func pruneSoon(isRefreshing: Bool) {
        isPruneWanted = isPruning
        guard !isPruning else { return }
        isPruning = true
        pruneDue = nil
        submit(.prune(isRefreshing: isRefreshing), work)
    }

    /// When something is due, in milliseconds of the steady clock.
    var nextDeadline: Int64 {
        min(mirrorAt ?? pruneAt, adoptAt ?? pruneAt, catalogueAt ?? pruneAt, pruneDue ?? pruneAt, pruneAt)
    }

    /// Whether everything is to be looked at again.
    func isHour(_ now: Moment) -> Bool { pruneAt <= now.steady }

    /// Has done what is due.
    func attend(at now: Moment) {
        if let mirrorAt, mirrorAt <= now.steady { mirrorSoon() }
        if let due = adoptAt, due <= now.steady {
            adoptAt = nil
            submit(.adopt, work)
        }
        if pruneAt <= now.steady {
            pruneAt = now.steady + Self.hour
            // First, so that a run that the mirror lost meanwhile is there again when pruning asks.
            work.compareMirror()
            mirrorSoon()
            pruneSoon(isRefreshing: true)
            submit(.adopt, work)
            submit(.catalogue, work)
        }
        if let due = pruneDue, due <= now.steady { pruneSoon(isRefreshing: false) }
        if let due = catalogueAt, due <= now.steady {
            catalogueAt = nil
            submit(.catalogue, work)
        }
    }

    /// Hears what became of a piece of work.
    ///
    /// - Parameter done: whose piece it was. What the work of earlier settings did is told, but it says nothing of the
    ///   pieces that were asked for since.
    func hear(_ piece: Piece, _ report: HistoryWork.Report, of done: HistoryWork, next: Int64?) {
        for line in report.lines {
            if line.isProblem { log.warning("\(line.text)") } else { log.info("\(line.text)") }
        }
        pruned += report.pruned
        guard done === work else { return }
        let scope: (String) -> Bool
        switch piece {
        case .adopt:
            scope = { $0 == "adopt" }
            // Asked for again while it was under way.
            adoptAt = [adoptAt, next].compactMap { $0 }.min()
            if !report.lines.isEmpty { mirrorSoon() }
        case .mirror:
            isMirroring = false
            mirrorAt = next
            mirror = report.mirror
            scope = { !$0.hasPrefix("prune") && $0 != "adopt" }
            if isMirrorWanted { mirrorSoon() }
        case .prune:
            isPruning = false
            pruneRest = next
            // Where deletions follow, the mirror has something to do.
            if report.pruned > 0 { mirrorSoon() }
            scope = { $0.hasPrefix("prune") }
            if isPruneWanted { pruneAfterRest() }
        case .catalogue:
            catalogueAt = next
            scope = { _ in false }
        }
        for (place, text) in report.problems where problems[place] != text {
            if place != HistoryWork.suspended || !isLive { log.warning("\(place): \(text)") }
        }
        problems = problems.filter { !scope($0.key) }.merging(report.problems) { _, new in new }
    }
}
