package import LoopModel

/// How long to leave a failing sync directory alone: one second at first, twice as long each time, a minute at most.
package struct MirrorBackoff: Hashable, Sendable {
    private var failures = 0
    /// Nothing is tried before this time; nil when all is well.
    package private(set) var until: Timestamp?

    /// A directory that has not failed yet.
    package init() {}

    /// Whether to wait still.
    ///
    /// - Returns: when to try again; nil for now, also after a clock was set far back.
    package func wait(now: Timestamp) -> Timestamp? {
        guard let until, until > now, until.microseconds - now.microseconds <= 60_000_000 else { return nil }
        return until
    }

    /// Notes a failure that waiting may heal, and when to try again.
    @discardableResult
    package mutating func failed(now: Timestamp) -> Timestamp {
        let seconds = Int64(min(60, 1 << min(failures, 6)))
        failures += 1
        let next = Timestamp(microseconds: now.microseconds + seconds * 1_000_000)
        until = next
        return next
    }

    /// Notes that something worked.
    package mutating func succeeded() {
        failures = 0
        until = nil
    }
}
