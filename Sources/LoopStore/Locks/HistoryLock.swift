import LoopModel

/// The right to change what lies below `.history` and in `clearing` and `trash`: a flock on `.loopsync/lock`.
///
/// Agent and one-shot commands take it alike, for as long as one change lasts. It ends with the object, also when the
/// process is killed. Pins come and go without it, since what is not pinned within microseconds may be gone.
package final class HistoryLock: Sendable {
    private let file: any File

    private init(_ file: any File) {
        self.file = file
    }

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - loops: the directory whose history is to be changed.
    ///   - seconds: how long to wait for another holder; 0 does not wait.
    /// - Returns: nil where another process held it all the time.
    package static func acquire(_ loops: LoopsDirectory, waiting seconds: Double) throws(PosixError) -> HistoryLock? {
        try LockFile.acquire(.lock, in: loops, waiting: seconds).map(HistoryLock.init)
    }
}
