import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// Looks at everything that `status` tells, again and again where it is asked to.
///
/// What takes a look at the whole history is looked at anew only where something changed there, or after a while.
final class StatusReader {
    private let place: LoopsPlace
    private let global: GlobalOptions
    private var glance = DirectoryGlance()
    private var archived: (count: Int, newest: ArchivedRun?) = (0, nil)
    private var outlook: (at: Timestamp, value: StatusOutlook)?

    /// How long an outlook holds while nothing changes.
    private static let outlookHolds = Duration.seconds(60)

    init(_ place: LoopsPlace, _ global: GlobalOptions) {
        self.place = place
        self.global = global
    }

    /// How things stand now.
    func read(now: Timestamp) throws -> StatusReport {
        do {
            let isNews = try lookAtHistory(now)
            let agent = try StatusFile.read(in: place.loops)
            let isWatched = try AgentLock.isHeld(place.loops)
            if isNews || outlook.map({ now - $0.at > Self.outlookHolds || now < $0.at }) ?? true {
                outlook = (now, StatusOutlook.read(place, global, agent: isWatched ? agent : nil))
            }
            let running = try place.loops.running()
            let live = try LiveRun.all(in: place.loops, processes: SystemProcessTable())
            return StatusReport(
                path: place.path,
                isWatched: isWatched,
                agent: agent,
                live: live.map { run in (run, running.map { LiveActivity.read(run, in: $0) }) },
                archivedRuns: archived.count,
                newest: archived.newest,
                outlook: outlook?.value ?? StatusOutlook(),
                now: now
            )
        } catch {
            throw Failure(.failed, "\(error): the status cannot be told")
        }
    }

    /// Looks at the history, where anything changed there; by names alone, so that a large one costs one listing.
    private func lookAtHistory(_ now: Timestamp) throws(PosixError) -> Bool {
        guard let history = try place.loops.history() else {
            archived = (0, nil)
            return false
        }
        var statuses = [try history.status()]
        for entry in try history.entries() where entry.kind == .directory && !entry.name.isFlatRun {
            if let status = try history.status(of: entry.name) { statuses.append(status) }
        }
        guard glance.isNews(statuses, now: now.microseconds &* 1000) else { return false }
        let places = try HistoryScan.places(in: history)
        let newest = places.max { $0.startOfName.lexicographicallyPrecedes($1.startOfName) }
        var run: ArchivedRun?
        if let newest { run = try HistoryScan.read(newest, in: history) }
        archived = (places.count, run)
        return true
    }
}

extension RunPlace {
    /// The beginning of the run's name, which for names of the usual form is its start.
    fileprivate var startOfName: [UInt8] { Array(runName.bytes.prefix(17)) }
}

extension FileName {
    fileprivate var isFlatRun: Bool { RunPlace.parts(ofFlat: self) != nil }
}
