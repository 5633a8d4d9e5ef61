package import LoopModel

extension RunReading {
    /// The run with what tells later that nothing changed; nil where the directory holds none.
    ///
    /// - Parameter now: the time by the file system's clock.
    func record(at place: RunPlace, now: Timestamp) throws(PosixError) -> RunRecord? {
        let own = try directory.status()
        let found = try statuses()
        guard let run = try run(at: place) else { return nil }
        let names = found.keys.sorted()
        let stamps = FileStamps(own, names.compactMap { found[$0] })
        // An executor makes its copy file by file; what has its sums was published whole.
        let quiet = run.isExecutorCopy ? Self.copying : 0
        var shares: [JSONString: StateClock.Share]?
        if let size = found[.events]?.size, size <= Self.longestEvents, let events = try regularFile(.events) {
            shares = try EventsEnds.shares(in: events)
        }
        return RunRecord(
            run: run,
            names: names,
            stamps: stamps.bytes,
            isSettled: stamps.areSettled(at: now.microseconds &* 1000, quiet: quiet),
            stateSize: found[.state]?.size,
            eventsSize: found[.events]?.size,
            conflicts: names.count { $0.isConflict },
            shares: shares
        )
    }

    /// For how many nanoseconds an executor may be at its copy.
    private static let copying: Int64 = 10_000_000_000
    /// Longer events are not read through for the time in each state.
    private static let longestEvents: Int64 = 16 << 20
}

extension HistoryScan {
    /// Reads a run's directory for a catalogue; nil where it holds no run.
    ///
    /// - Parameter now: the time by the file system's clock.
    package static func record(_ place: RunPlace, in history: any Directory, now: Timestamp) throws(PosixError)
        -> RunRecord?
    {
        guard let directory = try directory(of: place, in: history) else { return nil }
        return try RunReading(of: directory).record(at: place, now: now)
    }
}

extension FileName {
    /// Whether a file of this name keeps what contradicted a run.
    fileprivate var isConflict: Bool {
        let mark = Array(".conflict-".utf8)
        return bytes.indices.contains { bytes[$0...].starts(with: mark) }
    }
}
