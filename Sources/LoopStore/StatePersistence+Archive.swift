import Glibc
import LoopModel

/// Why a run was not archived; nothing is lost then, and nothing half done.
public enum RunArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Somebody else is writing to the run or to the history; try again.
    case busy(String)
    /// The system refused a call.
    case system(PosixError)

    /// The reason, and what to do next.
    public var description: String {
        switch self {
        case .busy(let reason): "run not archived now: \(reason); try again when that is over"
        case .system(let error): "run not archived: \(error)"
        }
    }
}

extension StatePersistence {
    /// How long to wait for another process that changes the history, in seconds.
    private static let lockPatience = 10.0

    /// Copies the current run's files into the history: `.history/LOOP/RUN_ID/state.json` and `events.jsonl`.
    ///
    /// The run id comes from the state's `started_at`; without a readable state from the events' `loop_start`, and
    /// without that from the current time, which is the specification's only fallback. Modification times and modes are
    /// kept. Unlike in the specification the directory appears complete, at once and durably, with the sums of its
    /// files in `SHA256SUMS`, and another run of the same second keeps its archive: this one goes beside it as
    /// `RUN_ID-2`.
    ///
    /// - Returns: the path of the run's directory; nil where there was no file to archive.
    @discardableResult
    public func archiveRun() throws(RunArchiveError) -> String? {
        let source: RunSource
        let loops: LoopsDirectory
        let lock: HistoryLock?
        do {
            guard let opened = try LoopsDirectory.open(path: loopsDirectory), let running = try opened.running(),
                let current = try currentRun(in: running)
            else { return nil }
            loops = opened
            source = current
            lock = try HistoryLock.acquire(loops, waiting: Self.lockPatience)
        } catch {
            throw .system(error)
        }
        guard let lock else { throw .busy("another process has been changing \(loopsDirectory)/.history for 10 s") }
        let archiver = RunArchiver(loops: loops, process: getpid())
        let outcome = withExtendedLifetime(lock) {
            archiver.archive(ArchiveRequest(source, runningStarts: []), now: clock())
        }
        switch outcome {
        case .archived(let place, _, _, _, _):
            return "\(loopsDirectory)/\(FileName.history)/\(place)"
        case .wait(let reason):
            throw .busy(reason)
        case .failed(let error):
            throw .system(error)
        }
    }

    /// Archives the current run, then removes its files, for a new run.
    ///
    /// The events go first and the state last: an executor that comes between finds a state without events, while the
    /// specification's order leaves it events that it would archive under the next run's name. Where archiving fails
    /// nothing is removed.
    public func clearAll() throws(RunArchiveError) {
        // The files are the caller's own. Should somebody write to them all the same, that is archived too; three
        // rounds are for a stray write, not for a run that is still alive.
        for _ in 0..<3 {
            let before = try sizes()
            try archiveRun()
            // RACE: a write between this look and the removal is lost, as in the specification.
            guard try sizes() == before else { continue }
            do {
                try clearEvents()
                try clearState()
                return
            } catch {
                throw .system(error)
            }
        }
        throw .busy("the files of \(loopName) in \(runningDirectory) are being written to")
    }

    private func currentRun(in running: any Directory) throws(PosixError) -> RunSource? {
        let state = try content(stateName, in: running)
        let events = try content(eventsName, in: running)
        if state == nil, events == nil { return nil }

        let saved = state == nil ? nil : try readableState()
        var start: (line: [UInt8], event: LoopEvent)?
        if events != nil, let file = try running.openFile(eventsName, for: .reading) {
            start = try EventsEnds.firstLoopStart(in: file)
        }
        let startedAt =
            [saved?.startedAt, start?.event.timestamp].compactMap(\.self).first { !RunID(startedAt: $0).isEmpty }
            ?? clock().iso
        return RunSource(
            identity: start.map { .loopStart($0.line) } ?? .state(loop: loopName, startedAt: startedAt),
            loop: loopName,
            runID: RunID(startedAt: startedAt),
            layout: .nested,
            isInRunning: true,
            events: events.map { [$0] } ?? [],
            state: state,
            stateIsReadable: saved != nil,
            isFinished: true
        )
    }

    /// The state where it can be read; one that is too large is archived as one that does not parse.
    private func readableState() throws(PosixError) -> LoopState? {
        do {
            return try load()
        } catch  where error.code == .fileTooBig {
            return nil
        }
    }

    private func content(_ name: FileName, in running: any Directory) throws(PosixError) -> SourceContent? {
        guard let status = try running.status(of: name), status.kind == .file else { return nil }
        return .file(running, name, status.identity)
    }

    /// What tells that a file was written to, leaving out what a hard link changes.
    private func sizes() throws(RunArchiveError) -> [FileName: [Int64]] {
        do {
            guard let running = try running() else { return [:] }
            var sizes: [FileName: [Int64]] = [:]
            for name in [stateName, eventsName] {
                guard let status = try running.status(of: name) else { continue }
                sizes[name] = [Int64(bitPattern: status.identity.inode), status.size, status.modified]
            }
            return sizes
        } catch {
            throw .system(error)
        }
    }
}
