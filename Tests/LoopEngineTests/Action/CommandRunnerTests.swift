import Glibc
import LoopEngine
import Synchronization
import TestSupport
import Testing

@Suite("running commands", .timeLimit(.minutes(2)))
struct CommandRunnerTests {
    private func run(
        _ script: String,
        timeout: Double = 60,
        onLine: @Sendable (String) throws -> Void = { _ in }
    ) async throws -> CommandResult {
        try await CommandRunner().run(Command(["bash", "-c", script], timeout: timeout), onLine: onLine)
    }

    @Test func `a command gives both its outputs and its exit status`() async throws {
        let result = try await run("echo out; echo err >&2; exit 3")
        #expect(result.output == "out\n")
        #expect(result.errorOutput == "err\n")
        #expect(result.exitCode == 3)
        #expect(!result.timedOut)
    }

    @Test func `lines come one by one, whatever ends them, and the last one also without an end`() async throws {
        let lines = Mutex<[String]>([])
        let result = try await run(#"printf 'a\r\nb\rc\n\n  d \t'"#) { line in lines.withLock { $0.append(line) } }
        #expect(lines.withLock { $0 } == ["a", "b", "c", "", "  d \t"])
        #expect(result.output == "a\nb\nc\n\n  d \t")
    }

    @Test func `a line is given as soon as it is written`() async throws {
        try await TemporaryDirectory.with { directory in
            // The command waits for what only the receiver of its first line makes.
            let path = directory.path("seen")
            let result = try await run("echo first; until [ -e \(path) ]; do sleep 0.01; done; echo last") { _ in
                try Disk.write("", to: path)
            }
            #expect(result.output == "first\nlast\n")
        }
    }

    @Test func `bytes that are no UTF-8 become replacement characters`() async throws {
        let result = try await run(#"printf 'a\377b\303\251\n'"#)
        #expect(result.output == "a\u{FFFD}b\u{E9}\n")
    }

    @Test func `more output than a pipe holds, on both sides at once, blocks nobody`() async throws {
        let result = try await run("for i in {1..40000}; do echo 0123456789; echo 0123456789 >&2; done")
        #expect(result.output.utf8.count == 440_000)
        #expect(result.errorOutput.utf8.count == 440_000)
    }

    @Test func `the output of a background process counts, also after its parent has ended`() async throws {
        let result = try await run("(sleep 0.3; echo late) & echo early")
        #expect(result.output == "early\nlate\n")
        #expect(result.exitCode == 0)
    }

    @Test func `a background process that closed its outputs lives on`() async throws {
        let result = try await run("sleep 30 > /dev/null 2>&1 & echo $!")
        let pid = try #require(Int32(result.output.dropLast()))
        #expect(kill(pid, 0) == 0)
        kill(pid, SIGKILL)
    }

    @Test func `a signal's number is the exit code's negative`() async throws {
        #expect(try await run("kill -KILL $$").exitCode == -9)
        #expect(try await run("kill -TERM $$").exitCode == -15)
    }

    @Test(arguments: [
        "echo hi; sleep 60", "echo hi; sleep 60 & wait", "echo hi; exec >&- 2>&-; sleep 60",
        "echo hi; trap '' TERM; sleep 60; sleep 60", "echo hi; (sleep 60 &) ; exit 0",
    ])
    func `a time-out ends a command and all it started, whatever it does with its output`(_ script: String) async throws
    {
        let begun = ContinuousClock.now
        let result = try await run(script, timeout: 1)
        #expect(ContinuousClock.now - begun < .seconds(50))
        #expect(result.exitCode == 124)
        #expect(result.timedOut)
        #expect(result.duration == 1000)
        #expect(result.output == "hi\n")
    }

    @Test func `a process that left the group and holds the output open does not outlast the time-out by much`()
        async throws
    {
        let begun = ContinuousClock.now
        let result = try await run("echo $$; setsid sleep 20 & wait", timeout: 0.5)
        #expect(ContinuousClock.now - begun < .seconds(15))
        #expect(result.exitCode == 124)
    }

    @Test func `a cancelled task ends the whole group and still has a result`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("pids")
            let script =
                "sleep 60 & echo $! > \(path).new; echo $$ >> \(path).new; mv \(path).new \(path); wait; sleep 60"
            let task = Task { try await run(script) }
            let pids = try await value(of: "the command's processes") { Disk.text(path) }
                .split(separator: "\n").compactMap { Int32($0) }
            #expect(pids.count == 2)
            task.cancel()
            let result = try await task.value
            #expect(result.exitCode == -15)
            for pid in pids { #expect(try await cameTrue { kill(pid, 0) != 0 }) }
        }
    }

    @Test func `a cancelled command that ignores SIGTERM is killed after the grace`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("ready")
            let runner = CommandRunner(grace: 0.2)
            let script = "trap '' TERM; touch \(path); while true; do sleep 0.05; done"
            let task = Task { try await runner.run(Command(["bash", "-c", script], timeout: 60)) { _ in } }
            #expect(try await cameTrue { Disk.exists(path) })
            task.cancel()
            let taskResult = try await task.value
            #expect(taskResult.exitCode == -9)
        }
    }

    @Test func `a task that is cancelled already starts nothing`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("made")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await run("touch \(path)")
            }
            let taskResult = try await task.value
            #expect(taskResult.exitCode < 0)
            #expect(!Disk.exists(path))
        }
    }

    @Test func `killing everything ends what runs`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("ready")
            let runner = CommandRunner()
            let task = Task {
                try await runner.run(Command(["bash", "-c", "touch \(path); sleep 60; true"], timeout: 60)) { _ in }
            }
            #expect(try await cameTrue { Disk.exists(path) })
            runner.killAll()
            let taskResult = try await task.value
            #expect(taskResult.exitCode == -9)
        }
    }

    @Test func `a program that is not there is an error that names it`() async throws {
        let error = await #expect(throws: CommandError.self) {
            try await CommandRunner().run(Command(["no-such-program-here", "x"], timeout: 1)) { _ in }
        }
        let text = try #require(error?.description)
        #expect(text.contains("no-such-program-here"))
        #expect(text.contains("No such file or directory"))
    }

    @Test func `an argument with a NUL is refused`() async throws {
        await #expect(throws: CommandError.nul(program: "echo")) {
            try await CommandRunner().run(Command(["echo", "a\0b"], timeout: 1)) { _ in }
        }
    }

    @Test func `a receiver that fails ends the command, and its error is the caller's`() async throws {
        struct Full: Error {}
        let begun = ContinuousClock.now
        await #expect(throws: Full.self) { try await run("echo a; sleep 60") { _ in throw Full() } }
        #expect(ContinuousClock.now - begun < .seconds(50))
    }

    @Test func `a command has no descriptor but the usual three, and no signal is blocked or ignored`() async throws {
        let descriptors = try await run("exec ls /proc/self/fd")
        // ls has its own for the directory.
        #expect(descriptors.output == "0\n1\n2\n3\n")
        let signals = try await run("grep -E '^Sig(Blk|Ign)' /proc/self/status")
        #expect(signals.output.split(separator: "\n").first == "SigBlk:\t0000000000000000")
    }

    @Test func `a hundred commands leave no process and no descriptor behind`() async throws {
        let runner = CommandRunner()
        let before = Disk.names(in: "/proc/self/fd").count
        for _ in 0..<100 {
            _ = try await runner.run(Command(["true"], timeout: 10)) { _ in }
        }
        // Other tests have theirs open meanwhile.
        #expect(try await cameTrue { Disk.names(in: "/proc/self/fd").count <= before + 4 })
    }

    @Test func `a detached program has a session of its own and nothing to read`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("who")
            let script = "cat; ps -o sid= -p $$ > \(path).new; mv \(path).new \(path)"
            let pid = try CommandRunner().startDetached(["bash", "-c", script])
            let session = try await value(of: "the program's session") { Disk.text(path) }
            #expect(session.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) } == pid)
        }
    }
}
