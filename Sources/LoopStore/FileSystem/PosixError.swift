import Glibc

/// A system call that failed: which, on what, and the reason the system gave.
public struct PosixError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call as its manual page names it.
    public var call: String
    /// The path it was asked to work on, made printable.
    public var path: String
    /// The system's error number.
    public var code: Code

    /// Describes a failed call.
    public init(call: String, path: String, code: Code) {
        self.call = call
        self.path = path
        self.code = code
    }

    /// Whether the system refuses it to this user.
    package var isDenied: Bool { code == .access || code == Code(rawValue: EPERM) }

    /// Describes a call that just failed, by `errno`.
    static func last(_ call: String, _ path: String) -> PosixError {
        PosixError(call: call, path: path, code: Code(rawValue: errno))
    }

    /// The call, the path and the system's own words.
    public var description: String {
        "\(call) \(path): \(code)"
    }

    /// Whether waiting may help: a full, failing, vanished or read-only disk, or one out of reach for now.
    public var isTransient: Bool {
        [
            .noSpace, .quotaExceeded, .inputOutput, .readOnly, .interrupted, .tryAgain, .busy, .stale, .noDevice,
            .tooManyFiles, .tooManyFilesInSystem, .noEntry,
        ].contains(code)
    }

    /// An error number of the system.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The number as in `errno`.
        public var rawValue: Int32

        /// Takes a number as it stood in `errno`.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// The system's text for it, for instance "No space left on device".
        public var description: String {
            String(cString: strerror(rawValue))
        }

        package static let noEntry = Code(rawValue: ENOENT)
        package static let exists = Code(rawValue: EEXIST)
        package static let notEmpty = Code(rawValue: ENOTEMPTY)
        package static let notDirectory = Code(rawValue: ENOTDIR)
        package static let isDirectory = Code(rawValue: EISDIR)
        package static let symbolicLink = Code(rawValue: ELOOP)
        package static let crossDevice = Code(rawValue: EXDEV)
        package static let noSpace = Code(rawValue: ENOSPC)
        package static let quotaExceeded = Code(rawValue: EDQUOT)
        package static let inputOutput = Code(rawValue: EIO)
        package static let readOnly = Code(rawValue: EROFS)
        package static let interrupted = Code(rawValue: EINTR)
        package static let tryAgain = Code(rawValue: EAGAIN)
        package static let busy = Code(rawValue: EBUSY)
        package static let stale = Code(rawValue: ESTALE)
        package static let noDevice = Code(rawValue: ENODEV)
        package static let tooManyFiles = Code(rawValue: EMFILE)
        package static let tooManyFilesInSystem = Code(rawValue: ENFILE)
        package static let invalid = Code(rawValue: EINVAL)
        package static let notSupported = Code(rawValue: ENOSYS)
        package static let operationNotSupported = Code(rawValue: EOPNOTSUPP)
        package static let fileTooBig = Code(rawValue: EFBIG)
        package static let access = Code(rawValue: EACCES)
        package static let notPermitted = Code(rawValue: EPERM)
        package static let badDescriptor = Code(rawValue: EBADF)
        package static let nameTooLong = Code(rawValue: ENAMETOOLONG)
        package static let tooManyLinks = Code(rawValue: EMLINK)
    }
}
