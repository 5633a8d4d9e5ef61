import Glibc
import TestSupport
import Testing

extension InteropLoadTests {
    /// The kernel gives no more, events or watches; no setting of the machine is changed for that.
    @Suite(.serialized)
    struct KernelLimitTests {
        private static let loops = [
            "one": "initial: a\nstates:\n  a: {action: \"echo hi\", on_yes: done}\n  done: {terminal: true}",
            "two": "initial: a\nstates:\n  a: {action: \"echo ho\", on_yes: done}\n  done: {terminal: true}",
        ]

        @Test(arguments: [Executor.a, .b])
        func `runs whose events the kernel dropped are found by looking at everything`(_ executor: Executor) throws {
            let stage = try Stage(executor, Self.loops)
            guard let agent = stage.agent else { return }
            #expect(try stage.lab.run("run", "one", "-q").succeeded)
            stage.expectArchived()
            let limit = try #require(
                Disk.text("/proc/sys/fs/inotify/max_queued_events").flatMap { Int($0.filter(\.isNumber)) }
            )
            try #require(limit <= 1 << 20, "a queue that a test can fill")
            agent.process.signal(SIGSTOP)
            defer { agent.process.signal(SIGCONT) }
            for number in 0..<(limit / 2 + 500) {
                let path = "\(stage.lab.running)/flood-\(number).tmp"
                try Disk.write("", to: path)
                try Disk.remove(path)
            }
            for loop in ["one", "two"] { #expect(try stage.lab.run("run", loop, "-q").succeeded) }
            let runs = stage.recorded()
            #expect(runs.count == 3)
            agent.process.signal(SIGCONT)
            stage.expectArchived(runs, within: .seconds(30))
            #expect(agent.errorOutput.contains("the kernel dropped events"), "\(agent.errorOutput)")
            let status = try stage.lab.loopsync("status", "--json")
            #expect(status.output.contains("\"overflows\": 1"), "\(status)")
        }

        @Test(.enabled(if: Namespace.isAllowed, "needs user namespaces"), arguments: [Executor.a, .b])
        func `without a watch left the directory is looked at, and watched again when there are some`(
            _ executor: Executor
        ) throws {
            // One for the agent's own waking, one for `.loops` and one above it, none for `.running`.
            let stage = try Stage(executor, Self.loops, under: Namespace.entering(watches: 3))
            guard let agent = stage.agent else { return }
            for loop in ["one", "two"] { #expect(try stage.lab.run("run", loop, "-q").succeeded) }
            // What version B archived and swept between two looks is looked for in its history every half minute.
            stage.expectArchived(within: .seconds(90))
            #expect(agent.errorOutput.contains("fs.inotify.max_user_watches"), "\(agent.errorOutput)")
            let status = try stage.lab.loopsync("status")
            #expect(status.output.contains("looking every 2 s"), "\(status)")
            #expect(status.termination == .exited(3))
            try Namespace.allow(watches: 10, for: agent.process.pid)
            _ = eventually(within: .seconds(60), every: 100) { agent.errorOutput.contains("watched by inotify again") }
            #expect(agent.errorOutput.contains("watched by inotify again"), "\(agent.errorOutput)")
            #expect(try stage.lab.run("run", "one", "-q").succeeded)
            stage.expectArchived()
        }
    }
}

/// A user namespace with a limit of its own for watches.
private enum Namespace {
    private static let limit = "/proc/sys/user/max_inotify_watches"

    static let isAllowed =
        (try? Subprocess.run(["/usr/bin/unshare", "-Ur", "/bin/sh", "-c", "echo 5 > \(limit)"]).succeeded) ?? false

    static func entering(watches: Int) -> [String] {
        ["/usr/bin/unshare", "-Ur", "/bin/sh", "-c", "echo \(watches) > \(limit) && exec \"$@\"", "sh"]
    }

    static func allow(watches: Int, for process: pid_t) throws {
        let done = try Subprocess.run([
            "/usr/bin/nsenter", "-U", "--preserve-credentials", "-t", "\(process)", "/bin/sh", "-c",
            "echo \(watches) > \(limit)",
        ])
        guard done.succeeded else { throw TestSupportError("nsenter: \(done)") }
    }
}
