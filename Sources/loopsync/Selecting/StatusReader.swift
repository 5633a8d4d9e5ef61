import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// Looks at everything that `status` tells, again and again where it is asked to.
///
/// What takes a look at the whole history is looked at anew only where something changed there, or after a while.
final class StatusReader {
    private let path: String
    private let global: GlobalOptions
    /// nil until there is a loops directory.
    private var place: LoopsPlace?
    private var glance = DirectoryGlance()
    private var archived: (count: Int, newest: ArchivedRun?) = (0, nil)
    private var outlook: (at: Timestamp, value: StatusOutlook)?

    /// How long an outlook holds while nothing changes.
    private static let outlookHolds = Duration.seconds(60)

    /// Reads one directory's status.
    ///
    /// - Parameter path: of the loops directory, which may come later.
    init(_ path: String, _ global: GlobalOptions) {
        self.path = path
        self.global = global.naming(path)
    }

    /// How things stand now; what cannot be read is a part of the answer.
    func report(now: Timestamp) -> StatusReport {
        do {
            return try read(now: now)
        } catch let failure as Failure where failure.status == .noLoops {
            place = nil
            return .nothing(of: path, now: now)
        } catch {
            return .nothing(of: path, obstacle: (error as? Failure)?.message ?? "\(error)", now: now)
        }
    }

    /// How things stand now.
    func read(now: Timestamp) throws -> StatusReport {
        let place = try self.place ?? LoopsPlace.open(global)
        self.place = place
        do {
            let listed = try lookAtHistory(of: place, now)
            let agent = try StatusFile.read(in: place.loops)
            let isWatched = try AgentLock.isHeld(place.loops)
            if listed != nil || outlook.map({ now - $0.at > Self.outlookHolds || now < $0.at }) ?? true {
                outlook = (now, StatusOutlook.read(place, global, agent: isWatched ? agent : nil, listed: listed))
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
    ///
    /// - Returns: the runs that it holds; nil where nothing changed.
    private func lookAtHistory(of place: LoopsPlace, _ now: Timestamp) throws(PosixError) -> [RunPlace]? {
        guard let history = try place.loops.history() else {
            archived = (0, nil)
            return nil
        }
        var statuses = [try history.status()]
        for entry in try history.entries() where entry.kind == .directory && !entry.name.isFlatRun {
            if let status = try history.status(of: entry.name) { statuses.append(status) }
        }
        guard glance.isNews(statuses, now: now.microseconds &* 1000) else { return nil }
        let places = try HistoryScan.places(in: history)
        let newest = places.max { $0.start.lexicographicallyPrecedes($1.start) }
        var run: ArchivedRun?
        if let newest { run = try HistoryScan.read(newest, in: history) }
        archived = (places.count, run)
        return places
    }
}

extension [StatusReader] {
    /// How things stand now with all of them; one that cannot be read leaves the others theirs, where there are others.
    func overview(now: Timestamp) throws -> StatusOverview {
        guard count > 1 else { return StatusOverview(reports: try map { try $0.read(now: now) }) }
        return StatusOverview(reports: map { $0.report(now: now) })
    }
}

extension FileName {
    fileprivate var isFlatRun: Bool { RunPlace.parts(ofFlat: self) != nil }
}
