import CLinuxShims
import Glibc

/// A nameless file in memory whose only purpose is that a change of it wakes the watching thread.
///
/// The thread blocks in libinotifytools without a timeout, so that an idle agent costs nothing; the library offers no
/// other way in. The file leaves nothing behind, however the process ends.
final class ControlFile: Sendable {
    private let descriptor: Int32

    /// Makes the file; nil with errno where the system gives none.
    init?() {
        descriptor = loopsync_memory_file("loopsync-control")
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Where this process can watch it.
    var path: String { "/proc/self/fd/\(descriptor)" }

    /// Wakes whoever watches the file's attributes.
    func wake() {
        futimens(descriptor, nil)
    }
}
