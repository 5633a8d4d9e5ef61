import Glibc
import TestSupport
import Testing

extension FaultTests {
    /// Directories that go and come while a real executor works in them.
    @Suite(.serialized)
    struct VanishingTests {
        private static let slow = [
            "slow": """
            initial: a
            states:
              a: {action: "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.2; done", on_yes: b}
              b: {action: "sleep 0.3; echo on", on_yes: c}
              c: {action: "for i in 1 2 3; do echo more $i; sleep 0.2; done", on_yes: done}
              done: {terminal: true}
            """
        ]

        /// A run of which no file is touched for as long as a test likes: its only action waits for a file,
        /// and does not outlive its executor, of which B gives it a process group of its own.
        private static let waiting = [
            "slow": """
            initial: a
            states:
              a: {action: "echo begun; while [ ! -e go ]; do sleep 0.05; kill -0 $PPID || exit; done; rm go", on_yes: b}
              b: {action: "echo on", on_yes: done}
              done: {terminal: true}
            """
        ]

        @Test(arguments: Executor.allCases)
        func `git clean of loopsync's own directory, again and again in the middle of runs`(
            _ executor: Executor
        ) throws {
            let stage = try Stage(executor, Self.slow)
            let agent = try #require(stage.agent)
            var cleaned = 0
            for _ in 0..<2 {
                let run = try stage.lab.start("run", "slow", "-q")
                while run.isRunning {
                    // Only what git ignores goes, as the directory asks for itself.
                    let done = try Subprocess.run(
                        ["/usr/bin/git", "clean", "-dxfq", ".loops/.loopsync"],
                        in: stage.lab.project,
                        environment: stage.lab.environment
                    )
                    // Git complains about what the agent makes again meanwhile.
                    if done.succeeded { cleaned += 1 }
                    pause(milliseconds: 250)
                }
                #expect(try run.wait() == .exited(0), "\(run.output)\(run.errorOutput)")
            }
            #expect(cleaned > 4)
            #expect(stage.recorded().count == 2)
            stage.expectArchived(within: .seconds(30))
            #expect(agent.errorOutput.contains(".loopsync was removed"), "\(agent.errorOutput)")
            #expect(eventually { Disk.exists("\(stage.lab.loops)/.loopsync/status.json") })
            try stage.expectReadable("slow")
            try stage.expectNextRun("slow")
            stage.expectArchived()
        }

        @Test(arguments: Executor.allCases, ["project/.loops", "project"])
        func `a directory that is renamed in the middle of a run and comes back before its end`(
            _ executor: Executor,
            _ moved: String
        ) throws {
            let stage = try Stage(executor, Self.waiting)
            let agent = try #require(stage.agent)
            #expect(try finish(try stage.lab.start("run", "slow", "-q"), in: stage))
            stage.expectArchived()
            let run = try stage.lab.start("run", "slow", "-q")
            try stage.waitForEvent("action_output", in: "slow", after: 1)
            stage.recorder.catchUp()
            let directory = stage.lab.directory
            try Disk.move(directory.path(moved), to: directory.path("elsewhere"))
            #expect(eventually { agent.errorOutput.contains("went away; waiting for it") }, "\(agent.errorOutput)")
            #expect(!Disk.exists(directory.path(moved)), "nothing is made anew in its place")
            try Disk.move(directory.path("elsewhere"), to: directory.path(moved))
            #expect(eventually { agent.errorOutput.contains("is there; watching it") }, "\(agent.errorOutput)")
            #expect(try finish(run, in: stage), "\(run.output)\(run.errorOutput)")
            #expect(stage.recorded().count == 2)
            stage.expectArchived(within: .seconds(30))
        }

        @Test(arguments: Executor.allCases)
        func `a loops directory that is deleted in the middle of a run and made anew`(_ executor: Executor) throws {
            let stage = try Stage(executor, Self.waiting)
            let agent = try #require(stage.agent)
            #expect(try finish(try stage.lab.start("run", "slow", "-q"), in: stage))
            stage.expectArchived()
            let mirrored = HistoryAudit.archives(in: "\(stage.lab.mirror)/.history")
            let run = try stage.lab.start("run", "slow", "-q")
            try stage.waitForEvent("action_output", in: "slow", after: 1)
            // What the agent still makes in it may stand in the way of the first attempt.
            let isGone = try eventually {
                try Subprocess.run(["/bin/rm", "-rf", stage.lab.loops], in: "/").succeeded
            }
            #expect(isGone)
            run.signalGroup(SIGKILL)
            try run.wait()
            // It may be made anew before the agent says anything, also by an executor for its next line.
            _ = eventually(within: .seconds(5)) { agent.errorOutput.contains("went away") }
            try Disk.remove(stage.lab.loops)
            try Disk.makeDirectories(stage.lab.loops)
            for (name, yaml) in Self.waiting { try stage.lab.define(name, yaml) }
            let before = stage.recorded()
            #expect(try finish(try stage.lab.start("run", "slow", "-q"), in: stage))
            let latest = stage.recorded().filter { !before.contains($0) }
            #expect(latest.count == 1)
            let isArchived = eventually(within: .seconds(30)) {
                let archives = HistoryAudit.archives(in: stage.lab.history)
                return latest.allSatisfy { run in archives.contains { $0.events == run.events } }
            }
            #expect(isArchived, "\(agent.errorOutput)")
            let isMirrored = eventually(within: .seconds(30)) {
                let copies = HistoryAudit.archives(in: "\(stage.lab.mirror)/.history")
                return latest.allSatisfy { run in copies.contains { $0.events == run.events } }
            }
            #expect(isMirrored, "\(agent.errorOutput)")
            // What a person deleted here stays in the mirror; among the conflicts where the new run began in its second.
            let tree = TreeSnapshot(of: stage.lab.mirror)
            let events = Set(tree.files.compactMap { tree[$0] })
            #expect(mirrored.count == 1 && mirrored.allSatisfy { events.contains($0.events ?? []) }, "\(tree)")
            #expect(agent.process.isRunning, "\(agent.errorOutput)")
        }

        /// Lets a run that waits end, and says whether it ended well.
        private func finish(_ run: Subprocess, in stage: Stage) throws -> Bool {
            try Disk.write("", to: "\(stage.lab.project)/go")
            return try run.wait() == .exited(0)
        }
    }
}
