package import LoopModel

/// Spaces the writes of each live file, since a cloud client uploads after every one.
package struct LivePacer<Key: Hashable & Sendable>: Sendable {
    /// At least this long between two writes of one file.
    package var interval: Duration
    private var written: [Key: Timestamp] = [:]

    /// A pacer that has seen no write yet.
    package init(interval: Duration) {
        self.interval = interval
    }

    /// When the file may be written.
    ///
    /// - Returns: nil for now; else the time to come again.
    package func wait(for key: Key, now: Timestamp) -> Timestamp? {
        guard interval > .zero, let last = written[key] else { return nil }
        let next = Timestamp(microseconds: last.microseconds + interval.microseconds)
        // A last write in the future is a clock that was set back; it must not silence the file until then.
        return last > now || next <= now ? nil : next
    }

    /// Remembers a write.
    package mutating func wrote(_ key: Key, now: Timestamp) {
        if interval > .zero { written[key] = now }
    }

    /// Forgets a file that is gone.
    package mutating func forget(_ key: Key) {
        written[key] = nil
    }
}
