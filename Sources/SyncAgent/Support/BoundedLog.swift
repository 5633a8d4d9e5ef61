import Glibc
import Synchronization

/// A log file that standard error goes to, and that never becomes larger than its bound.
package final class BoundedLog: Sendable {
    private let path: String
    private let limit: Int64
    /// The descriptors that lead to the log.
    private let descriptors: [Int32]
    private let turn = Mutex(())

    /// The log of a process that was started in the background; nil for any other.
    ///
    /// - Parameter limit: bytes, of each of two files: the present one and the one before.
    package convenience init?(limit: Int64 = 1 << 20, environment: (String) -> String? = Environment.value) {
        guard let path = environment(BackgroundProcess.variable), path.hasPrefix("/") else { return nil }
        self.init(path: path, limit: limit, descriptors: [STDERR_FILENO, STDOUT_FILENO])
    }

    init(path: String, limit: Int64, descriptors: [Int32]) {
        self.path = path
        self.limit = limit
        self.descriptors = descriptors
    }

    /// Begins a new file where the present one is full or was removed; what a file holds is kept as `agent.log.1`.
    ///
    /// Whatever fails leaves the old file in use: a log must not end the agent.
    func makeRoom() {
        turn.withLock { _ in
            var status = stat()
            guard let first = descriptors.first, fstat(first, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                return
            }
            guard status.st_size >= limit || status.st_nlink == 0 else { return }
            if status.st_nlink > 0 { rename(path, path + ".1") }
            let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard file >= 0 else { return }
            for descriptor in descriptors { dup2(file, descriptor) }
            close(file)
        }
    }
}
