import LoopModel
import LoopStore
import SyncCore
import Synchronization

/// What is done with the history of one loops directory after its runs are archived: mirror them, prune old ones.
///
/// Used by the thread that waits for disks alone; the mutex only says so to the compiler.
final class HistoryWork: Sendable {
    private let keeper: RunKeeper
    private let clocks: @Sendable () -> ClockReading
    /// nil where there is no catalogue, as on a simulated disk.
    private let catalogue: CatalogueKeeper?
    private let state: Mutex<State>
    private let isComparisonWanted = Atomic(false)
    private let replaced = Atomic(false)

    private struct State: ~Copyable {
        var mirror: Mirror?
        var mirrorPath: String?
        var deletions: MirrorDeletions
        var inventory: RetentionInventory
        var policy: RetentionPolicy
        var zone: ZoneOffset
    }

    /// When to look again at runs that somebody wrote to a moment ago, in milliseconds.
    private static let adoptLater: Int64 = 11_000
    /// How long to wait for another process that changes the history, in seconds.
    private static let patience = 10.0

    /// Describes the work by the configuration of this moment.
    ///
    /// - Parameters:
    ///   - keeper: changes the history that this is about.
    ///   - owner: whose mirror it is.
    ///   - catalogue: what is known of the history from before; nil for none.
    ///   - clocks: all clocks now.
    init(
        keeper: RunKeeper,
        configuration: Configuration,
        zone: ZoneOffset,
        owner: MirrorOwner,
        environment: MirrorEnvironment,
        catalogue: CatalogueKeeper? = nil,
        clocks: @escaping @Sendable () -> ClockReading
    ) {
        self.keeper = keeper
        self.catalogue = catalogue
        self.clocks = clocks
        let mirror = Mirror(
            loops: keeper.loops,
            settings: configuration.mirror,
            owner: owner,
            environment: environment,
            baseline: { marker, path in catalogue?.index()?.baseline(ofMirror: marker, at: path) }
        )
        state = Mutex(
            State(
                mirror: mirror,
                mirrorPath: configuration.mirror.to,
                deletions: configuration.mirror.deletions,
                inventory: RetentionInventory(catalogue: catalogue, isRemembering: true),
                policy: configuration.retention,
                zone: zone
            )
        )
    }

    /// Ends it: other settings hold from now on.
    ///
    /// What is under way stops before its next run, and what waits does nothing.
    func end() {
        replaced.store(true, ordering: .relaxed)
    }

    private var loops: LoopsDirectory { keeper.loops }
    private var isOver: Bool { replaced.load(ordering: .relaxed) }

    /// Takes over what executors archived before loopsync came, or while no agent ran.
    ///
    /// - Returns: the report, and when to go on: at once, later, or not before the hour.
    func adopt(isWanted: () -> Bool, clock: () -> Moment) -> (Report, next: Int64?) {
        var report = Report()
        guard !isOver else { return (report, nil) }
        let adoption = keeper.adopt(now: clock().wall) { isOver || isWanted() }
        let count = adoption.runs.count
        if count > 0 {
            report.lines.append((false, "adopted \(count) run\(count == 1 ? "" : "s") that executors had archived"))
            state.withLock { $0.mirror?.rescan() }
        }
        if !adoption.failures.isEmpty {
            report.problems["adopt"] = "no SHA256SUMS yet: \(adoption.failures.joined(separator: "; "))"
        }
        let now = clock().steady
        return (report, adoption.isDone ? adoption.hasOthers ? now + Self.adoptLater : nil : now)
    }

    // MARK: The catalogue

    /// Brings the catalogue up to date, until that is done or something else is wanted.
    ///
    /// - Parameter isWanted: asked between some thousand runs, whether other work waits.
    /// - Returns: the report, and when to go on: at once, or not before the hour.
    func refreshCatalogue(isWanted: () -> Bool, clock: () -> Moment) -> (Report, next: Int64?) {
        var report = Report()
        guard !isOver, let catalogue else { return (report, nil) }
        catalogue.renew()
        // The last piece of what is done at start and hourly, which takes tens of megabytes for a second.
        defer { Heap.release() }
        // What cannot be read is told by who archives, mirrors or prunes it.
        let refreshed = try? catalogue.index()?.refresh(.every) { _, _ in !isOver && !isWanted() }
        guard let refreshed else { return (report, nil) }
        if refreshed.read > Self.worthALine {
            report.lines.append((false, "the catalogue took over \(refreshed.read) runs"))
        }
        return (report, refreshed.isCutShort ? clock().steady : nil)
    }

