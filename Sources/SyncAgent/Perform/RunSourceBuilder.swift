import LoopModel
import LoopStore
import SyncCore

extension RunningReader {
    /// Gathers what a run's archive is to be made from: pins where there are any, since they cannot be taken away.
    ///
    /// - Parameters:
    ///   - layout: nil decides by what the run's own executor reads.
    ///   - isFinished: whether nobody will go on with it.
    func source(of run: TrackedRun, layout: HistoryLayout?, isFinished: Bool) throws(PosixError) -> RunSource {
        var events: [SourceContent] = []
        for identity in run.events {
            if let content = try content(.events, identity, run.stem) {
                events.append(content)
            } else if let file = open[identity] {
                // Its name and its pin are gone, its bytes are not.
                events.append(.open(file))
            } else {
                report(
                    "was removed, and its pin too, before it could be archived",
                    at: run.stem.description + ".events.jsonl"
                )
            }
        }
        var siblings: [(name: FileName, content: SourceContent)] = []
        for kind in [RunningFile.log, .metaEvaluation] where !run.isSuperseded {
            guard let archived = kind.archivedName, let name = kind.name(for: run.stem),
                let directory = try directory(run.stem.directories), let status = try directory.status(of: name),
                status.kind == .file
            else { continue }
            siblings.append((archived, .file(directory, name, status.identity)))
        }
        if let bytes = run.state?.bytes, let state = try? LoopState(parsing: bytes) {
            do throws(PosixError) {
                for (name, content) in try runFiles.find(for: state, in: opened.loops) {
                    siblings.append((name: name, content: content))
                }
            } catch  where [.symbolicLink, .notDirectory, .access].contains(error.code) {
                // The run's own word led nowhere we go: the run is archived without them.
            }
        }
        // Version A cuts its state before it writes: one that died in between left nothing to keep in place of the last
        // state that could be read.
        let unreadable = tracker.unreadableState(of: run).flatMap { run.state != nil && $0.isEmpty ? nil : $0 }
        var state = run.state.map { SourceContent.bytes($0.bytes, modified: $0.modified, mode: $0.mode) }
        if let unreadable {
            if case .unreadable(_, let bytes?) = unreadable.content {
                state = .bytes(bytes, modified: unreadable.modified, mode: unreadable.mode)
            } else {
                state = try content(.state, unreadable.identity, run.stem) ?? state
            }
        }
        return RunSource(
            identity: run.identity,
            loop: run.loop,
            runID: run.runID,
            layout: layout ?? (run.carriesRunID ? .flat : .nested),
            isInRunning: run.isInRunning,
            events: events,
            state: state,
            stateIsReadable: unreadable == nil,
            lastGoodState: unreadable == nil ? nil : run.state?.bytes,
            siblings: siblings,
            isFinished: isFinished,
            earlierRunIDs: tracker.otherRunIDs(of: run),
            lastStart: tracker.lastStart(of: run)
        )
    }

    private func content(_ kind: RunningFile, _ identity: FileIdentity, _ stem: Stem) throws(PosixError)
        -> SourceContent?
    {
        switch try opened.pins.source(kind, identity, stem) {
        case .linked(let pins, let name): return .file(pins, name, identity)
        case .held(let file): return .open(file)
        case nil: break
        }
        guard let name = kind.name(for: stem), let directory = try directory(stem.directories),
            try directory.status(of: name)?.identity == identity
        else { return nil }
        return .file(directory, name, identity)
    }
}

extension SyncCore.StateFile {
    fileprivate var isEmpty: Bool {
        if case .unreadable(_, let bytes) = content { bytes?.isEmpty ?? false } else { false }
    }
}
