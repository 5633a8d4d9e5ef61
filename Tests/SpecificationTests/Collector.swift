import LoopStore
import Synchronization

/// Keeps the warnings of a call.
final class Collector: Sendable {
    private let kept = Mutex<[StateFileError]>([])

    func add(_ warning: StateFileError) {
        kept.withLock { $0.append(warning) }
    }

    var warnings: [StateFileError] {
        kept.withLock { $0 }
    }
}