    /// So many runs are read at once only when the catalogue is new, or nearly.
    private static let worthALine = 1000

    // MARK: The mirror

    /// Takes over what archiving a run did, so that it is mirrored next.
    ///
    /// Where nothing changed, a one-shot may have archived it, or an attempt that failed after that: nobody told of either.
    ///
    /// - Returns: whether the mirror has something to do.
    func took(_ outcome: ArchiveOutcome) -> Bool {
        guard case .archived(let place, let change, _, let moved, _) = outcome else { return false }
        guard change != .unchanged || !moved.isEmpty else {
            return state.withLock { state in
                _ = try? state.inventory.update(place, in: loops)
                return state.mirror?.stands(place) ?? false
            }
        }
        var renames = moved
        if case .renamed(let from) = change { renames.append((from: from, to: place)) }
        catalogue?.index()?.take(place, moved: renames)
        state.withLock { state in
            state.mirror?.archived(place, renamed: renames)
            for rename in renames {
                state.inventory.forget(rename.from)
                _ = try? state.inventory.update(rename.to, in: loops)
            }
            _ = try? state.inventory.update(place, in: loops)
        }
        return true
    }

    /// Takes over which runs' archives made room for one that does not stand there yet.
    func madeRoom(_ outcome: ArchiveOutcome) {
        guard case .archived(_, _, _, let moved, _) = outcome, !moved.isEmpty else { return }
        _ = took(outcome)
    }

    /// Has the next piece of mirroring compare the whole history with the mirror again.
    ///
    /// Nobody tells when a person or a sync client changed the mirror, or when what could not be mirrored is repaired.
    func compareMirror() {
        isComparisonWanted.store(true, ordering: .relaxed)
    }

    /// Mirrors until nothing is left to do, something else is wanted, or it has to wait.
    ///
    /// - Parameter isWanted: asked between two runs, whether other work waits.
    /// - Returns: the report, and when to go on: at once, at a time, or not before something changes.
    func mirror(isWanted: () -> Bool, clock: () -> Moment) -> (Report, next: Int64?) {
        state.withLock { state in
            var report = Report()
            guard !isOver, let mirror = state.mirror else { return (report, nil) }
            var now = clock()
            mirror.tick(now: now.wall)
            if isComparisonWanted.exchange(false, ordering: .relaxed) { mirror.rescan() }
            var isInterrupted = false
            while let outcome = mirror.work(now: now.wall) {
                switch outcome {
                case .done(let changes): report.mirrored += changes.compactMap(\.broughtPlace)
                case .retryLater(let reason, _): report.problems["mirror"] = "the mirror waits: \(reason)"
                case .failed(let place, let reason):
                    report.problems[place?.description ?? "mirror"] = "not mirrored: \(reason)"
                }
                now = clock()
                if isOver || isWanted() {
                    isInterrupted = true
                    break
                }
            }
            for notice in mirror.takeNotices() { report.lines.append((true, notice.description)) }
            if let suspension = mirror.suspension { report.problems[Self.suspended] = suspension.explanation }
            for (place, reason) in mirror.failures { report.problems[place.description] = "not mirrored: \(reason)" }
            report.mirror = AgentStatus.MirrorStatus(
                path: mirror.path ?? state.mirrorPath ?? "",
                suspended: mirror.suspension?.summary,
                pending: mirror.pending
            )
            mirror.saveBaseline()
            if isInterrupted { return (report, now.steady) }
            let next = mirror.nextDeadline(now: now.wall)
            return (report, next.map { now.steady + max(1, ($0.microseconds - now.wall.microseconds) / 1000 + 1) })
        }
    }

    /// The problem that also the live mirror tells of.
    static let suspended = "mirror suspended"

    // MARK: Retention

