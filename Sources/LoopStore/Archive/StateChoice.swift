import LoopModel

/// Which of two states of one run counts; pure.
enum StateChoice: Hashable {
    case archived, source

    /// What is known of a state file.
    struct Facts: Hashable {
        /// nil where it does not parse.
        var state: LoopState?
        /// Nanoseconds since the epoch.
        var modified: Int64

        /// When its segment began, where it tells.
        var began: Timestamp? { state.flatMap { StateChoice.time($0, .startedAt) } }
    }

    /// Chooses the one written later, whatever its length.
    ///
    /// A later `started_at` goes first: A gives the state of a resumed run a new one, while the state of the run before
    /// can be saved over this run's by a `stop` that is late, with a younger `updated_at`. A copy that does not parse
    /// is torn where the source parses; where the source does not, the time of the files decides.
    ///
    /// - Parameter lastStart: when the run's last segment began by its events, where that is known. A state that began
    ///   later is the next run's, whose executor wrote it over this run's before our rename took the directory away.
    static func between(archived: Facts, source: Facts, lastStart: Timestamp? = nil) -> StateChoice {
        switch (archived.state, source.state) {
        case (nil, .some): return .source
        case (.some, nil), (nil, nil): break
        case (let one?, let other?):
            if let lastStart, let old = time(one, .startedAt), let new = time(other, .startedAt),
                (old > lastStart) != (new > lastStart)
            {
                return old > lastStart ? .source : .archived
            }
            for key in [LoopState.Key.startedAt, .updatedAt] {
                guard let old = time(one, key), let new = time(other, key), old != new else { continue }
                return old > new ? .archived : .source
            }
        }
        return archived.modified > source.modified ? .archived : .source
    }

    private static func time(_ state: LoopState, _ key: LoopState.Key) -> Timestamp? {
        state[key]?.stringValue.flatMap(Timestamp.init(iso:))
    }
}
