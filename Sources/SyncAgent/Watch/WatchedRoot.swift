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
        var isPolled = false
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

    /// Whether watches ran out, so that somebody has to look from time to time.
    var isPolled: Bool {
        get { state.withLock { $0.isPolled } }
        set { state.withLock { $0.isPolled = newValue } }
    }
}
