package import LoopModel

/// What an archive was made from.
package struct RunSignature: Sendable, Hashable {
    package var runID: RunID
    package var events: [[Int64]]
    /// Its bytes, since two states with the same hash would pass for one.
    package var state: [UInt8]?
    package var unreadable: Int64?
    package var siblings: [RunningFile: [Int64]]
    /// Whether the run had left `.running` by then.
    package var wasGone = false

    package static func == (left: RunSignature, right: RunSignature) -> Bool {
        left.runID == right.runID && left.events == right.events && left.state == right.state
            && left.unreadable == right.unreadable && left.siblings == right.siblings
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(runID)
        hasher.combine(events)
    }
}
