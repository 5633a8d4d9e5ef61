package import LoopModel
package import LoopStore
package import SyncCore

/// Brings a mirror up to date once, beside a running agent or without one.
package final class MirrorPass {
    /// One thing that was done, or would be.
    package struct Row: Hashable, Sendable {
        package enum Result: Hashable, Sendable {
            /// A dry run found it due.
            case due(MirrorStep)
            case done(MirrorChange)
            case failed(String)

            /// Whether it could not be done.
            package var isFailure: Bool {
                if case .failed = self { true } else { false }
            }
        }

        /// nil where it is about the mirror as a whole.
        package var place: RunPlace?
        package var result: Result
    }

    let loops: LoopsDirectory
    let mirror: Mirror
    private let clock: @Sendable () -> Moment
    private let spreading: Spreading

    /// How many runs are published with one sync of the file system; a kill costs so much work at most.
    private static let batchSize = 256

    /// How long to wait for somebody else's work on the mirror or a disk that fails, in milliseconds.
    private static let patience: Int64 = 10_000

    /// The mirror that the settings ask for; nil where they ask for none.
    ///
    /// - Parameters:
    ///   - path: the loops directory's absolute path without links.
    ///   - spreading: copies many runs, by numbers.
    package init?(
        loops: LoopsDirectory,
        path: String,
        settings: MirrorSettings,
        process: Int32,
        baseline: Mirror.BaselineFinder? = nil,
        clock: @escaping @Sendable () -> Moment = SystemClock.now,
        spreading: @escaping Spreading = Parallel.forEach
    ) {
        let mirror = Mirror(
            loops: loops,
            settings: settings,
            owner: .current(loopsPath: path),
            environment: .system(process: process),
            baseline: baseline
        )
        guard let mirror else { return nil }
        self.loops = loops
        self.mirror = mirror
        self.clock = clock
        self.spreading = spreading
    }

    /// Whether runs were mirrored to this sync directory before; if not, opening the mirror makes it.
    package var wasUsed: Bool {
        switch mirror.look() {
        case .made: return true
        case .unmade: return false
        case .suspended(let suspension): return suspension.remembered != nil
        }
    }

    /// Looks for the mirror without making or changing anything.
    package func look() -> MirrorSight {
        mirror.look()
    }

    /// Opens the mirror, making it at its first use.
    ///
    /// - Parameter isAdopting: a person said that what is there now is the mirror.
    /// - Returns: why it cannot be used; nil where it can.
    package func open(isAdopting: Bool = false) -> MirrorSuspension? {
        mirror.open(now: clock().wall, isAdopting: isAdopting) == nil ? mirror.suspension : nil
    }

    /// The mirror's archived runs, where there is a mirror and it is at hand.
    package func history() throws(PosixError) -> (any Directory)? {
        guard wasUsed else { return nil }
        return try mirror.open(now: clock().wall)?.root.subdirectory(.history)
    }

    /// Checks the copies in the mirror; nil where there is no mirror or it is out of reach.
    package func verifier() -> MirrorVerifier? {
        guard wasUsed, let root = mirror.open(now: clock().wall)?.root else { return nil }
        return MirrorVerifier(loops: loops, root: root, scratch: mirror.archive.scratch)
    }

    /// Brings a run back from the mirror; the caller holds the `HistoryLock`.
    package func restore(_ place: RunPlace, process: Int32) -> MirrorRestoreOutcome {
        guard let root = mirror.open(now: clock().wall)?.root else { return .absent }
        return MirrorRestore(into: loops, process: process).restore(place, from: root, now: clock().wall)
    }

    /// What would be done now; nothing is changed.
    package func plan() throws(PosixError) -> MirrorPlan? {
        try mirror.plan(now: clock().wall)
    }

    /// The plan as rows; before the first use, when there is no mirror to compare with, every run that has its sums.
    package func preview() throws(PosixError) -> [Row] {
        if wasUsed {
            guard let plan = try plan() else { return [] }
            return plan.steps.map { Row(place: $0.place, result: .due($0)) } + Self.failed(plan.unreadable)
        }
        guard let history = try loops.history() else { return [] }
        var rows: [Row] = []
        for place in try HistoryScan.places(in: history) {
            guard let run = try HistoryScan.read(place, in: history), run.sums != nil, mirror.covers(run.loop) else {
                continue
            }
            rows.append(Row(place: place, result: .due(.publish(place))))
        }
        return rows
    }

    /// Mirrors every archived run that is not there yet.
    ///
    /// Work that has to wait is waited for, some seconds; a mirror that goes away in between ends it. Whatever is not in
    /// the mirror in the end has a row that says why.
    ///
    /// - Parameter progress: hears how many runs are done, how many there are in all as far as known, and how many bytes were
    ///   copied.
    package func run(progress: (Int, Int, Int64) -> Void = { _, _, _ in }) -> [Row] {
        var rows: [Row] = []
        var bytes: Int64 = 0
        var obstacle = "the comparison with the mirror did not end"
        var deadline = clock().steady + Self.patience
        // A person waits, and nobody else.
        mirror.archive.batchSize = Self.batchSize
        mirror.archive.spreading = spreading
        mirror.rescan()
        defer { mirror.saveBaseline() }
        while mirror.suspension == nil {
            let now = clock()
            switch mirror.work(now: now.wall) {
            case .done(let changes):
                rows += changes.map { Row(place: $0.place, result: .done($0)) }
                bytes += changes.reduce(0) { $0 + $1.bytes }
                progress(rows.count, rows.count + mirror.pending, bytes)
                deadline = clock().steady + Self.patience
            case .failed(let place, let reason):
                rows.append(Row(place: place, result: .failed(reason)))
            case .retryLater(let reason, at: _):
                obstacle = reason
                fallthrough
            case nil:
                if mirror.suspension != nil { return rows }
                guard !mirror.isSettled, now.steady < deadline else { return rows + missing(besides: rows, obstacle) }
                pause(milliseconds: 50)
            }
        }
        return rows
    }

    /// Rows for everything that is not mirrored and has none yet.
    private func missing(besides rows: [Row], _ obstacle: String) -> [Row] {
        let told = Set(rows.filter(\.result.isFailure).compactMap(\.place))
        let waiting = mirror.waiting
        var missing = Self.failed(mirror.failures.merging(waiting) { $1 }.filter { !told.contains($0.key) })
        let others = mirror.pending - waiting.count
        if !mirror.isSettled, others > 0 || waiting.isEmpty {
            let count = others > 0 ? "; \(others) runs are to come" : ""
            missing.append(Row(place: nil, result: .failed(obstacle + count)))
        }
        return missing
    }

    private static func failed(_ reasons: [RunPlace: String]) -> [Row] {
        reasons.sorted { $0.key < $1.key }.map { Row(place: $0.key, result: .failed($0.value)) }
    }

    /// What was found on the way, for people.
    package func takeNotices() -> [MirrorNotice] {
        mirror.takeNotices()
    }

    /// Deletes from the mirror's trash for good what was removed before a day; nothing while there is no mirror.
    package func emptyTrash(removedBefore time: Timestamp) -> MirrorTrash.Emptied {
        wasUsed ? mirror.emptyTrash(removedBefore: time, now: clock().wall) : MirrorTrash.Emptied()
    }

    /// Why there is no mirror to hold any run; nil where there is one.
    package var absence: String? {
        switch mirror.look() {
        case .made: open()?.summary
        case .unmade: "nothing was mirrored to \(mirror.settings.to ?? "it") yet"
        case .suspended(let suspension): suspension.summary
        }
    }

    /// Answers which runs have a whole copy in the mirror; nothing is changed in it.
    ///
    /// While the mirror is away it holds none. Each question is answered by a look at the disk.
    ///
    /// - Parameter count: how many runs it will be asked for. For many, what a comparison found before counts for copies
    ///   whose directory has not changed since: that tells people, and decides nothing.
    package func sight(of count: Int = 1) -> (ArchivedRun) -> Bool {
        guard wasUsed else { return { _ in false } }
        var standing: [RunPlace: [UInt8]]?
        return { [self] run in
            if count > Self.few, standing == nil { standing = known() }
            if let sums = run.sums, standing?[run.place] == sums { return true }
            return mirror.holds(run.place, sums: run.sums, now: clock().wall)
        }
    }

    /// So many runs are looked for one by one before a look at all known ones is quicker.
    private static let few = 200

    private func known() -> [RunPlace: [UInt8]] {
        guard let root = mirror.open(now: clock().wall)?.root, let copies = try? root.subdirectory(.history) else {
            return [:]
        }
        return mirror.archive.baseline?.standing(in: copies) ?? [:]
    }

    /// Answers for retention which runs need not be kept for the mirror's sake: what it holds, or will never have.
    ///
    /// - Parameter count: how many runs it will be asked for, as in `sight`.
    package func holder(of count: Int = 1) -> (ArchivedRun) -> Bool {
        let holds = sight(of: count)
        return { [mirror] run in !mirror.covers(run.loop) || holds(run) }
    }

    /// The mirror's own directory, namespace included, once it was opened.
    package var path: String? { mirror.path }
}

extension MirrorChange {
    /// How much was copied.
    fileprivate var bytes: Int64 {
        switch self {
        case .published(_, bytes: let bytes), .replaced(_, bytes: let bytes): bytes
        case .setAside, .removed, .renamed: 0
        }
    }

    /// The run that was changed in the mirror.
    package var place: RunPlace {
        switch self {
        case .published(let place, bytes: _), .replaced(let place, bytes: _), .setAside(let place),
            .removed(let place), .renamed(from: _, to: let place):
            place
        }
    }
}
