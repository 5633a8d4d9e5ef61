import LoopModel

/// A run's sources, opened and with the state read, so that all decisions are about the same bytes.
struct OpenedSource {
    let source: RunSource
    /// nil where the run has no events.
    let events: Ingredient?
    let state: Ingredient?
    let siblings: [(name: FileName, content: Ingredient)]
    /// The state where it parses.
    let parsedState: LoopState?

    /// - Throws: `SourceChanged`, `PosixError`.
    init(_ source: RunSource) throws {
        self.source = source
        events = source.events.isEmpty ? nil : Ingredient(source.events)
        state = source.state.map { Ingredient([$0]) }
        let own: Set<FileName> = [.state, .events, .sums, .keep, .lastGoodState]
        siblings = source.siblings.filter { !own.contains($0.name) }.map { ($0.name, Ingredient([$0.content])) }
        _ = try events?.open()
        parsedState = source.stateIsReadable ? try state?.facts().state : nil
    }

    /// When the run ended, by the same rule as an archived one's `endedAt`.
    func endedAt() throws -> Timestamp? {
        if let events = try events?.open(), let time = try EventsEnds.lastTime(size: events.size, read: events.read) {
            return time
        }
        var texts = [parsedState?.updatedAt, parsedState?.startedAt]
        if parsedState == nil, case .loopStart(let line) = source.identity {
            texts.append(LoopEvent(line: line)?.timestamp)
        }
        return texts.lazy.compactMap { $0.flatMap(Timestamp.init(iso:)) }.first
    }

    var isEmpty: Bool {
        events == nil && state == nil && siblings.isEmpty
    }

    /// Makes sure that what was compared or copied is still what is there.
    func checkUnchanged() throws {
        for ingredient in [events, state].compactMap(\.self) + siblings.map(\.content) {
            try ingredient.checkUnchanged()
        }
    }
}
