import LoopModel
import LoopStore
import SyncCore

/// What changed in `.running` that the live mirror wants to know.
enum LiveChange {
    /// The events file grew, or is another one; `file` stays readable whatever becomes of its name.
    case events(Stem, any File)
    /// A state that parses.
    case state(Stem, bytes: [UInt8], mode: UInt32, modified: Int64)
    /// The name is gone.
    case gone(Stem, RunningFile)
}

/// Reads one `.running` and tells the tracker what its files say.
///
/// Whatever cannot be read is a problem of its own and never in the way of the other runs.
final class RunningReader {
    let opened: WatchedRoot.Opened
    var tracker: RunTracker
    /// What is wrong, by the path below `.running`; told once, gone when it is right again.
    private(set) var problems: [String: String] = [:]
    /// Whether the last look found new events of a run that goes on, or a state that was read already, and nothing else:
    /// nothing new is to be decided.
    private(set) var hadNothingNew = false
    /// All stems with events or a state in `.running`, and which of both, since the last look at everything; nil where
    /// that was not whole.
    private(set) var listed: [Stem: Set<RunningFile>]?
    /// Whether everything is looked at, so that each stem's owner has its turn after its files.
    private var isRescanning = false
    /// Called for every change, on the caller's thread.
    var onChange: (LiveChange) -> Void = { _ in }

    let processes: any ProcessTable
    var directories: [[FileName]: any Directory] = [:]
    var open: [FileIdentity: any File] = [:]

    private static let piece = 1 << 20
    /// A state larger than this is copied, not understood.
    static let stateLimit = 64 << 20
    private static let deepest = 8

    /// Finds what else of a run is archived.
    var runFiles: RunFiles

    init(
        opened: WatchedRoot.Opened,
        settings: TrackerSettings,
        processes: any ProcessTable,
        runFiles: RunFiles = RunFiles(patterns: [])
    ) {
        self.opened = opened
        self.processes = processes
        self.runFiles = runFiles
        tracker = RunTracker(settings: settings)
    }

    // MARK: Looking

    /// Reads everything anew: what is pinned, then what is in `.running`.
    func rescan(at now: Moment) throws(PosixError) {
        directories = [:]
        listed = nil
        isRescanning = true
        defer { isRescanning = false }
        var isWhole = true
        var found: [Stem: Set<RunningFile>] = [:]
        if let running = try opened.loops.running() { try list(running, [], &found, &isWhole, at: now) }
        // What is pinned comes before what has the names now, so that the present wins.
        try readPins(at: now)
        for (stem, kinds) in found.sorted(by: { $0.key < $1.key }) {
            for kind in [RunningFile.events, .state] where kinds.contains(kind) { look(at: kind, of: stem, now) }
            lookAtSiblings(of: stem, at: now)
        }
        for stem in tracker.stems {
            for kind in [RunningFile.events, .state] where !(found[stem]?.contains(kind) ?? false) {
                look(at: kind, of: stem, now)
            }
            lookAtOwner(of: stem, at: now)
            settle(stem)
        }
        if isWhole { listed = found.filter { $0.value.contains(.events) || $0.value.contains(.state) } }
    }

    /// Lets go of what was never anything and of states that newer ones replaced, and puts the stem's runs together.
    private func settle(_ stem: Stem) {
        let empty = tracker.emptyFiles(of: stem)
        for file in empty { open[file] = nil }
        opened.pins.remove(empty + tracker.supersededStates(of: stem, unreadable: false), of: stem)
        tracker.assemble(stem)
    }

    private func list(
        _ directory: any Directory,
        _ names: [FileName],
        _ found: inout [Stem: Set<RunningFile>],
        _ isWhole: inout Bool,
        at now: Moment
    ) throws(PosixError) {
        directories[names] = directory
        for entry in try directory.entries() {
            if entry.kind == .directory, RunningFile.parse(entry.name) == nil {
                guard names.count < Self.deepest else { continue }
                do throws(PosixError) {
                    guard let below = try directory.subdirectory(entry.name) else { continue }
                    try list(below, names + [entry.name], &found, &isWhole, at: now)
                } catch {
                    isWhole = false
                    report(error.description, at: Stem(directories: names, base: entry.name).description)
                }
            } else if let (kind, base) = RunningFile.parse(entry.name) {
                let stem = Stem(directories: names, base: base)
                found[stem, default: []].insert(kind)
                if kind == .events || kind == .state {
                    _ = opened.pins.pin(kind, stem, named: entry.name, in: directory)
                }
            } else {
                reportNameless(entry.name, names, isThere: true)
            }
        }
    }

