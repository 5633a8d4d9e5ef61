import LoopModel

/// The right to make a mirror or to change its history: a flock on a file in the project's own directory, since locks on
/// the mirror mean nothing where that is a network's or a cloud's.
///
/// Between the marker in the sync directory and the memory of it nobody else may look for the mirror: who remembers none
/// takes an empty directory for a first use, whatever disk was there a moment ago.
package final class MirrorLock: Sendable {
    private let file: any File

    private init(_ file: any File) {
        self.file = file
    }

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - loops: the directory whose mirror is to be made or changed.
    ///   - seconds: how long to wait for another holder; 0 does not wait.
    /// - Returns: nil where another one held it all the time.
    package static func acquire(_ loops: LoopsDirectory, waiting seconds: Double) throws(PosixError) -> MirrorLock? {
        try LockFile.acquire(FileName(literal: "mirror.lock"), in: loops, waiting: seconds).map(MirrorLock.init)
    }
}
