import LoopModel
import LoopStore
import SyncCore

/// Finds runs in the history that were not there before.
struct ArchivedEvents {
    private var known: Set<RunPlace> = [] {
        didSet { loopDirectories = Set(known.filter { $0.layout == .nested }.map { $0.components[0] }).sorted() }
    }
    /// The directories that hold runs below the history's own.
    private var loopDirectories: [FileName] = []
    /// New ones whose events did not tell yet which run they are, with how often they were looked at.
    private var pending: [RunPlace: Int] = [:]
    private var glance = DirectoryGlance()

    /// So many looks for an executor that copies a run to get to its events.
    private static let patience = 100

    /// Looks again, where anything may have changed.
    ///
    /// - Returns: the new runs' events.
    mutating func arrivals(in loops: LoopsDirectory, now: Timestamp) throws(PosixError) -> [FollowedStart] {
        guard let history = try loops.history() else { return [] }
        // A nested run changes the time of its loop's directory alone.
        var statuses = [try history.status()]
        for name in loopDirectories {
            if let status = try history.status(of: name) { statuses.append(status) }
        }
        if glance.isNews(statuses, now: now.microseconds &* 1000) {
            let places = Set(try HistoryScan.places(in: history))
            for place in places where !known.contains(place) { pending[place] = 0 }
            known = places
        }
        var arrivals: [FollowedStart] = []
        for place in pending.keys.sorted() {
            pending[place, default: 0] += 1
            if pending[place, default: 0] > Self.patience { pending[place] = nil }
            guard let directory = try HistoryScan.directory(of: place, in: history),
                try directory.status(of: .events)?.kind == .file,
                case .loopStart(let line)? = try HistoryScan.identity(of: directory),
                let file = try directory.openFile(.events, for: .reading)
            else { continue }
            pending[place] = nil
            arrivals.append(FollowedStart(line: line, file: file))
        }
        return arrivals
    }

    /// Takes what is there now for known.
    mutating func skip(in loops: LoopsDirectory, now: Timestamp) throws(PosixError) {
        guard let history = try loops.history() else { return }
        known = Set(try HistoryScan.places(in: history))
    }
}

/// An archived run that is new: its first `loop_start`, and its events.
struct FollowedStart {
    let line: [UInt8]
    let file: any File
}
