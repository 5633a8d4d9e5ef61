import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("the right to run a loop", .timeLimit(.minutes(1)))
struct ExecutorLockTests {
    private func persistence(_ directory: TemporaryDirectory, _ name: JSONString = "mine") throws -> StatePersistence {
        let persistence = StatePersistence(loopName: name, loopsDirectory: directory.path(".loops"))
        try persistence.initialize()
        return persistence
    }

    private func acquire(_ directory: TemporaryDirectory, _ name: JSONString = "mine", scope: [String]) throws
        -> ExecutorLock
    {
        try ExecutorLock.acquire(persistence(directory, name), loop: name, scope: scope)
    }

    /// Writes a lock or a pid file as another executor does.
    private func place(_ name: String, _ content: String, _ directory: TemporaryDirectory) throws {
        _ = try persistence(directory)
        try Disk.write(content, to: directory.path(".loops/.running/\(name)"))
    }

    private func lock(_ scope: String, pid: pid_t) -> String {
        #"{"loop_name": "other", "scope": ["\#(scope)"], "pid": \#(pid), "started_at": "2026-01-01T00:00:00+00:00"}"#
    }

    @Test func `a lock is what the specification's executor writes, and goes with its pid file`() throws {
        try TemporaryDirectory.with { directory in
            let held = try acquire(directory, scope: [directory.path("a"), "/b/../c//d/."])
            let json = try JSONValue(parsing: Disk.read(directory.path(".loops/.running/mine.lock")) ?? []).objectValue
            #expect(json?.keys.map(\.string) == ["loop_name", "scope", "pid", "started_at"])
            #expect(json?["scope"] == [.string(JSONString(directory.path("a"))), "/c/d"])
            #expect(json?["pid"]?.integerValue == Int(getpid()))
            #expect(Disk.text(directory.path(".loops/.running/mine.pid")) == "\(getpid())")
            held.release()
            #expect(Disk.names(in: directory.path(".loops/.running")) == [".acquire.lock"])
        }
    }

    @Test(arguments: [
        ("/p/a", true), ("/p/a/b", true), ("/p", true), ("/", true), ("/p/ab", false), ("/q", false),
        ("/x/../p/a", true),
    ])
    func `paths that lie in each other exclude each other`(_ scope: String, _ conflicts: Bool) throws {
        try TemporaryDirectory.with { directory in
            let other = try Subprocess(["/bin/sleep", "60"])
            try place("other.lock", lock("/p/a", pid: other.pid), directory)
            if conflicts {
                let error = #expect(throws: ExecutorLockError.self) { try acquire(directory, scope: [scope]) }
                #expect(error == .scope(loop: "other", paths: ["/p/a"], process: other.pid))
                #expect(!Disk.exists(directory.path(".loops/.running/mine.pid")))
            } else {
                try acquire(directory, scope: [scope]).release()
            }
            withExtendedLifetime(other) {}
        }
    }

    @Test func `a link in a path leads to the same place`() throws {
        try TemporaryDirectory.with { directory in
            let other = try Subprocess(["/bin/sleep", "60"])
            try Disk.makeDirectories(directory.path("real"))
            #expect(symlink("real", directory.path("link")) == 0)
            try place("other.lock", lock(directory.path("real/x"), pid: other.pid), directory)
            #expect(throws: ExecutorLockError.self) { try acquire(directory, scope: [directory.path("link/x/y")]) }
            withExtendedLifetime(other) {}
        }
    }

    @Test func `the locks of dead processes, and those from before a number was used again, are removed`() throws {
        try TemporaryDirectory.with { directory in
            let dead = try Subprocess(["/bin/true"])
            try dead.wait()
            try place("other.lock", lock("/", pid: dead.pid), directory)
            try place("mine.pid", "\(dead.pid)", directory)
            let other = try Subprocess(["/bin/sleep", "60"])
            try place("recycled.lock", lock("/", pid: other.pid), directory)
            let long = timespec(tv_sec: time(nil) - 3600, tv_nsec: 0)
            let path = directory.path(".loops/.running/recycled.lock")
            #expect(utimensat(AT_FDCWD, path, [long, long], 0) == 0)
            try acquire(directory, scope: ["/"]).release()
            #expect(Disk.names(in: directory.path(".loops/.running")) == [".acquire.lock"])
            withExtendedLifetime(other) {}
        }
    }

    @Test func `a loop that an action runs is not refused for the sake of the loop that runs the action`() throws {
        try TemporaryDirectory.with { directory in
            try place("other.lock", lock("/", pid: getppid()), directory)
            try acquire(directory, scope: ["/"]).release()
            // But not a run of the very files that the caller writes to.
            try place("mine.lock", lock("/", pid: getppid()), directory)
            #expect(throws: ExecutorLockError.self) { try acquire(directory, scope: ["/"]) }
        }
    }

    @Test func `a run of the same files is refused also by its pid alone, which stays`() throws {
        try TemporaryDirectory.with { directory in
            let other = try Subprocess(["/bin/sleep", "60"])
            try place("mine.pid", "\(other.pid)", directory)
            let error = #expect(throws: ExecutorLockError.self) { try acquire(directory, scope: ["/only/mine"]) }
            #expect(error?.description.contains("process \(other.pid)") == true)
            #expect(Disk.text(directory.path(".loops/.running/mine.pid")) == "\(other.pid)")
            #expect(!Disk.exists(directory.path(".loops/.running/mine.lock")))
            withExtendedLifetime(other) {}
        }
    }

    @Test(arguments: ["", "{", "[]", "null", #"{"pid": "x", "scope": []}"#, #"{"pid": 1}"#])
    func `what is no lock excludes nobody`(_ content: String) throws {
        try TemporaryDirectory.with { directory in
            try place("other.lock", content, directory)
            try acquire(directory, scope: ["."]).release()
            #expect(Disk.exists(directory.path(".loops/.running/other.lock")))
        }
    }

    @Test func `what another executor has written over is left to it`() throws {
        try TemporaryDirectory.with { directory in
            let held = try acquire(directory, scope: ["."])
            try place("mine.pid", "1", directory)
            held.release()
            #expect(Disk.text(directory.path(".loops/.running/mine.pid")) == "1")
            #expect(!Disk.exists(directory.path(".loops/.running/mine.lock")))
        }
    }

    @Test func `whoever holds the lock of starts is waited for`() throws {
        try TemporaryDirectory.with { directory in
            _ = try persistence(directory)
            let path = directory.path(".loops/.running/.acquire.lock")
            let holder = try Subprocess(["/usr/bin/flock", path, "-c", "touch \(directory.path("held")); sleep 0.3"])
            #expect(eventually { Disk.exists(directory.path("held")) })
            try acquire(directory, scope: ["."]).release()
            #expect(try holder.wait() == .exited(0))
        }
    }
}
