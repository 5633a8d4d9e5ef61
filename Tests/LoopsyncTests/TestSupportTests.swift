import Glibc
import TestSupport
import Testing

/// The instruments themselves, since a broken one would let every other test pass.
@Suite struct TestSupportTests {
    @Test func `a temporary directory goes with its content`() throws {
        let path = try TemporaryDirectory.with { directory in
            try Disk.makeDirectories(directory.path("a/b"))
            try Disk.write("x", to: directory.path("a/b/c"))
            #expect(TreeSnapshot(of: directory.path).files == ["a/b/c"])
            return directory.path
        }
        #expect(!Disk.exists(path))
    }

    @Test func `a process reports output, error and exit code`() throws {
        let done = try Subprocess.run(["/bin/sh", "-c", "cat; pwd; echo e >&2; exit 3"], in: "/", input: "in\n")
        #expect(done.termination == .exited(3))
        #expect(done.output == "in\n/\n")
        #expect(done.errorOutput == "e\n")
    }

    @Test func `a killed process leaves neither zombie nor child`() throws {
        let process = try Subprocess(["/bin/sh", "-c", "/bin/sleep 60 & echo $!; wait"])
        let child = try eventually("the child's pid") { pid_t(process.output.split(separator: "\n").first ?? "") }
        process.signal(SIGKILL)
        #expect(try process.wait() == .killed(signal: SIGKILL))
        #expect(kill(process.pid, 0) != 0)
        #expect(kill(child, 0) == 0)
        process.signalGroup(SIGKILL)
        #expect(eventually { kill(child, 0) != 0 })
    }

    @Test(arguments: Executor.allCases)
    func `an executor runs a loop in a lab`(_ executor: Executor) throws {
        let lab = try LoopLab(executor)
        try lab.define("quick", "initial: a\nstates: {a: {action: echo hi, on_yes: done}, done: {terminal: true}}")
        let done = try lab.run("run", "quick")
        #expect(done.succeeded, "\(done)")
        #expect(Disk.names(in: lab.running).contains { $0.hasSuffix(".events.jsonl") })
    }
}