    /// Takes a look at one name that changed.
    ///
    /// - Returns: the stem whose runs may have changed.
    func look(at name: FileName, in names: [FileName], at now: Moment) -> Stem? {
        hadNothingNew = false
        guard let (kind, base) = RunningFile.parse(name) else {
            reportNameless(name, names, isThere: (try? directory(names)?.status(of: name)) != nil)
            return nil
        }
        let stem = Stem(directories: names, base: base)
        switch kind {
        case .events, .state: look(at: kind, of: stem, name, now)
        case .pid, .lock: lookAtOwner(of: stem, at: now)
        case .log, .metaEvaluation: lookAtSiblings(of: stem, at: now)
        }
        // Nobody asks for the runs where nothing of them changed.
        if !hadNothingNew { settle(stem) }
        return stem
    }

    /// Looks again at what a run is made of.
    func refresh(_ stem: Stem, at now: Moment) {
        look(at: .events, of: stem, now)
        look(at: .state, of: stem, now)
        lookAtSiblings(of: stem, at: now)
        settle(stem)
    }

    private func look(at kind: RunningFile, of stem: Stem, _ now: Moment) {
        guard let name = kind.name(for: stem) else { return }
        look(at: kind, of: stem, name, now)
    }

    private func look(at kind: RunningFile, of stem: Stem, _ name: FileName, _ now: Moment) {
        let isNew = readFresh(kind, of: stem, at: now)
        do throws(PosixError) {
            guard let directory = try directory(stem.directories), let status = try directory.status(of: name) else {
                readLast(kind, of: stem, except: nil, at: now)
                tracker.named(kind, stem: stem, file: nil, at: now)
                isWell(kind, of: stem)
                onChange(.gone(stem, kind))
                return
            }
            guard status.kind == .file else {
                return report("is no regular file; it is neither read nor archived. Remove it", kind, of: stem)
            }
            if kind == .events {
                try lookAtEvents(stem, name, directory, status, isNew: isNew, now)
            } else {
                try lookAtState(stem, name, directory, isNew: isNew, now)
            }
        } catch {
            report(error.description, kind, of: stem)
        }
    }

    func directory(_ names: [FileName]) throws(PosixError) -> (any Directory)? {
        if let known = directories[names] { return known }
        var directory = try opened.loops.running()
        for name in names { directory = try directory?.subdirectory(name) }
        directories[names] = directory
        return directory
    }

    // MARK: Events

    private func lookAtEvents(
        _ stem: Stem,
        _ name: FileName,
        _ directory: any Directory,
        _ status: FileStatus,
        isNew: Bool,
        _ now: Moment
    ) throws(PosixError) {
        let old = tracker.events[status.identity]
        let before = old?.log
        let segments = before?.starts.count ?? 0
        readLast(.events, of: stem, except: status.identity, at: now)
        guard let file = try openEvents(status.identity, name, directory) else { return }
        try read(file, identity: status.identity, stem: stem, isInRunning: true, at: now)
        if let old, old.stem != stem { opened.pins.renamed(.events, status.identity, from: old.stem, to: stem) }
        tracker.named(.events, stem: stem, file: status.identity, at: now)
        isWell(.events, of: stem)
        // A segment began: whoever writes it has left its pid by now.
        if !isRescanning, isNew || tracker.events[status.identity]?.log.starts.count != segments {
            lookAtOwner(of: stem, at: now)
        }
        if let before, let after = tracker.events[status.identity]?.log {
            hadNothingNew =
                !isNew && before.firstStart != nil && after.starts.count == segments
                && after.position >= before.position
                && before.witness == .none && after.witness == .none
        }
        onChange(.events(stem, file))
    }

    private func openEvents(_ identity: FileIdentity, _ name: FileName, _ directory: any Directory)
        throws(PosixError) -> (any File)?
    {
        if let known = open[identity] { return known }
        guard let file = try directory.openFile(name, for: .reading) else { return nil }
        // The name may have gone to the next file since; then that one's own change is on its way.
        guard try file.status().identity == identity else { return nil }
        open[identity] = file
        return file
    }

    func read(_ file: any File, identity: FileIdentity, stem: Stem, isInRunning: Bool, at now: Moment)
        throws(PosixError)
    {
        let status = try file.status()
        if let position = tracker.position(of: identity), status.size < position { tracker.restarted(identity) }
        var position = tracker.position(of: identity) ?? 0
        repeat {
            let count = Int(min(Int64(Self.piece), status.size - position))
            let bytes = try file.read(at: position, count: count)
            tracker.grew(
                identity,
                stem: stem,
                by: bytes,
                modified: status.modified,
                isInRunning: isInRunning,
                at: now
            )
            position += Int64(bytes.count)
            if bytes.isEmpty { break }
        } while position < status.size
    }

    // MARK: State

