import LoopModel
import LoopStore
import SyncAgent

/// The loops directory that a verb works on.
struct LoopsPlace {
    /// As a person named it.
    let path: String
    /// Whether the configuration alone named it, so that a person who names a run does not mean it before others.
    var isConfigured = false
    let loops: LoopsDirectory
    /// What is known of its history from before.
    let catalogue: CatalogueKeeper

    private init(path: String, loops: LoopsDirectory, isQuiet: Bool) {
        self.path = path
        self.loops = loops
        catalogue = CatalogueKeeper(loops, isMakingPlace: false) { if !isQuiet { Output.talk("loopsync: \($0)") } }
    }

    /// Opens the directory that `--loops`, else `$LOOPSYNC_LOOPS`, names; `.loops` by default.
    ///
    /// - Throws: a `Failure` that names the right path where the given one holds a `.loops`.
    static func open(_ global: GlobalOptions, environment: (String) -> String? = Environment.value) throws -> LoopsPlace
    {
        let path = global.loops ?? environment("LOOPSYNC_LOOPS") ?? ".loops"
        try refuseParent(path, option: "--loops")
        do {
            guard let loops = try LoopsDirectory.open(path: path) else {
                throw Failure(
                    .noLoops,
                    "no loops directory at \(path). Change to the project that has one, or name it with --loops DIR"
                        + (global.loops == nil ? hint(global) : "")
                )
            }
            return LoopsPlace(path: path, loops: loops, isQuiet: global.quiet)
        } catch let error as PosixError {
            throw Failure(.noLoops, "\(error): \(path) cannot be opened as a loops directory")
        }
    }

    /// The right to change the history, which a running agent gives up between any two changes.
    ///
    /// - Throws: a `Failure` where another process holds it for longer than a person should wait.
    func lock() throws -> HistoryLock {
        guard let lock = try HistoryLock.acquire(loops, waiting: 10) else {
            throw Failure(
                .locked,
                "\(path)/.loopsync/lock was held by another process for 10 s; nothing was changed. Try again, or see "
                    + "who holds it: fuser -v \(path)/.loopsync/lock"
            )
        }
        return lock
    }

    /// Refuses a directory that is no loops directory but holds one, as a person's project does.
    ///
    /// - Parameters:
    ///   - path: as given.
    ///   - option: the option that gave it, for the message.
    static func refuseParent(_ path: String, option: String) throws {
        guard !path.isEmpty else { throw Failure(.usage, "\(option) needs a path") }
        guard LoopsDirectory.isProject(path: path) else { return }
        let right = path.hasSuffix("/") ? "\(path).loops" : "\(path)/.loops"
        throw Failure(.usage, "\(path) is a project, not its loops directory. Did you mean: \(option) \(right)")
    }
}
