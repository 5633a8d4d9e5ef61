/// The right to be the agent of a loops directory: a flock on the `.loops` directory itself.
///
/// A file below `.loopsync` would not do, since `git clean -dx` removes it and a second agent would lock its successor.
/// It ends with the object, also when the process is killed.
package final class AgentLock: Sendable {
    private let directory: any Directory

    private init(_ directory: any Directory) {
        self.directory = directory
    }

    /// Takes the lock; nil where another agent holds it.
    package static func acquire(_ loops: LoopsDirectory) throws(PosixError) -> AgentLock? {
        // Somebody who asks `isHeld` has a shared lock for microseconds; that must not keep an agent from starting.
        for attempt in 0..<5 {
            if attempt > 0 { loops.root.rest(milliseconds: 10) }
            if let directory = try loops.root.tryLock(.exclusive) { return AgentLock(directory) }
        }
        return nil
    }

    /// Whether an agent, of whatever process, holds the lock now.
    package static func isHeld(_ loops: LoopsDirectory) throws(PosixError) -> Bool {
        try loops.root.tryLock(.shared) == nil
    }
}
