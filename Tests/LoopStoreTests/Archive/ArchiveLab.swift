import Glibc
import LoopModel
import LoopStore
import TestSupport

/// A loops directory in which runs are written as executors write them, and archived.
final class ArchiveLab {
    let temporary: TemporaryDirectory
    var loops: String { temporary.path("loops") }
    var running: String { "\(loops)/.running" }
    var history: String { "\(loops)/.history" }
    var now = Timestamp(seconds: 1_795_100_000)

    init() throws {
        temporary = try TemporaryDirectory()
        try Disk.makeDirectories(temporary.path("loops/.running"))
    }

    func open(_ faults: Faults? = nil) throws -> LoopsDirectory {
        guard let root = try PosixDirectory.open(path: loops) else { throw TestSupportError("no \(loops)") }
        return LoopsDirectory(root: faults.map { FaultyDirectory(root, $0) } ?? root)
    }

    func historyDirectory() throws -> any Directory {
        guard let directory = try open().history() else { throw TestSupportError("no history") }
        return directory
    }

    /// A file in `.running` as a source.
    func content(_ path: String, in loops: LoopsDirectory) throws -> SourceContent? {
        guard let running = try loops.running(), let name = FileName(path), let status = try running.status(of: name)
        else { return nil }
        return .file(running, name, status.identity)
    }

    /// A run's source from its files in `.running`, as the agent would give it.
    func source(
        _ run: SyntheticRun,
        isInRunning: Bool = true,
        events: [String]? = nil,
        in loops: LoopsDirectory? = nil,
        change: (inout RunSource) -> Void = { _ in }
    ) throws -> RunSource {
        let loops = try loops ?? open()
        let state = Disk.read("\(running)/\(run.stem).state.json")
        let files = try (events ?? ["\(run.stem).events.jsonl"]).compactMap { try content($0, in: loops) }
        var source = RunSource(
            identity: files.isEmpty
                ? .state(loop: JSONString(run.loop), startedAt: JSONString(run.startedAt))
                : .loopStart(Array(run.eventLines[0].utf8)),
            loop: JSONString(run.loop),
            runID: RunID(startedAt: JSONString(run.startedAt)),
            layout: run.executor.layout,
            isInRunning: isInRunning,
            events: files,
            state: try content("\(run.stem).state.json", in: loops),
            stateIsReadable: state.flatMap { try? LoopState(parsing: $0) } != nil,
            isFinished: true
        )
        change(&source)
        return source
    }

    /// The same from bytes, for a run whose files have left `.running`.
    func pinned(_ run: SyntheticRun) -> RunSource {
        let modified = Int64(run.start) * 1_000_000_000
        return RunSource(
            identity: .loopStart(Array(run.eventLines[0].utf8)),
            loop: JSONString(run.loop),
            runID: RunID(startedAt: JSONString(run.startedAt)),
            layout: run.executor.layout,
            isInRunning: false,
            events: [.bytes(run.events, modified: modified, mode: 0o644)],
            state: .bytes(run.state, modified: modified, mode: 0o644),
            stateIsReadable: true,
            isFinished: true
        )
    }

    func archive(_ source: RunSource, starts: Set<RunID> = [], known: RunPlace? = nil, faults: Faults? = nil) throws
        -> ArchiveOutcome
    {
        RunArchiver(loops: try open(faults), process: 4711)
            .archive(ArchiveRequest(source, runningStarts: starts, knownPlace: known), now: now)
    }

    /// Archives and gives what was done.
    @discardableResult
    func archived(_ source: RunSource, starts: Set<RunID> = [], known: RunPlace? = nil) throws -> Archived {
        switch try archive(source, starts: starts, known: known) {
        case .archived(let place, let change, let conflicts, let moved, _):
            return Archived(
                place: "\(place)",
                change: change,
                conflicts: conflicts,
                moved: moved.map { "\($0.from) -> \($0.to)" }
            )
        case .wait(let reason): throw TestSupportError("wait: \(reason)")
        case .failed(let error): throw TestSupportError("failed: \(error)")
        }
    }

    /// Where archiving a run once more finds it, without a change.
    func met(_ source: RunSource) throws -> [String] {
        guard case .archived(_, .unchanged, _, _, let places) = try archive(source) else { return ["it was changed"] }
        return places.map { "\($0)" }
    }

    struct Archived: Hashable {
        var place: String
        var change: ArchiveChange
        var conflicts: [String] = []
        var moved: [String] = []
    }

    /// All that stands in the history.
    var tree: TreeSnapshot { TreeSnapshot(of: history) }

    /// Whether nothing is left of any assembling.
    var stagingIsEmpty: Bool { Disk.names(in: "\(loops)/.loopsync/staging").isEmpty }

    /// What `sha256sum -c` says in every directory of the history; empty where all is well.
    func checkSums() throws -> [String] {
        let loops = try open()
        guard let history = try loops.history() else { return ["no history"] }
        return try HistoryScan.places(in: history).compactMap { place in
            let check = try Subprocess.run(
                ["/usr/bin/sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"],
                in: "\(self.history)/\(place)"
            )
            return check.succeeded ? nil : "\(place): \(check)"
        }
    }

    /// Copies as `shutil.copy2` does: truncate, write, times, mode.
    func copy2(_ from: String, to target: String) throws {
        guard let bytes = Disk.read(from) else { throw TestSupportError("no \(from)") }
        try Disk.write(bytes, to: target)
        let copied = try Subprocess.run(["/usr/bin/touch", "-r", from, target])
        guard copied.succeeded else { throw TestSupportError("touch: \(copied)") }
    }

    /// Archives as the executor does.
    func executorArchives(_ run: SyntheticRun) throws {
        let place = "\(history)/\(run.place)"
        try Disk.makeDirectories(place)
        for (from, to) in [("state.json", "state.json"), ("events.jsonl", "events.jsonl")] {
            try copy2("\(running)/\(run.stem).\(from)", to: "\(place)/\(to)")
        }
    }

    func setModified(_ path: String, seconds: Int) throws {
        var times = [timespec(tv_sec: seconds, tv_nsec: 123_456_789), timespec(tv_sec: seconds, tv_nsec: 123_456_789)]
        guard utimensat(AT_FDCWD, path, &times, 0) == 0 else { throw TestSupportError("utimensat \(path)") }
    }
}

func runPlace(_ text: String) -> RunPlace? {
    let names = text.split(separator: "/").compactMap { FileName(String($0)) }
    return names.count == 2 ? RunPlace(loop: names[0], run: names[1]) : names.first.map(RunPlace.init(flat:))
}
