public import LoopModel

/// What lies below `.loops/.history`, as the specification's functions read it.
public enum RunHistory {
    /// The states of a loop's archived runs, newest first by `started_at` as text.
    ///
    /// Runs of both layouts: in the loop's own directory, where like in the specification the directory decides, and
    /// flat ones whose state names the loop. What holds no state is left out.
    ///
    /// - Parameters:
    ///   - loop: the loop's name.
    ///   - loopsDirectory: the path of the loops directory.
    ///   - warn: takes each state file that was left out, with the reason.
    /// - Throws: what the system says of a directory that it does not list.
    public static func runs(
        of loop: JSONString,
        in loopsDirectory: String = ".loops",
        warn: StateFile.WarningHandler = { _ in }
    ) throws(PosixError) -> [LoopState] {
        guard let history = try LoopsDirectory.open(path: loopsDirectory)?.history() else { return [] }
        var found: [(state: LoopState, place: RunPlace)] = []
        for name in nestedNames(of: loop) {
            guard let directory = try subdirectory(name, of: history) else { continue }
            for run in try directory.entries() where run.kind == .directory {
                let place = RunPlace(loop: name, run: run.name)
                if let state = state(run.name, in: directory, warn) { found.append((state, place)) }
            }
        }
        for run in try history.entries() where run.kind == .directory && isFlat(run.name, loop) {
            guard let state = state(run.name, in: history, warn), state.loopName == loop else { continue }
            found.append((state, RunPlace(flat: run.name)))
        }
        return found.sorted { ($0.state.startedAt, $0.place) > ($1.state.startedAt, $1.place) }.map(\.state)
    }

    /// The events of an archived run; empty where there is none.
    ///
    /// - Parameters:
    ///   - loop: the loop's name.
    ///   - run: the run's id, that is the name of its directory (nested) or what stands before the loop in it (flat).
    ///   - loopsDirectory: the path of the loops directory.
    public static func events(
        of loop: JSONString,
        run: RunID,
        in loopsDirectory: String = ".loops"
    ) throws(PosixError) -> [LoopEvent] {
        guard let history = try LoopsDirectory.open(path: loopsDirectory)?.history() else { return [] }
        for name in nestedNames(of: loop) {
            if let directory = try subdirectory(name, of: history),
                let events = try events(PathSafeName.component(for: run), in: directory)
            {
                return events
            }
        }
        let flat = RunPlace.canonical(loop: loop, run: run, layout: .flat)
        return try events(flat.runName, in: history) ?? []
    }

    /// The events of a loop's current run, in `.running`; empty where there are none.
    public static func currentEvents(
        of loop: JSONString,
        in loopsDirectory: String = ".loops"
    ) throws(PosixError) -> [LoopEvent] {
        try StatePersistence(loopName: loop, loopsDirectory: loopsDirectory).events()
    }

    /// The directory names that a loop can have: the executor's own, and that of this program where it differs.
    private static func nestedNames(of loop: JSONString) -> [FileName] {
        let safe = PathSafeName.component(for: loop)
        guard let bytes = loop.fileSystemBytes, let plain = FileName(bytes), plain != safe else { return [safe] }
        return [plain, safe]
    }

    private static func isFlat(_ name: FileName, _ loop: JSONString) -> Bool {
        RunPlace.parts(ofFlat: name)?.loop == PathSafeName.component(for: loop)
    }

    private static func state(
        _ run: FileName,
        in directory: any Directory,
        _ warn: StateFile.WarningHandler
    ) -> LoopState? {
        let runDirectory: (any Directory)?
        do {
            runDirectory = try subdirectory(run, of: directory)
        } catch {
            warn(.system(error))
            return nil
        }
        guard let runDirectory else { return nil }
        do {
            return try StateFile.read(.state, in: runDirectory)
        } catch {
            warn(error)
            return nil
        }
    }

    private static func events(_ run: FileName, in directory: any Directory) throws(PosixError) -> [LoopEvent]? {
        guard let runDirectory = try subdirectory(run, of: directory) else { return nil }
        return try EventLines.events(of: .events, in: runDirectory)
    }

    /// A directory below; nil also where something else stands there, which is no history.
    private static func subdirectory(_ name: FileName, of directory: any Directory) throws(PosixError)
        -> (any Directory)?
    {
        do {
            return try directory.subdirectory(name)
        } catch  where [.notDirectory, .symbolicLink].contains(error.code) {
            return nil
        }
    }
}