    /// Prunes by the policy.
    ///
    /// - Parameter isRefreshing: whether the whole history is looked through: at start and hourly.
    /// - Returns: the report, and when the next pass may begin; nil for at once.
    func prune(isRefreshing: Bool, clock: () -> Moment) -> (Report, next: Int64?) {
        let start = clock().steady
        let report = prune(isRefreshing: isRefreshing)
        let took = clock().steady - start
        // The plan of a long history took tens of megabytes; where the history is not remembered, it was one.
        if state.withLock({ !$0.policy.keepsEverything && !$0.inventory.isListed }) { Heap.release() }
        return (report, took < Self.quickPass ? nil : start + took + min(took * Self.rest, Self.longestRest))
    }

    /// Milliseconds that need no rest, and how much longer than a pass the rest after it is: two per cent of a processor.
    private static let quickPass: Int64 = 100
    private static let rest: Int64 = 50
    /// A pass that waited for a lock or emptied the trash was long once only, and space may be short.
    private static let longestRest: Int64 = 300_000

    func prune(isRefreshing: Bool) -> Report {
        state.withLock { state in
            var report = Report()
            defer { state.mirror?.close() }
            let planning = pass(state.policy, state.zone, state.mirror) { mirror, run in
                mirror.isMirrored(run.place, sums: run.sums)
            }
            // Without any rule nothing is ever removed; what an earlier policy removed still goes for good in its time.
            guard !isOver, isRefreshing || !state.policy.keepsEverything else { return report }
            do throws(PosixError) {
                guard try !planning.isIdle() else { return report }
                guard let lock = try HistoryLock.acquire(loops, waiting: Self.patience) else {
                    report.lines.append((false, "another process changes the history; pruning waits"))
                    return report
                }
                defer { withExtendedLifetime(lock) {} }
                let prepared = try planning.plan(
                    &state.inventory,
                    at: clocks(),
                    isRefreshing: isRefreshing || !state.inventory.isListed,
                    isTold: false
                )
                // What is known of the mirror may be an hour old: what goes is looked for there.
                let removing = pass(state.policy, state.zone, state.mirror) { [clocks] mirror, run in
                    mirror.holds(run.place, sums: run.sums, now: clocks().wall)
                }
                let outcome = removing.carryOut(prepared) { isOver }
                for decision in outcome.prune.removed {
                    state.inventory.forget(decision.run.place)
                    let reasons = decision.reasons.map(\.description).joined(separator: ", ")
                    report.lines.append((false, "pruned \(decision.run.place): \(reasons)"))
                }
                for entry in outcome.emptied {
                    let day = entry.record.time.iso.string.prefix(10)
                    report.lines.append((false, "deleted for good: \(entry.record.place), pruned on \(day)"))
                }
                for day in outcome.emptiedInMirror {
                    report.lines.append((false, "deleted for good in the mirror's trash: what came there on \(day)"))
                }
                report.pruned = outcome.prune.removed.count
                catalogue?.index()?.forget(outcome.prune.removed.map(\.run.place))
                if report.pruned > 0, state.deletions == .follow { state.mirror?.rescan() }
                for failure in outcome.prune.failures { report.problems["prune"] = failure.description }
                for error in outcome.failures + prepared.unreadable { report.problems["prune"] = error.description }
                for held in prepared.plan.heldBack {
                    let why = prepared.plan.triggers.map(\.description).joined(separator: ", ")
                    report.problems["prune \(held.loop)"] =
                        "refused to remove \(held.removing) of \(held.runs) runs (\(why)). Look at it with: "
                        + "loopsync prune --dry-run. Go on with: loopsync prune --force"
                }
            } catch {
                report.problems["prune"] = "\(error): nothing was removed"
            }
            return report
        }
    }

    private func pass(
        _ policy: RetentionPolicy,
        _ zone: ZoneOffset,
        _ mirror: Mirror?,
        holds: @escaping (Mirror, ArchivedRun) -> Bool
    ) -> RetentionPass {
        guard let mirror else { return RetentionPass(loops, policy: policy, zone: zone) }
        return RetentionPass(
            loops,
            policy: policy,
            zone: zone,
            isMirrored: { !mirror.covers($0.loop) || holds(mirror, $0) },
            emptyMirrorTrash: { [clocks] in mirror.emptyTrash(removedBefore: $0, now: clocks().wall) }
        )
    }
}
