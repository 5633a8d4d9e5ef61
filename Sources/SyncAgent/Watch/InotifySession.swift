import CInotifyTools
import Glibc

/// The one use of libinotifytools in a process.
///
/// The library keeps its descriptor, its buffers and its table of watches in statics, so that a session is made, used
/// and dropped on one thread. Its own recursion and limits are not used: it reads a directory before it watches it, and
/// asks for files of /proc that do not exist.
struct InotifySession: ~Copyable {
    /// A change as the kernel told it.
    struct Event {
        var watch: Int32
        var mask: UInt32
        var name: [UInt8]

        var isOverflow: Bool { mask & UInt32(IN_Q_OVERFLOW) != 0 }
        var isDirectory: Bool { mask & UInt32(IN_ISDIR) != 0 }
        func has(_ flag: Int32) -> Bool { mask & UInt32(bitPattern: flag) != 0 }
    }

    /// Why a directory could not be watched.
    enum Refusal: Error {
        /// No watches (ENOSPC) or no memory for them are left; the number a user may have is a system setting.
        case exhausted
        /// Anything else, as errno.
        case failed(Int32)
    }

    /// How often each path was watched before: the library never forgets the name of a directory that vanished.
    private var uses: [String: Int] = [:]

    /// Opens the kernel's queue; nil with errno where the user has too many of them.
    init?() {
        guard inotifytools_initialize() != 0 else { return nil }
    }

    deinit {
        inotifytools_cleanup()
    }

    /// Watches a directory.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - mask: IN_ flags.
    /// - Returns: the kernel's number of the watch.
    mutating func watch(_ path: String, mask: UInt32) throws(Refusal) -> Int32 {
        let use = uses[path, default: 0]
        uses[path] = use + 1
        // The library finds a watch by its spelling, so that each use of a path gets one of its own: the number in
        // binary, "/." for one and "/" for nought, so that the path grows with the logarithm.
        let digits = use == 0 ? "" : String(use, radix: 2).map { $0 == "1" ? "/." : "/" }.joined()
        return try add(path + digits + "/", mask: mask)
    }

    /// Watches a file.
    func watch(file: String, mask: UInt32) throws(Refusal) -> Int32 {
        try add(file, mask: mask)
    }

    private func add(_ spelling: String, mask: UInt32) throws(Refusal) -> Int32 {
        guard inotifytools_watch_file(spelling, Int32(bitPattern: mask)) != 0 else {
            let code = inotifytools_error()
            throw code == ENOSPC || code == ENOMEM || code == EMFILE ? .exhausted : .failed(code)
        }
        return inotifytools_wd_from_filename(spelling)
    }

    /// Ends a watch that the kernel still has.
    func remove(_ watch: Int32) {
        inotifytools_remove_watch_by_wd(watch)
    }

    /// Blocks until the next change, without a timeout.
    ///
    /// - Returns: nil after a signal or another passing error.
    func next() -> Event? {
        // One event a call: for more the library spins until as many bytes have arrived.
        guard let event = inotifytools_next_events(-1, 1) else { return nil }
        let length = Int(event.pointee.len)
        let name = UnsafeRawPointer(event).advanced(by: MemoryLayout<inotify_event>.size)
        let bytes = UnsafeRawBufferPointer(start: name, count: length).prefix { $0 != 0 }
        return Event(watch: event.pointee.wd, mask: event.pointee.mask, name: Array(bytes))
    }
}
