import LoopModel
import LoopStore
import SyncCore

/// A run that a person named, archived or still in `.running`.
///
/// Its files are opened when they are asked for: a history has more directories than a process has descriptors.
struct FoundRun {
    /// Where its files are.
    enum Site {
        /// Below a `.history`.
        case archived(ArchivedRun, any Directory)
        /// Below a `.running`.
        case running(LiveRun, any Directory)
    }

    let loop: JSONString
    /// The id under which it stands.
    let id: String
    let startedAt: JSONString?
    let site: Site
    /// The directory that its `.history` or `.running` is in, where that is not the loops directory at hand.
    var root: String?

    init(_ run: ArchivedRun, in history: any Directory) {
        loop = run.loop
        id = run.shownID
        startedAt = run.startedAt
        site = .archived(run, history)
    }

    /// - Returns: nil where neither state nor events tell which run it is.
    init?(_ run: LiveRun, in running: any Directory) {
        site = .running(run, running)
        if let state = run.state {
            loop = state.loopName
            startedAt = state.startedAt
        } else {
            guard let start = try? Self.start(of: run, in: running), let name = start.loop else { return nil }
            loop = name
            startedAt = start.startedAt?.iso
        }
        id = startedAt.map { RunID(startedAt: $0).description } ?? ""
    }

    /// What to type to mean this run.
    var selector: String { "\(shownLoop)/\(id)" }

    /// The loop's name, safe to print.
    var shownLoop: String { PrintableText.escaping(loop.bytes) }

    /// How it stands, by its state; nil where there is none that parses.
    var status: RunStatus? {
        switch site {
        case .archived(let run, _): run.status
        case .running(let run, _): run.state?.status
        }
    }

    /// How many states were entered, by its state.
    var iteration: JSONValue? {
        switch site {
        case .archived(let run, _): run.iteration
        case .running(let run, _): run.state?.iteration
        }
    }

    /// What it captured, by its state; null where there is none that parses.
    func captured() throws(PosixError) -> JSONValue {
        switch site {
        case .archived(let run, let history):
            return try HistoryScan.state(of: run.place, in: history)?.captured ?? .null
        case .running(let run, _): return run.state?.captured ?? .null
        }
    }

    /// The path of its files for people, below the loops directory at hand where they are there.
    var path: String {
        let path =
            switch site {
            case .archived(let run, _): ".history/\(run.place)"
            case .running(let run, _): ".running/\(run.stem)"
            }
        return root.map { "\($0)/\(path)" } ?? path
    }

    /// Its archive; nil for a run that is only in `.running`.
    var archive: ArchivedRun? {
        if case .archived(let run, _) = site { run } else { nil }
    }

    /// The process that runs it; nil where none lives.
    var process: Int32? {
        if case .running(let run, _) = site { run.process } else { nil }
    }

    /// Opens its events; nil where there are none, or the run has gone.
    func events() throws(PosixError) -> (any File)? {
        switch site {
        case .archived(let run, let history):
            try Self.openFile(.events, in: HistoryScan.directory(of: run.place, in: history))
        case .running(let run, let running):
            try Self.events(of: run, in: running)
        }
    }

    /// Reads its events from beginning to end.
    func story(visitLimit: Int = 100_000, outputLimit: Int = 20) throws(PosixError) -> RunStory {
        var reader = RunStoryReader(visitLimit: visitLimit, outputLimit: outputLimit)
        guard let file = try events() else { return reader.told() }
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(at: offset, count: 1 << 18)
            guard !bytes.isEmpty else { return reader.told() }
            reader.consume(bytes)
            offset += Int64(bytes.count)
        }
    }

    static func events(of run: LiveRun, in running: any Directory) throws(PosixError) -> (any File)? {
        var directory: (any Directory)? = running
        for name in run.stem.directories { directory = try directory?.subdirectory(name) }
        guard let name = RunningFile.events.name(for: run.stem) else { return nil }
        return try openFile(name, in: directory)
    }

    /// So much of the end of the events is read.
    private static let tail: Int64 = 1 << 16

    /// The events at a file's end, 200 at most.
    static func lastEvents(in file: any File) throws(PosixError) -> [LoopEvent] {
        let size = try file.status().size
        let bytes = try file.read(at: max(0, size - tail), count: Int(tail))
        return bytes.split(separator: UInt8(ascii: "\n")).suffix(200).compactMap { LoopEvent(line: $0) }
    }

    /// Opens a regular file; nil where something else stands there.
    private static func openFile(_ name: FileName, in directory: (any Directory)?) throws(PosixError) -> (any File)? {
        do {
            return try directory?.openFile(name, for: .reading)
        } catch  where [.isDirectory, .symbolicLink, .invalid].contains(error.code) {
            return nil
        }
    }

    /// The beginning of a run that has no state yet.
    private static func start(of run: LiveRun, in running: any Directory) throws(PosixError) -> RunStory? {
        guard let file = try events(of: run, in: running) else { return nil }
        var reader = RunStoryReader(visitLimit: 0, outputLimit: 0)
        reader.consume(try file.read(at: 0, count: 1 << 16))
        return reader.told()
    }
}
