public import LoopModel

/// The state and events files of one loop, as an executor keeps them below `.loops/.running`.
///
/// These are the functions of the specification's `StatePersistence`. They work on the same bytes; where the
/// specification loses data or stops at a file that another process wrote, the documentation of a function says what
/// it does instead. A value holds no open file and does nothing by itself.
public struct StatePersistence: Sendable {
    /// The loop's name.
    public let loopName: JSONString
    /// The loops directory's path, `.loops` by default.
    public let loopsDirectory: String

    let clock: @Sendable () -> Timestamp
    let warn: StateFile.WarningHandler

    /// Names a loop's files; nothing is read or made.
    ///
    /// - Parameters:
    ///   - loopName: any name. One that is no plain file name, which the specification would follow out of the
    ///     directory or fail on, gets the file name that `PathSafeName` makes of it.
    ///   - loopsDirectory: the path of the loops directory.
    ///   - clock: gives the time of a save.
    ///   - warn: takes what `load` has to say about a file that is no state.
    public init(
        loopName: JSONString,
        loopsDirectory: String = ".loops",
        clock: @escaping @Sendable () -> Timestamp = WallClock.now,
        warn: @escaping StateFile.WarningHandler = StateFile.warnOnStandardError
    ) {
        self.loopName = loopName
        self.loopsDirectory = loopsDirectory
        self.clock = clock
        self.warn = warn
    }

    /// The path of the directory that holds both files.
    public var runningDirectory: String {
        "\(loopsDirectory)/\(FileName.running)"
    }

    /// The path of the state file, made printable.
    public var stateFile: String {
        "\(runningDirectory)/\(stateName)"
    }

    /// The path of the events file, made printable.
    public var eventsFile: String {
        "\(runningDirectory)/\(eventsName)"
    }

    /// Makes the directory that holds both files, and what is missing above it.
    public func initialize() throws(PosixError) {
        let loops = try LoopsDirectory(root: PosixDirectory.ensure(path: loopsDirectory))
        _ = try loops.root.ensureDirectory(.running, followingLink: true)
    }

    var stateName: FileName {
        RunningName.state(of: loopName)
    }

    var eventsName: FileName {
        RunningName.events(of: loopName)
    }

    /// The directory that holds both files; nil where there is none.
    func running() throws(PosixError) -> (any Directory)? {
        try LoopsDirectory.open(path: loopsDirectory)?.running()
    }

    /// The directory that holds both files, for a write.
    func existingRunning(for name: FileName) throws(PosixError) -> any Directory {
        if let running = try running() { return running }
        // As the specification: whoever writes has called `initialize`.
        throw PosixError(call: "open", path: "\(runningDirectory)/\(name)", code: .noEntry)
    }
}

/// The names of a loop's files below `.running` by the specification: its name and what they are.
package enum RunningName {
    package static let stateSuffix = ".state.json"
    package static let eventsSuffix = ".events.jsonl"

    package static func state(of loop: JSONString) -> FileName {
        name(of: loop, stateSuffix)
    }

    package static func events(of loop: JSONString) -> FileName {
        name(of: loop, eventsSuffix)
    }

    private static func name(of loop: JSONString, _ suffix: String) -> FileName {
        // Both files of a loop use the same stem, so that the longer suffix decides whether it fits.
        if let bytes = loop.fileSystemBytes, FileName(bytes + eventsSuffix.utf8) != nil,
            let plain = FileName(bytes + suffix.utf8)
        {
            return plain
        }
        let safe = PathSafeName.component(for: loop)
        return FileName(safe.bytes + suffix.utf8) ?? safe
    }
}
