import Glibc
public import LoopModel

/// Why a state file gives no state.
public enum StateFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such file.
    case missing(path: String)
    /// Its content is no state: which file, and the reason with the key where it is about one.
    case unreadable(path: String, LoopStateError)
    /// The system did not give its content; a file above `StateFile.sizeLimit` is one of these (EFBIG).
    case system(PosixError)

    /// The file, the reason, and what to do about it.
    public var description: String {
        switch self {
        case .missing(let path):
            "no state file \(path): the loop has not run, or its state was cleared"
        case .unreadable(let path, let reason):
            "corrupted state file \(path): \(reason); the run cannot be resumed from it, its events are still readable"
        case .system(let error):
            "state file not read: \(error)"
        }
    }
}

/// Reads state files, and bounds what one may cost.
public enum StateFile {
    /// A larger file is refused, in bytes; states of several hundred kilobytes happen.
    public static let sizeLimit = HistoryScan.stateLimit

    /// Takes warnings about files that were left out.
    public typealias WarningHandler = @Sendable (StateFileError) -> Void

    /// Writes a warning to standard error, one line each, as Python's logging does without set-up.
    public static let warnOnStandardError: WarningHandler = { warning in
        let line = Array("\(warning)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Reads a state; nil where there is no file.
    package static func read(_ name: FileName, in directory: any Directory) throws(StateFileError) -> LoopState? {
        let bytes: [UInt8]?
        do {
            bytes = try directory.contents(of: name, limit: sizeLimit)
        } catch {
            throw .system(error)
        }
        guard let bytes else { return nil }
        do {
            return try LoopState(parsing: bytes)
        } catch {
            throw .unreadable(path: "\(directory.path)/\(name)", error)
        }
    }
}
