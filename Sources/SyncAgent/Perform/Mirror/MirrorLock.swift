import LoopModel
import LoopStore

/// The right to change the mirror's history: a flock in the project's own directory, held for one unit of work.
final class MirrorLock {
    private let file: any File

    private init(_ file: any File) {
        self.file = file
    }

    /// Takes the lock; nil where another process holds it.
    static func acquire(_ loops: LoopsDirectory) throws(PosixError) -> MirrorLock? {
        let own = try loops.own()
        guard let file = try open(in: own), try file.tryLock() else { return nil }
        return MirrorLock(file)
    }

    private static func open(in own: any Directory) throws(PosixError) -> (any File)? {
        if let there = try own.openFile(.mirrorLock, for: .writing) { return there }
        do {
            return try own.createFile(.mirrorLock, mode: 0o600)
        } catch  where error.code == .exists {
            return nil
        }
    }

    /// Gives it back.
    func release() {
        try? file.close()
    }
}
