import Glibc
public import LoopModel

extension StatePersistence {
    /// Sets the current run's files aside, for a new run: they get the stem `NAME-YYYYMMDDTHHMMSS`, after the local time
    /// at which the run started.
    ///
    /// Nothing is copied and nothing overwritten: each file is renamed to a name that is free; where another run of that
    /// second has it, the next free second is taken. The stem is of the form that little-loops 1.95 and later use, so
    /// that its readers and the agent find the run, which can still be resumed from there.
    ///
    /// - Returns: the stem; nil where there was no file.
    @discardableResult
    public func setAside() throws(PosixError) -> FileName? {
        guard let running = try running() else { return nil }
        // The events first: an executor that comes between finds a state without events, and not events that it would
        // take for the next run's.
        let files = [(eventsName, RunningName.eventsSuffix), (stateName, RunningName.stateSuffix)]
        var present: [(name: FileName, suffix: String)] = []
        for (name, suffix) in files where try running.status(of: name) != nil { present.append((name, suffix)) }
        guard !present.isEmpty else { return nil }
        var start = try startOfCurrentRun(in: running)
        while true {
            let stem = stem + Array("-\(Self.localStem(start))".utf8)
            start = start.adding(seconds: 1)
            let targets = present.compactMap { name, suffix in FileName(stem + suffix.utf8).map { (name, $0) } }
            guard targets.count == present.count else {
                throw PosixError(call: "rename", path: stateFile, code: .nameTooLong)
            }
            var isFree = true
            for (name, suffix) in files {
                guard let target = FileName(stem + suffix.utf8), try running.status(of: target) != nil else { continue }
                if name == eventsName, try isFirstHalf(target, in: running) { continue }
                isFree = false
            }
            if isFree, try move(targets, in: running) { return FileName(stem) }
        }
    }

    /// Whether events that were set aside are this state's, whose executor was killed between the two renames.
    ///
    /// A run's start is taken right before its first event is written, so that those of another run of that second began
    /// before this state's run, or have a state of their own beside them.
    private func isFirstHalf(_ events: FileName, in running: any Directory) throws(PosixError) -> Bool {
        guard try running.status(of: eventsName) == nil, let file = try running.openFile(events, for: .reading),
            let began = try EventsEnds.firstLoopStart(in: file)?.event.timestamp.flatMap({ Timestamp(iso: $0) }),
            let start = try? StateFile.read(stateName, in: running).flatMap({ Timestamp(iso: $0.startedAt) })
        else { return false }
        return began >= start && began < start.adding(seconds: 1)
    }

    /// Renames the files; false where somebody else took the first name in the meantime.
    private func move(_ targets: [(FileName, FileName)], in running: any Directory) throws(PosixError) -> Bool {
        var isFirst = true
        for (name, target) in targets {
            do {
                try running.rename(name, into: running, as: target, .notReplacing)
            } catch  where error.code == .exists && isFirst {
                return false
            }
            isFirst = false
        }
        return true
    }

    /// What stands before the suffix of the files' names.
    var stem: [UInt8] {
        Array(stateName.bytes.dropLast(RunningName.stateSuffix.utf8.count))
    }

    /// From the state, else from the first `loop_start`, else from when the events were last written.
    private func startOfCurrentRun(in running: any Directory) throws(PosixError) -> Timestamp {
        if let started = try? StateFile.read(stateName, in: running)?.startedAt, let start = Timestamp(iso: started) {
            return start
        }
        if let file = try? running.openFile(eventsName, for: .reading) {
            if let started = try EventsEnds.firstLoopStart(in: file)?.event.timestamp,
                let start = Timestamp(iso: started)
            {
                return start
            }
            return Timestamp(nanoseconds: try file.status().modified)
        }
        return clock()
    }

    /// A moment's local date and time as instances have it in their names.
    static func localStem(_ moment: Timestamp) -> String {
        var seconds = time_t(moment.seconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return "19700101T000000" }
        return String(unsafeUninitializedCapacity: 32) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, "%Y%m%dT%H%M%S", &parts) }
        }
    }
}
