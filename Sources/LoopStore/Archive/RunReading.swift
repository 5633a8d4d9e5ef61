import LoopModel

/// What is read of one run directory, each part once and only when it is asked for.
final class RunReading {
    let directory: any Directory

    /// A state file as it was found.
    enum StateFile {
        case absent
        case unreadable
        case state(LoopState)

        var state: LoopState? {
            if case .state(let state) = self { state } else { nil }
        }
    }

    init(of directory: any Directory) {
        self.directory = directory
    }

    private var readStart: (line: [UInt8], event: LoopEvent)??
    private var readState: StateFile?
    private var readStatuses: [FileName: FileStatus]?

    /// The first unnested `loop_start` of its events.
    func loopStart() throws(PosixError) -> (line: [UInt8], event: LoopEvent)? {
        if let known = readStart { return known }
        let start = try regularFile(.events).map(EventsEnds.firstLoopStart) ?? nil
        readStart = .some(start)
        return start
    }

    func state() throws(PosixError) -> StateFile {
        if let known = readState { return known }
        let state = try readStateFile()
        readState = state
        return state
    }

    private func readStateFile() throws(PosixError) -> StateFile {
        guard let file = try regularFile(.state) else { return .absent }
        do {
            let bytes = try file.contents(limit: HistoryScan.stateLimit)
            return (try? LoopState(parsing: bytes)).map(StateFile.state) ?? .unreadable
        } catch  where error.code == .fileTooBig {
            return .unreadable
        }
    }

    /// All that lies in the directory, looked at once.
    func statuses() throws(PosixError) -> [FileName: FileStatus] {
        if let readStatuses { return readStatuses }
        var found: [FileName: FileStatus] = [:]
        for entry in try directory.entries() {
            if let status = try directory.status(of: entry.name) { found[entry.name] = status }
        }
        readStatuses = found
        return found
    }

    /// Opens a file; nil where there is none, or something else in its place.
    func regularFile(_ name: FileName) throws(PosixError) -> (any File)? {
        // What is a file by then may be something else by now; `openFile` waits for none of it.
        let status = if let readStatuses { readStatuses[name] } else { try directory.status(of: name) }
        guard status?.kind == .file else { return nil }
        return try directory.openFile(name, for: .reading)
    }

    /// All of it together; nil where there are neither state nor events.
    ///
    /// - Parameter includingEmptied: whether sums alone, which tell of files that are gone, make a run too.
    func run(at place: RunPlace, includingEmptied: Bool = false) throws(PosixError) -> ArchivedRun? {
        let found = try statuses()
        let size = found.values.reduce(0) { $0 + $1.allocated }
        let names = Set(found.lazy.filter { $0.value.kind == .file }.map(\.key))
        guard names.contains(.state) || names.contains(.events) || (includingEmptied && names.contains(.sums)) else {
            return nil
        }

        let start = try loopStart()
        let state = try self.state().state
        let startedAt = state.map(\.startedAt) ?? start?.event.timestamp
        var ended = try regularFile(.events).map(EventsEnds.lastTime) ?? nil
        for text in [state?.updatedAt, startedAt] where ended == nil { ended = text.flatMap(Timestamp.init(iso:)) }
        var sums: [UInt8]?
        if names.contains(.sums) { sums = try regularFile(.sums).map(Checksum.of)?.bytes }
        return ArchivedRun(
            place: place,
            loop: state.map(\.loopName).flatMap { $0.isEmpty ? nil : $0 } ?? start?.event.loop ?? place.suggestedLoop,
            runID: startedAt.map(RunID.init(startedAt:)).flatMap { $0.isEmpty ? nil : $0 } ?? place.suggestedRunID,
            identity: start.map { .loopStart($0.line) }
                ?? state.map { .state(loop: $0.loopName, startedAt: $0.startedAt) },
            status: state?.status,
            iteration: state?.iteration,
            finalState: state?.currentState,
            startedAt: startedAt,
            endedAt: ended,
            size: size,
            isPinned: names.contains(.keep),
            sums: sums,
            hasEvents: names.contains(.events)
        )
    }
}

extension RunPlace {
    /// The loop as far as the directory's name tells it.
    var suggestedLoop: JSONString {
        let name = layout == .nested ? components[0] : RunPlace.parts(ofFlat: runName)?.loop ?? runName
        return JSONString(fileSystemBytes: name.bytes)
    }

    /// The run id as far as the directory's name tells it.
    var suggestedRunID: RunID {
        if layout == .flat, let parts = RunPlace.parts(ofFlat: runName) { return parts.run }
        return RunID(JSONString(fileSystemBytes: runName.bytes))
    }
}
