import TestSupport
import Testing

extension InteropTests {
    /// Runs that hand over and go on later.
    @Suite(.serialized)
    struct HandoffTests {
        private static func loop(onHandoff: String) -> String {
            """
            initial: start
            on_handoff: \(onHandoff)
            states:
              start: {action: "echo begun", on_yes: a}
              a: {action: "if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: go on here'; fi", on_yes: done}
              done: {terminal: true}
            """
        }

        @Test(arguments: Executor.allCases)
        func `a run that hands over and pauses, and is resumed`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["hand": Self.loop(onHandoff: "pause")])
            let done = try stage.lab.run("run", "hand")
            #expect(done.succeeded, "\(done)")
            #expect(try stage.onlyRun().status == "awaiting_continuation")
            stage.expectArchived()
            try stage.expectReadable("hand")

            let resumed = try stage.lab.run("resume", "hand")
            #expect(resumed.succeeded, "\(resumed)")
            let run = try stage.onlyRun()
            #expect(run.status == "completed")
            #expect(run.starts.count == 2)
            stage.expectArchived()
            try stage.expectReadable("hand")
            try stage.expectNextRun("hand")
            stage.expectArchived()
        }

        @Test(arguments: Executor.allCases)
        func `a run that hands over, and a new one instead of a resume`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["hand": Self.loop(onHandoff: "pause")])
            let done = try stage.lab.run("run", "hand")
            #expect(done.succeeded, "\(done)")
            stage.expectArchived()
            try stage.expectNextRun("hand")
            stage.expectArchived()
            try stage.expectReadable("hand")
        }

        @Test(arguments: Executor.allCases)
        func `a run that hands over to a process that goes on at once`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["hand": Self.loop(onHandoff: "spawn")])
            try stage.lab.provide("claude", "#!/bin/sh\nexec ll-loop resume hand\n")
            let done = try stage.lab.run("run", "hand")
            #expect(done.succeeded, "\(done)")
            try stage.waitForEvent("loop_complete", in: "hand")
            #expect(eventually { Disk.names(in: stage.lab.running).allSatisfy { !$0.hasSuffix(".pid") } })
            let run = try stage.onlyRun()
            #expect(run.status == "completed")
            #expect(run.starts.count == 2)
            stage.expectArchived()
            try stage.expectReadable("hand")
            try stage.expectNextRun("hand")
            stage.expectArchived()
        }
    }
}
