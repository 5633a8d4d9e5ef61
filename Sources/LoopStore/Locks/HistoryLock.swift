import LoopModel

/// The right to change what lies below `.history` and in `clearing`, `trash` and `pins`: a flock on `.loopsync/lock`.
///
/// Agent and one-shot commands take it alike, for as long as one change lasts. It ends with the object, also when the
/// process is killed.
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
        var rest = Int64(seconds * 1000)
        var step: Int64 = 1
        while true {
            if let lock = try attempt(loops) { return lock }
            guard rest > 0 else { return nil }
            let milliseconds = min(step, rest)
            pause(milliseconds: Int32(milliseconds))
            rest -= milliseconds
            step = min(step * 2, 50)
        }
    }

    private static func attempt(_ loops: LoopsDirectory) throws(PosixError) -> HistoryLock? {
        let own = try loops.own()
        guard let file = try open(in: own), try file.tryLock() else { return nil }
        // `git clean` may have removed the file between opening and locking: whoever comes next would lock another.
        guard try own.status(of: .lock)?.identity == file.status().identity else { return nil }
        return HistoryLock(file)
    }

    private static func open(in own: any Directory) throws(PosixError) -> (any File)? {
        if let there = try own.openFile(.lock, for: .writing) { return there }
        do {
            return try own.createFile(.lock, mode: 0o600)
        } catch  where error.code == .exists {
            return nil
        }
    }
}
