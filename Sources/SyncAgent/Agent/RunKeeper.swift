import Glibc
package import LoopModel
package import LoopStore
import SyncCore

/// Changes the history of one loops directory: the only one who does, one change after the other.
///
/// Confined to the thread that works; one-shot commands use it on their own.
package final class RunKeeper: Sendable {
    package let loops: LoopsDirectory
    private let archiver: RunArchiver

    /// How long to wait for another process that changes the history, in seconds.
    private static let patience = 10.0

    /// - Parameters:
    ///   - process: this process's number.
    ///   - processes: tells live executors from dead ones.
    package init(
        loops: LoopsDirectory,
        process: Int32 = getpid(),
        processes: any ProcessTable = SystemProcessTable()
    ) {
        self.loops = loops
        archiver = RunArchiver(loops: loops, process: process, processes: processes)
    }

    /// Archives one run under the history's lock.
    package func archive(_ job: ArchiveJob, now: Timestamp) -> ArchiveOutcome {
        underLock { archiver.archive(job.request, now: now) }
    }

    /// Where a run stands already, with all that archiving it would bring.
    ///
    /// - Returns: nil where something would change, or that cannot be told.
    func standingPlace(of job: ArchiveJob, now: Timestamp) -> RunPlace? {
        (try? archiver.standingPlace(of: job.request, now: now)) ?? nil
    }

    /// Archives together those of many runs of which nothing stands in the history yet.
    ///
    /// - Parameter spreading: puts the runs together, by numbers.
    /// - Returns: what became of each; nil for one that is to be archived alone.
    func archiveTogether(_ jobs: [ArchiveJob], now: Timestamp, spreading: Spreading) -> [ArchiveOutcome?] {
        let nothing = [ArchiveOutcome?](repeating: nil, count: jobs.count)
        // Who holds the lock is waited for by each run alone.
        guard let lock = (try? HistoryLock.acquire(loops, waiting: 0)) ?? nil else { return nothing }
        return withExtendedLifetime(lock) {
            archiver.archiveTogether(jobs.map(\.request), now: now, spreading: spreading)
        }
    }

    /// Moves another run's archive away from where a live run's executor will copy it.
    package func makeRoom(for job: ArchiveJob, now: Timestamp) -> ArchiveOutcome {
        underLock { archiver.makeRoom(for: job.source, runningStarts: job.otherRunIDs, now: now) }
    }

    /// Sums what executors archived while no agent ran.
    ///
    /// - Parameter isWanted: asked between two runs, whether to give way to other work.
    /// - Returns: the runs, and whether none is left.
    package func adopt(now: Timestamp, isWanted: () -> Bool = { false }) -> Adoption {
        var adoption = Adoption()
        do {
            let unsummed = try archiver.unsummed(now: now)
            adoption.hasOthers = unsummed.hasOthers
            adoption.failures = unsummed.unreadable.map(\.description)
            for place in unsummed.whole {
                if isWanted() {
                    adoption.isDone = false
                    return adoption
                }
                guard let lock = try HistoryLock.acquire(loops, waiting: Self.patience) else { return adoption }
                do {
                    if try withExtendedLifetime(lock, { try archiver.adopt(place) }) { adoption.runs.append(place) }
                } catch {
                    adoption.failures.append("\(place): \(error)")
                }
            }
        } catch {
            adoption.failures.append("\(error)")
        }
        return adoption
    }

    /// What became of adopting.
    package struct Adoption: Sendable {
        package var runs: [RunPlace] = []
        package var failures: [String] = []
        /// Whether none is left that could be adopted.
        package var isDone = true
        /// Whether some were written to a moment ago and are to be looked at again.
        package var hasOthers = false
    }

    /// Takes a run out of `.running` whose archive is whole.
    func clear(_ request: Clearer.Request, archivedAt place: RunPlace, with clearer: Clearer) -> Clearer.Outcome {
        do throws(PosixError) {
            guard let lock = try HistoryLock.acquire(loops, waiting: Self.patience) else { return .wait }
            defer { withExtendedLifetime(lock) {} }
            guard let history = try loops.history(), let run = try HistoryScan.directory(of: place, in: history),
                case .success(let sums)? = try SumsFile.stored(in: run), try sums.damage(in: run).isEmpty
            else { return .changed }
            return clearer.clear(request)
        } catch {
            return .failed(error)
        }
    }

    /// Throws away what a dead process was assembling; only for the holder of the agent's lock.
    ///
    /// - Parameter seconds: how long to wait for another process that changes the history.
    /// - Returns: false where it held the history's lock all the time: to be tried again.
    package func recover(processes: any ProcessTable, waiting seconds: Double = 10) throws(PosixError) -> Bool {
        guard let lock = try HistoryLock.acquire(loops, waiting: seconds) else { return false }
        defer { withExtendedLifetime(lock) {} }
        // What protects data comes first; rubbish may stay.
        try Clearer(loops: loops, processes: processes).recover()
        try archiver.discardStaging()
        return true
    }

    private func underLock(_ work: () -> ArchiveOutcome) -> ArchiveOutcome {
        do throws(PosixError) {
            guard let lock = try HistoryLock.acquire(loops, waiting: Self.patience) else {
                return .wait("another process changes the history")
            }
            return withExtendedLifetime(lock) { work() }
        } catch {
            return .failed(error)
        }
    }
}
