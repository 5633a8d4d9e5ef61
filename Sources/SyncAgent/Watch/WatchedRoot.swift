import LoopStore
import Synchronization

/// One `--watch` directory as the watching thread and the agent share it.
final class WatchedRoot: Sendable {
    /// An open directory with its pins; a new one each time the directory comes back.
    final class Opened: Sendable {
        let loops: LoopsDirectory
        let pins: PinStore

        init(loops: LoopsDirectory) {
            self.loops = loops
            pins = PinStore(loops: loops)
        }
    }

    let index: Int
    let path: String
    private let state = Mutex(State())

    private struct State {
        var opened: Opened?
        var watches = 0
        var obstacle: WatchObstacle?
    }

    init(index: Int, path: String) {
        self.index = index
        self.path = path
    }

    /// What is open now; nil while the directory does not exist.
    var opened: Opened? {
        get { state.withLock { $0.opened } }
        set { state.withLock { $0.opened = newValue } }
    }

    /// How many watches the directory takes.
    var watches: Int {
        get { state.withLock { $0.watches } }
        set { state.withLock { $0.watches = newValue } }
    }

    /// Why not all of it can be watched, so that somebody has to look from time to time; nil where it can.
    var obstacle: WatchObstacle? {
        get { state.withLock { $0.obstacle } }
        set { state.withLock { $0.obstacle = newValue } }
    }

    /// Whether somebody has to look from time to time.
    var isPolled: Bool { obstacle != nil }
}

/// Why a directory cannot be watched, for people.
enum WatchObstacle: Sendable, Equatable, CustomStringConvertible {
    case noWatchesLeft
    case refused(path: String, PosixError.Code)

    var description: String {
        switch self {
        case .noWatchesLeft: "no inotify watches are left (fs.inotify.max_user_watches)"
        case .refused(let path, let code): "\(path) cannot be watched (\(code))"
        }
    }

    /// What to do about it.
    var remedy: String {
        switch self {
        case .noWatchesLeft: "Raise the limit: sysctl fs.inotify.max_user_watches"
        case .refused: "Let the agent's user read that directory"
        }
    }
}
