import Glibc

/// Calls of the system that do the same and differ only in how they name a file.
enum CallGroup: String, CaseIterable {
    case write, sync, rename, link, unlink, open
    case makeDirectory = "mkdir"

    /// Their names; not every machine has each.
    var calls: [String] {
        switch self {
        case .write: ["write", "pwrite64", "writev"]
        case .sync: ["fsync", "fdatasync"]
        case .rename: ["rename", "renameat", "renameat2"]
        case .link: ["link", "linkat"]
        case .unlink: ["unlink", "unlinkat", "rmdir"]
        case .open: ["open", "openat", "openat2"]
        case .makeDirectory: ["mkdir", "mkdirat"]
        }
    }
}

/// What becomes of one call instead of what it should do.
enum Fault: String, CaseIterable, CustomStringConvertible {
    case inputOutput = "EIO"
    case noSpace = "ENOSPC"
    case quota = "EDQUOT"
    case interrupted = "EINTR"
    case access = "EACCES"
    /// The process is killed before the call does anything.
    case killed = "KILL"

    /// As strace is told.
    var injection: String {
        switch self {
        case .killed: "signal=KILL"
        default: "error=\(rawValue)"
        }
    }

    /// What the program says of it, in the system's own words; nil where it has nothing to say.
    var words: String? {
        switch self {
        case .inputOutput: String(cString: strerror(EIO))
        case .noSpace: String(cString: strerror(ENOSPC))
        case .quota: String(cString: strerror(EDQUOT))
        case .access: String(cString: strerror(EACCES))
        case .interrupted, .killed: nil
        }
    }

    var description: String { rawValue }

    /// Whether a call can go wrong so: what only opens a file needs no room, and a kill before it is as one before the
    /// next call that changes something.
    func canHappen(at point: FaultPoint) -> Bool {
        guard point.group == .open, !point.line.contains("O_CREAT") else { return true }
        return [.inputOutput, .interrupted, .access].contains(self)
    }
}

/// One call of one run of the program, counted among those of its name.
struct FaultPoint: CustomStringConvertible {
    let group: CallGroup
    let call: String
    /// From 1.
    let number: Int
    /// What the undisturbed run did there.
    let line: String

    var description: String { "\(call) \(number) (\(line))" }
}
