import LoopModel
import LoopStore
import SyncCore

/// Keeps `.loopsync/status.json` of one loops directory up to date; confined to the conducting thread.
///
/// It is written when something in it changed, once a second at most: never for the appends of a live run.
final class StatusKeeper {
    private let root: WatchedRoot
    private let start: Timestamp
    private let process: Int
    private var written: AgentStatus?
    private var writtenAt: Int64?
    private var firstSeen: [String: Timestamp] = [:]
    private var isBehind = false
    private(set) var overflows = 0

    private static let pause: Int64 = 1000

    init(root: WatchedRoot, start: Timestamp, process: Int32) {
        self.root = root
        self.start = start
        self.process = Int(process)
    }

    /// The kernel dropped events.
    func overflowed() {
        overflows += 1
    }

    /// When the file is to be written although nothing changes any more; milliseconds of the steady clock.
    var nextDeadline: Int64? {
        isBehind ? (writtenAt ?? 0) + Self.pause : nil
    }

    /// Writes the file where it would say something else.
    ///
    /// - Parameters:
    ///   - loaded: the configuration in use.
    ///   - configurationProblem: why the last change of it was not taken.
    ///   - droppedHooks: how many found the queue full.
    func update(
        _ agent: RootAgent,
        loaded: ConfigurationLoader.Loaded,
        configurationProblem: String?,
        droppedHooks: Int,
        at now: Moment
    ) {
        guard agent.isOurs, let loops = root.opened?.loops else { return }
        var status = status(of: agent, loaded, configurationProblem, now)
        status.droppedHooks = droppedHooks
        status.updatedAt = written?.updatedAt ?? status.updatedAt
        // Anybody may delete the file (`git clean -dx`) while it would say the same as before.
        guard status != written || !StatusFile.isThere(in: loops) else { return isBehind = false }
        if let writtenAt, now.steady < writtenAt + Self.pause { return isBehind = true }
        isBehind = false
        writtenAt = now.steady
        status.updatedAt = now.wall.iso.string
        // The file is a convenience: whatever keeps it from being written shows elsewhere.
        guard (try? StatusFile.write(status, in: loops)) != nil else { return }
        written = status
    }

    private func status(
        of agent: RootAgent,
        _ loaded: ConfigurationLoader.Loaded,
        _ configurationProblem: String?,
        _ now: Moment
    ) -> AgentStatus {
        var status = AgentStatus(version: Version.text, process: process, startedAt: start.iso.string)
        status.configuration = loaded.file?.path
        status.configurationProblem = configurationProblem
        status.isWatching = !root.isPolled
        status.watching =
            root.obstacle.map { "looking every 2 s: \($0)" }
            ?? "inotify, \(root.watches) watch\(root.watches == 1 ? "" : "es")"
        status.mirror = agent.history?.mirror
        status.mirror?.to = loaded.configuration.mirror.to.map(ConfigurationLoader.absolute)
        if let suspension = agent.suspension { status.mirror?.suspended = suspension.summary }
        status.retention = loaded.configuration.retention.description
        if let history = agent.history, !loaded.configuration.retention.keepsEverything {
            // To the minute: a clock that is read twice must not make the file differ.
            let due = now.wall.adding(seconds: (history.nextPrune - now.steady) / 1000).seconds
            status.nextPrune = Timestamp(seconds: due / 60 * 60).iso.string
        }
        status.archived = agent.archivedCount
        status.pruned = agent.history?.pruned ?? 0
        status.overflows = overflows
        let problems = agent.problems
        firstSeen = firstSeen.filter { problems[$0.key] != nil }
        for place in problems.keys where firstSeen[place] == nil { firstSeen[place] = now.wall }
        status.problems = problems.sorted { $0.key < $1.key }.map { place, text in
            AgentStatus.Problem(at: (firstSeen[place] ?? now.wall).iso.string, text: "\(place): \(text)")
        }
        return status
    }
}
