package import LoopModel
package import LoopStore
package import SyncCore

/// Brings the history into the mirror, run by run.
///
/// Not thread-safe; all calls come from one thread. What is known of the mirror is a cache that `rescan` builds anew.
package final class ArchiveMirror {
    let loops: LoopsDirectory
    let scratch: MirrorScratch
    /// Which loops are mirrored.
    package var filter: LoopFilter
    /// What becomes of pruned runs.
    package var deletions: MirrorDeletions
    /// What this agent pruned, by its own record.
    package var pruned: () throws -> [PrunedRun] = { [] }

    /// What was compared before this process began; nil where nobody remembers it.
    var baseline: (any MirrorBaseline)?

    /// The digest of the sums with which each run stands in the mirror, whole.
    var index = DigestIndex()
    var scan: MirrorScan?
    /// Mostly done from the front, which costs a slice nothing.
    var steps: ArraySlice<MirrorStep> = []
    var urgent: [RunPlace] = []
    var postponed: [RunPlace: Postponed] = [:]
    private var backoff = MirrorBackoff()
    /// How many runs were staged in this mirror's directory, for names that are used once.
    var counter = 0
    /// How many runs at most are published with one sync of the file system; 1: each alone.
    package var batchSize = 1
    /// How to go through the runs of a batch.
    package var spreading: Spreading = Spread.inOrder
    /// Runs that were tried together once, and come alone from then on.
    var lone: Set<RunPlace> = []
    static let attempt = "run-"
    /// A comparison of more runs leaves memory that is worth giving back.
    private static let long = 10_000
    private var wantsScan = true
    private(set) var hasScanned = false
    /// Runs that could not be mirrored, and why.
    package private(set) var failures: [RunPlace: String] = [:]
    /// Those from before the comparison that is under way: they are forgotten with it, unless they fail again.
    private var earlierFailures: Set<RunPlace> = []
    var notices: [MirrorNotice] = []
    private var told: Set<MirrorNotice> = []

    /// A run that waits for its time.
    struct Postponed {
        var attempts: Int
        var at: Timestamp
        var why: String
    }

    /// Mirrors the history of one loops directory.
    package init(loops: LoopsDirectory, scratch: MirrorScratch, filter: LoopFilter, deletions: MirrorDeletions) {
        self.loops = loops
        self.scratch = scratch
        self.filter = filter
        self.deletions = deletions
    }

    /// Compares everything again: after a start, after the mirror was away, and now and then.
    package func rescan() {
        wantsScan = true
    }

    /// Forgets what was known of the mirror, since it may be another directory now, and compares everything again.
    package func detach() {
        index = DigestIndex()
        scan = nil
        steps = []
        hasScanned = false
        counter = 0
        backoff.succeeded()
        rescan()
    }

    /// Takes over what archiving a run did.
    ///
    /// - Parameter renamed: archives that stand elsewhere since, this one's and others', in the order of their renames.
    package func archived(_ place: RunPlace, renamed: [(from: RunPlace, to: RunPlace)] = []) {
        // Renames come first: the new place of one run may be the old one of another.
        let after = steps.firstIndex { if case .rename = $0 { false } else { true } } ?? steps.endIndex
        steps.insert(contentsOf: renamed.map { .rename(from: $0.from, to: $0.to) }, at: after)
        for move in renamed { bring(move.to) }
        bring(place)
    }

    /// Hears that a run stands in the history, as it may for long.
    ///
    /// - Returns: whether it is to be mirrored now: the mirror is not known to have it so, and neither a comparison nor
    ///   another attempt is to come that would see to it.
    package func stands(_ place: RunPlace) -> Bool {
        guard !wantsScan, postponed[place] == nil, let source = try? RunSealing.seal(of: place, in: loops.history()),
            let sums = source.sealed?.seal.sums, index[place] != sums, (try? isIncluded(place)) == true
        else { return false }
        bring(place)
        return true
    }

    private func bring(_ place: RunPlace) {
        postponed[place] = nil
        if !urgent.contains(place) { urgent.append(place) }
    }

    /// What to do next; nil when nothing is to be done now.
    package func nextWork(now: Timestamp) -> MirrorWork? {
        guard backoff.wait(now: now) == nil else { return nil }
        if let step = steps.first, case .rename = step { return .step(step) }
        if let place = urgent.first { return .bring(place) }
        let batch = nextBatch
        if !batch.isEmpty { return .publishTogether(batch) }
        if let step = steps.first { return .step(step) }
        if scan != nil { return .compare }
        if wantsScan { return .list }
        return postponed.filter { $0.value.at <= now }.keys.min().map(MirrorWork.bring)
    }

    /// When `nextWork` has something to do that it has not now; nil for never.
    package func nextDeadline(now: Timestamp) -> Timestamp? {
        backoff.wait(now: now) ?? postponed.values.map(\.at).min()
    }

    /// Carries one unit of work out, in the mirror that was just looked at.
    package func perform(_ work: MirrorWork, in root: any Directory, now: Timestamp) -> MirrorWorkOutcome {
        do {
            let outcome = try carryOut(work, root, now)
            // A comparison that was begun proves nothing yet: `take` sees its end.
            if case .done = outcome, work.changes { backoff.succeeded() }
            return outcome
        } catch {
            return failed(work, error, now)
        }
    }

    private func failed(_ work: MirrorWork, _ error: PosixError, _ now: Timestamp) -> MirrorWorkOutcome {
        guard let place = work.place else {
            scan = nil
            rescan()
            return .retryLater("\(error)", at: backoff.failed(now: now))
        }
        guard error.isTransient else {
            finish(work)
            fail(place, "\(error)")
            return .failed(place, "\(error)")
        }
        let at = backoff.failed(now: now)
        if work.brings {
            // Behind the others, so that one run with a bad sector does not hold them up.
            finish(work)
            postponed[place] = Postponed(attempts: 0, at: at, why: "\(error)")
        }
        return .retryLater("\(error)", at: at)
    }

    private func carryOut(_ work: MirrorWork, _ root: any Directory, _ now: Timestamp) throws(PosixError)
        -> MirrorWorkOutcome
    {
        switch work {
        case .list:
            scan = try MirrorScan(self, root)
            wantsScan = false
            earlierFailures = Set(failures.keys)
            return .done([])
        case .compare:
            // Held by this object alone, which lets go of it before the plan is carried out.
            if let plan = try scan?.advance(self, root) { take(plan) }
            return .done([])
        case .step, .bring, .publishTogether:
            // A one-shot may work beside the agent.
            guard let lock = try MirrorLock.acquire(loops, waiting: 0) else {
                return .retryLater("another loopsync is writing to the mirror", at: backoff.failed(now: now))
            }
            defer { withExtendedLifetime(lock) {} }
            return try change(work, root, now)
        }
    }

    /// What a comparison would do now; nothing is changed, and what is under way goes on as it was.
    package func plan(in root: any Directory) throws(PosixError) -> MirrorPlan {
        let scan = try MirrorScan(self, root)
        while true {
            if let plan = try scan.advance(self, root) { return plan }
        }
    }

    private func take(_ plan: MirrorPlan) {
        let isLong = scan.map { $0.count > Self.long } ?? false
        scan = nil
        // Its lists took megabytes, and a policy's plan may come next, which takes more.
        if isLong { Heap.release() }
        lone = []
        hasScanned = true
        baseline?.save()
        backoff.succeeded()
        for place in earlierFailures { failures[place] = nil }
        for (place, why) in plan.unreadable { failures[place] = why }
        steps += plan.steps
        for place in plan.vanished { tell(.vanished(place)) }
    }

    /// Notes that a run could not be mirrored.
    func fail(_ place: RunPlace, _ why: String) {
        failures[place] = why
        earlierFailures.remove(place)
    }

    /// Notes that a run stands in the mirror.
    func stands(_ place: RunPlace, sums: [UInt8]) {
        index[place] = sums
        failures[place] = nil
    }

    /// Whether a run stands in the mirror, whole, with just these sums.
    ///
    /// - Parameter sums: the digest of the bytes of its `SHA256SUMS`.
    package func isMirrored(_ place: RunPlace, sums: [UInt8]) -> Bool {
        index[place] == sums
    }

    /// Whether history and mirror hold a run with just these sums and files of the same sizes, by a look at the disk.
    func holds(_ place: RunPlace, sums: [UInt8], in root: any Directory) -> Bool {
        let digest = try? digest(ofBoth: place, in: root)
        // Known to be missing now; the next comparison brings it back.
        if digest != sums { index[place] = nil }
        return digest == sums
    }

    private func digest(ofBoth place: RunPlace, in root: any Directory) throws(PosixError) -> [UInt8]? {
        guard let history = try loops.history(), let copies = try root.subdirectory(.history),
            let here = try HistoryScan.directory(of: place, in: history),
            let there = try HistoryScan.directory(of: place, in: copies)
        else { return nil }
        return try RunSealing.pairIfEqual(place, here, there)?.sums
    }

    /// How much is still to be done, as far as known.
    package var pending: Int {
        urgent.count + steps.count + postponed.count + (scan?.remaining ?? 0)
    }

    /// Whether the history was compared and all that came of it is done.
    package var isUpToDate: Bool {
        isSettled && failures.isEmpty
    }

    /// Whether the history was compared and nothing that came of it is still to be tried.
    package var isSettled: Bool {
        hasScanned && pending == 0 && !wantsScan
    }

    /// Runs that wait for their time, and why.
    package var waiting: [RunPlace: String] { postponed.mapValues(\.why) }

    /// Tells something once.
    func tell(_ notice: MirrorNotice) {
        if told.insert(notice).inserted { notices.append(notice) }
    }

    /// What was found since the last call.
    package func takeNotices() -> [MirrorNotice] {
        defer { notices = [] }
        return notices
    }
}
