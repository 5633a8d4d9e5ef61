/// Adds up how long a run was in each of its states, by its events.
///
/// A visit lasts from an unnested `state_enter` to the next one; the last visit of a segment ends with the segment's last
/// event, so that the time between a run's end and its resumption counts for no state.
package struct StateClock: Sendable {
    /// One state's share of a run.
    package struct Share: Hashable, Sendable {
        package var visits: Int
        package var microseconds: Int64

        /// Describes a share.
        package init(visits: Int, microseconds: Int64) {
            self.visits = visits
            self.microseconds = microseconds
        }
    }

    private var shares: [JSONString: Share] = [:]
    private var current: (state: JSONString, since: Timestamp?)?
    /// The bytes of the last event's `ts`, taken apart only where they matter.
    private var lastSeen: [UInt8] = []

    /// A clock that has seen nothing.
    package init() {}

    /// Takes the next line, without its newline; one that is no event is passed over.
    package mutating func take(_ line: ArraySlice<UInt8>) {
        guard let name = LoopEvent.writtenName(of: line) else {
            guard let event = LoopEvent(line: line), let name = event.name else { return }
            return take(event, named: name.bytes[...])
        }
        if Self.isBoundary(name) {
            guard let event = LoopEvent(line: line) else { return }
            return take(event, named: name)
        }
        // Of all other events only the time matters, and that stands right behind the name.
        if let time = Self.writtenTime(of: line[name.endIndex...]) { lastSeen = Array(time) }
    }

    private mutating func take(_ event: LoopEvent, named name: ArraySlice<UInt8>) {
        defer { if let time = event.timestamp { lastSeen = time.bytes } }
        guard event.isUnnested, Self.isBoundary(name) else { return }
        guard name.elementsEqual("state_enter".utf8) else { return close(at: lastSeen) }
        close(at: event.timestamp?.bytes ?? [])
        guard let state = event.json["state"]?.stringValue else { return }
        shares[state, default: Share(visits: 0, microseconds: 0)].visits += 1
        current = (state, event.timestamp.flatMap(Timestamp.init(iso:)))
    }

    private mutating func close(at time: [UInt8]) {
        defer { current = nil }
        guard let current, let since = current.since, let text = JSONString(wtf8: time),
            let end = Timestamp(iso: text), end > since
        else { return }
        let known = shares[current.state]?.microseconds ?? 0
        // Loops may say any times: what does not fit is as long as can be.
        let (sum, isTooLong) = known.addingReportingOverflow(end.microseconds - since.microseconds)
        shares[current.state]?.microseconds = isTooLong ? .max : sum
    }

    /// The shares by state, when the last line was taken.
    package func finished() -> [JSONString: Share] {
        var clock = self
        clock.close(at: lastSeen)
        return clock.shares
    }

    private static func isBoundary(_ name: ArraySlice<UInt8>) -> Bool {
        name.elementsEqual("state_enter".utf8) || name.elementsEqual("loop_start".utf8)
            || name.elementsEqual("loop_resume".utf8)
    }

    private static let timeKey = Array(#"", "ts": ""#.utf8)

    /// The time of an event as executors write it, second and without escapes.
    private static func writtenTime(of rest: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.starts(with: timeKey) else { return nil }
        let text = rest.dropFirst(timeKey.count).prefix(65)
        guard let end = text.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return text[..<end]
    }
}
