package import LoopModel

/// Which runs have a file in `.running`, read from the files themselves at this moment.
///
/// Whoever is about to take something out of the history looks here right before, independently of what an agent has
/// tracked: a run with a file in `.running` is live, parked, resumable, or will be archived again.
package struct RunningRuns: Sendable, Hashable {
    /// The runs that event files begin with.
    package private(set) var identities: Set<RunIdentity> = []
    /// The names under which executors would archive the runs.
    package private(set) var names: Set<Name> = []
    /// The places to which executors would archive them, in both layouts.
    package private(set) var canonicalPlaces: Set<RunPlace> = []

    /// A run's loop and id.
    package struct Name: Sendable, Hashable {
        package var loop: JSONString
        package var runID: RunID
    }

    private static let deepest = 8
    private static let stateSuffix = ".state.json"
    private static let eventsSuffix = ".events.jsonl"

    /// No runs.
    package init() {}

    /// Reads all of `.running`, sub-directories too, since loops with a slash in their name work there.
    ///
    /// - Throws: what the system says of a directory or file that cannot be read: then nobody can tell what is running,
    ///   and nothing may be removed.
    package static func read(_ loops: LoopsDirectory) throws(PosixError) -> RunningRuns {
        var runs = RunningRuns()
        if let running = try loops.running() { try runs.read(running, depth: 0) }
        for name in runs.names {
            for layout in HistoryLayout.allCases {
                runs.canonicalPlaces.insert(.canonical(loop: name.loop, run: name.runID, layout: layout))
            }
        }
        return runs
    }

    private mutating func read(_ directory: any Directory, depth: Int) throws(PosixError) {
        for entry in try directory.entries() {
            switch entry.kind {
            case .directory:
                guard depth < Self.deepest, let below = try directory.subdirectory(entry.name) else { continue }
                try read(below, depth: depth + 1)
            case .file where entry.name.hasSuffix(Self.stateSuffix):
                try readState(entry.name, in: directory)
            case .file where entry.name.hasSuffix(Self.eventsSuffix):
                try readEvents(entry.name, in: directory)
            case .file, .link, .other:
                break
            }
        }
    }

    private mutating func readState(_ name: FileName, in directory: any Directory) throws(PosixError) {
        let bytes: [UInt8]
        do {
            guard let found = try directory.contents(of: name, limit: HistoryScan.stateLimit) else { return }
            bytes = found
        } catch {
            // No state is that large; its events tell which run it is.
            guard error.code == .fileTooBig else { throw error }
            return
        }
        guard let state = try? LoopState(parsing: bytes) else { return }
        identities.insert(.state(loop: state.loopName, startedAt: state.startedAt))
        names.insert(Name(loop: state.loopName, runID: RunID(startedAt: state.startedAt)))
    }

    private mutating func readEvents(_ name: FileName, in directory: any Directory) throws(PosixError) {
        guard let file = try directory.openFile(name, for: .reading),
            let (line, event) = try EventsEnds.firstLoopStart(in: file)
        else { return }
        identities.insert(.loopStart(line))
        if let loop = event.loop, let time = event.timestamp {
            names.insert(Name(loop: loop, runID: RunID(startedAt: time)))
        }
    }

    /// Whether a file of this run is in `.running`.
    package func contains(_ run: ArchivedRun) -> Bool {
        if let identity = run.identity, identities.contains(identity) { return true }
        return names.contains(Name(loop: run.loop, runID: run.runID))
    }
}