    private func lookAtState(
        _ stem: Stem,
        _ name: FileName,
        _ directory: any Directory,
        isNew: Bool,
        _ now: Moment
    ) throws(PosixError) {
        guard let file = try directory.openFile(name, for: .reading) else {
            readLast(.state, of: stem, except: nil, at: now)
            return tracker.named(.state, stem: stem, file: nil, at: now)
        }
        let status = try file.status()
        let isAlone = tracker.inRunning(.state, of: stem, except: status.identity).isEmpty
        if !isAlone { readLast(.state, of: stem, except: status.identity, at: now) }
        let read = try bytesOfState(file, status)
        if let read, tracker.holds(status.identity, of: stem, bytes: read, mode: status.mode, modified: status.modified)
        {
            // Version A's save is two changes of the file, and what the second one left is mostly seen at the first.
            isWell(.state, of: stem)
            // What was just read through its pin was told to nobody yet.
            hadNothingNew = isAlone && !isNew
            if hadNothingNew { return }
        }
        let old = tracker.states[status.identity]?.stem
        takeState(read, status, stem: stem, isInRunning: true, at: now)
        if let old, old != stem { opened.pins.renamed(.state, status.identity, from: old, to: stem) }
        tracker.named(.state, stem: stem, file: status.identity, at: now)
        if case .unreadable(let reason, _) = tracker.states[status.identity]?.content {
            // Version A truncates before it writes: an empty file is told only when it stays empty.
            if status.size > 0 || status.modified / 1000 + 2_000_000 < now.wall.microseconds {
                report("\(reason). Its run is archived with the bytes as they are", .state, of: stem)
            }
        } else if let read {
            isWell(.state, of: stem)
            onChange(.state(stem, bytes: read, mode: status.mode, modified: status.modified))
        }
        opened.pins.remove(tracker.supersededStates(of: stem, unreadable: true), of: stem)
    }

    func readState(_ file: any File, _ status: FileStatus, stem: Stem, isInRunning: Bool, at now: Moment)
        throws(PosixError)
    {
        takeState(try bytesOfState(file, status), status, stem: stem, isInRunning: isInRunning, at: now)
    }

    /// A state's bytes; nil where they are too many to be held.
    private func bytesOfState(_ file: any File, _ status: FileStatus) throws(PosixError) -> [UInt8]? {
        status.size > Int64(Self.stateLimit) ? nil : try file.contents(limit: Self.stateLimit + 4096)
    }

    private func takeState(_ bytes: [UInt8]?, _ status: FileStatus, stem: Stem, isInRunning: Bool, at now: Moment) {
        var content = Result<LoopState, StateProblem>.failure(StateProblem(reason: "is larger than 64 MiB"))
        if let bytes {
            do throws(LoopStateError) {
                content = .success(try LoopState(parsing: bytes))
            } catch {
                content = .failure(StateProblem(reason: error.description))
            }
        }
        tracker.stateRead(
            status.identity,
            stem: stem,
            content: content,
            bytes: bytes,
            mode: status.mode,
            modified: status.modified,
            isInRunning: isInRunning,
            at: now
        )
    }

    // MARK: Runs

    /// Lets go of a run that is whole in the history and gone from `.running`.
    func forget(_ run: TrackedRun) {
        let files = tracker.forget(run)
        for file in files { open[file] = nil }
        opened.pins.remove(files, of: run.stem)
        tracker.assemble(run.stem)
    }

    /// All that is in `.running` now, as if it had just changed.
    func present() -> [LiveChange] {
        var changes: [LiveChange] = []
        for file in tracker.events.values where file.isInRunning {
            if let handle = open[file.identity] { changes.append(.events(file.stem, handle)) }
        }
        for file in tracker.states.values where file.isInRunning {
            guard let state = tracker.version(in: file) else { continue }
            changes.append(.state(file.stem, bytes: state.bytes, mode: file.mode, modified: file.modified))
        }
        return changes
    }

    /// What is to be taken out of `.running` for a run that was archived; nil where it is no longer all there.
    func clearing(of run: TrackedRun) -> Clearer.Request? {
        guard let events = run.events.last.flatMap({ tracker.events[$0] }), events.isInRunning else { return nil }
        let state = run.state.flatMap { version in
            tracker.stateFiles(of: run.stem).first { $0.isInRunning && $0.holds(version) }
        }
        // One half of it was set aside and the other not.
        if let version = run.state, version.stem != run.stem { return nil }
        return Clearer.Request(
            stem: run.stem,
            events: events.identity,
            eventsSize: events.log.position,
            state: state?.identity,
            stateModified: state?.modified ?? 0
        )
    }

    private func reportNameless(_ name: FileName, _ directories: [FileName], isThere: Bool) {
        guard RunningFile.isNameless(name) else { return }
        let path = Stem(directories: directories, base: name).description
        problems[path] = isThere ? "names no loop; it is neither read nor archived. Rename it" : nil
    }

    func report(_ problem: String, at path: String) {
        problems[path] = problem
    }

    private func report(_ problem: String, _ kind: RunningFile, of stem: Stem) {
        report(problem, at: stem.description + kind.suffix)
    }

    private func isWell(_ kind: RunningFile, of stem: Stem) {
        if !problems.isEmpty { problems[stem.description + kind.suffix] = nil }
    }
}
