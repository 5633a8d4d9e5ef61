import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("locks")
struct LockTests {
    private func open(_ directory: TemporaryDirectory) throws -> LoopsDirectory {
        LoopsDirectory(root: try directory.open())
    }

    @Test func `the history has one holder at a time, until it lets go`() throws {
        try TemporaryDirectory.with { directory in
            var lock = try HistoryLock.acquire(try open(directory), waiting: 0)
            #expect(lock != nil)
            let clock = ContinuousClock()
            let begun = clock.now
            #expect(try HistoryLock.acquire(open(directory), waiting: 0.2) == nil)
            let waited = clock.now - begun
            #expect(waited >= .milliseconds(190))
            withExtendedLifetime(lock) {}
            lock = nil
            #expect(try HistoryLock.acquire(open(directory), waiting: 0) != nil)
        }
    }

    @Test func `a lock file that was removed under its holder is not taken for the next one's`() throws {
        try TemporaryDirectory.with { directory in
            let lock = try HistoryLock.acquire(try open(directory), waiting: 0)
            try Disk.remove(directory.path(".loopsync"))
            // `git clean` took the file: the next one makes another, which is the rule for `.loopsync`.
            #expect(try HistoryLock.acquire(open(directory), waiting: 0) != nil)
            withExtendedLifetime(lock) {}
        }
    }

    @Test func `one agent holds the directory itself, and others can ask without taking it`() throws {
        try TemporaryDirectory.with { directory in
            let loops = try open(directory)
            #expect(try !AgentLock.isHeld(loops))
            var lock = try AgentLock.acquire(loops)
            #expect(lock != nil)
            #expect(try AgentLock.isHeld(open(directory)))
            #expect(try AgentLock.acquire(open(directory)) == nil)
            // `git clean -dx` changes nothing about it.
            try? Disk.remove(directory.path(".loopsync"))
            #expect(try AgentLock.isHeld(open(directory)))
            withExtendedLifetime(lock) {}
            lock = nil
            #expect(try !AgentLock.isHeld(loops))
        }
    }

    @Test func `another process sees the agent's lock`() throws {
        try TemporaryDirectory.with { directory in
            let lock = try AgentLock.acquire(try open(directory))
            let other = try Subprocess.run(["/usr/bin/flock", "-n", directory.path, "true"])
            #expect(other.termination == .exited(1))
            withExtendedLifetime(lock) {}
        }
    }
}
