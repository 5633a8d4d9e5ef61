import LoopModel

/// Looks at every place where a run may stand, in a number of steps that does not grow with the history.
struct HistorySurvey {
    private(set) var standings: [Standing] = []
    /// Names to step aside to, nearest first.
    private(set) var free: [RunPlace] = []

    /// Those by which it looked.
    let names: RunNames
    private let source: OpenedSource
    private let history: any Directory
    private let now: Timestamp
    /// Where a directory with nothing in it is this run's: where its executor would make it, and where it stood before.
    private let ownPlaces: [RunPlace]
    private var seen: Set<RunPlace> = []
    private var parents: [FileName: (any Directory)?] = [:]

    /// So many free names in a row end the search for names aside, since a prune may have left gaps.
    private static let gap = 8
    /// So many runs of one second, or of as many seconds, are looked through at most.
    private static let most: Int64 = 200
    /// For how many nanoseconds a copy without a parsable state was not touched that its executor has given up.
    private static let stalled: Int64 = 10_000_000_000

    /// - Parameters:
    ///   - knownPlace: where the run was archived before, if the caller remembers.
    ///   - runningStarts: ids under which executors may archive other runs; no run steps aside to these.
    init(
        _ source: OpenedSource,
        names: RunNames,
        knownPlace: RunPlace?,
        runningStarts: Set<RunID>,
        history: any Directory,
        now: Timestamp
    ) throws {
        self.source = source
        self.names = names
        self.history = history
        self.now = now
        ownPlaces = [names.canonical] + [knownPlace].compactMap(\.self)
        try look(at: names.canonical, as: .canonical)
        try look(at: names.inOtherLayout.canonical, as: .otherLayout)
        if let deeper = names.deeper { try look(at: deeper, as: .otherLayout) }
        try lookAside(of: names, avoiding: runningStarts, collectingFree: true)
        try lookAside(of: names.inOtherLayout, avoiding: runningStarts, collectingFree: false)
        if let knownPlace { try look(at: knownPlace, as: .earlier) }
        for id in source.earlierRunIDs where id != names.runID {
            let earlier = RunNames(loop: names.loop, runID: id, layout: names.layout)
            for names in [earlier, earlier.inOtherLayout] {
                try look(at: names.canonical, as: .earlier)
                if names.layout == .nested, let second = names.aside(1) { try look(at: second.place, as: .earlier) }
            }
        }
    }

    private mutating func lookAside(of names: RunNames, avoiding starts: Set<RunID>, collectingFree: Bool) throws {
        var misses = 0
        for number in 1...Self.most {
            guard misses < Self.gap, let name = names.aside(number) else { return }
            if try look(at: name.place, as: .aside) { continue }
            misses += 1
            let isTaken = name.place.layout == .flat && starts.contains(name.runID)
            if collectingFree, !isTaken { free.append(name.place) }
        }
    }

    /// Notes what stands at a place; false where nothing does.
    @discardableResult
    private mutating func look(at place: RunPlace, as role: Standing.Role) throws -> Bool {
        guard seen.insert(place).inserted else { return standings.contains { $0.place == place } }
        guard let parent = try parent(of: place), let status = try parent.status(of: place.runName) else {
            return false
        }
        guard status.kind == .directory, let directory = try parent.subdirectory(place.runName) else {
            standings.append(Standing(place, .blocked, as: role))
            return true
        }
        standings.append(Standing(place, try kind(of: directory, at: place, as: role), as: role))
        return true
    }

    private mutating func parent(of place: RunPlace) throws -> (any Directory)? {
        guard place.layout == .nested else { return history }
        let name = place.components[0]
        if let known = parents[name] { return known }
        let parent = try history.status(of: name)?.kind == .directory ? history.subdirectory(name) : nil
        parents[name] = .some(parent)
        return parent
    }

    private func kind(of directory: any Directory, at place: RunPlace, as role: Standing.Role) throws -> Standing.Kind {
        let reading = RunReading(of: directory)
        if let start = try reading.loopStart(), case .loopStart(let line) = source.source.identity {
            guard start.line == line else { return .other }
            return try isUnderWay(reading, as: role) ? .underWay : .same
        }
        if case .state(let state) = try reading.state() {
            if source.matches(state) { return .same }
            return .other
        }
        if try isUnderWay(reading, as: role) { return .underWay }
        return try isFragment(reading, at: place) ? .same : .other
    }

    /// Whether an executor may be in the middle of copying a run there: it copies the state first, with truncation.
    ///
    /// A name to step aside to may be the name of another run, whose executor copies it as well; and what has left
    /// `.running` may have left it for this very copy.
    private func isUnderWay(_ reading: RunReading, as role: Standing.Role) throws -> Bool {
        guard try reading.state().state == nil else { return false }
        // The executor's copy of a state that does not parse does not parse either, however whole it is.
        let isExecutors = role == .canonical || role == .otherLayout
        if isExecutors, source.parsedState == nil { return false }
        var touched = try reading.directory.status().changed
        for name in [FileName.state, .events] {
            if let status = try reading.directory.status(of: name) { touched = max(touched, status.changed) }
        }
        // Sums are written last: what is not younger was archived whole, whatever its state is like.
        if let sums = try reading.directory.status(of: .sums), sums.changed >= touched { return false }
        let quiet = now.microseconds &* 1000 &- touched
        return quiet.magnitude < UInt64(Self.stalled)
    }

    /// Whether what stands there without a state that could tell is of this run: by its events, or by the place alone
    /// where there are none.
    private func isFragment(_ reading: RunReading, at place: RunPlace) throws -> Bool {
        guard let status = try reading.directory.status(of: .events), status.kind == .file, status.size > 0 else {
            return ownPlaces.contains(place)
        }
        let theirs = Ingredient([.file(reading.directory, .events, status.identity)])
        guard let ours = source.events else { return false }
        return try theirs.relation(to: ours) != .unrelated
    }
}

extension OpenedSource {
    /// Whether a state names this run.
    func matches(_ state: LoopState) -> Bool {
        if case .state(let loop, let startedAt) = source.identity {
            return state.loopName == loop && state.startedAt == startedAt
        }
        guard let own = parsedState else { return false }
        return state.loopName == own.loopName && state.startedAt == own.startedAt
    }

    /// Ids under which the run may have been archived before a resume gave its state another start.
    var earlierRunIDs: [RunID] {
        var ids = source.earlierRunIDs
        if case .loopStart(let line) = source.identity, let text = LoopEvent(line: line)?.timestamp {
            ids.append(RunID(startedAt: text))
            // The start is taken some milliseconds before the event.
            if let second = RunID(startedAt: text).second { ids.append(RunID(startedAt: second.adding(seconds: -1))) }
        }
        return ids
    }
}
