import LoopModel

/// Locks a file below `.loopsync`, which is made where it is missing.
enum LockFile {
    /// Takes a lock that lasts as long as the file is open.
    ///
    /// - Parameter seconds: how long to wait for another holder; 0 does not wait.
    /// - Returns: nil where somebody else held it all the time.
    static func acquire(_ name: FileName, in loops: LoopsDirectory, waiting seconds: Double) throws(PosixError)
        -> (any File)?
    {
        var rest = Int64(seconds * 1000)
        var step: Int64 = 1
        while true {
            if let lock = try attempt(name, in: loops) { return lock }
            guard rest > 0 else { return nil }
            let milliseconds = min(step, rest)
            loops.root.rest(milliseconds: Int32(milliseconds))
            rest -= milliseconds
            step = min(step * 2, 50)
        }
    }

    private static func attempt(_ name: FileName, in loops: LoopsDirectory) throws(PosixError) -> (any File)? {
        let own = try loops.own()
        guard let file = try open(name, in: own), try file.tryLock() else { return nil }
        // `git clean` may have removed the file between opening and locking: whoever comes next would lock another.
        guard try own.status(of: name)?.identity == file.status().identity else { return nil }
        return file
    }

    private static func open(_ name: FileName, in own: any Directory) throws(PosixError) -> (any File)? {
        if let there = try own.openFile(name, for: .writing) { return there }
        do {
            return try own.createFile(name, mode: 0o600)
        } catch  where error.code == .exists {
            return nil
        }
    }
}
