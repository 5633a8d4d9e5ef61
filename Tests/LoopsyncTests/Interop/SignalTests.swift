import Glibc
import TestSupport
import Testing

extension InteropTests {
    /// Runs that somebody ends from outside.
    @Suite(.serialized)
    struct SignalTests {
        /// The action of `a` hangs until a file `go` is there; a single command, so that bash becomes it and a SIGKILL of
        /// the direct child ends it.
        private static let hanging = """
            initial: start
            states:
              start: {action: "echo begun", on_yes: a}
              a: {action: "echo here; [ -e go ] || exec sleep 20", on_yes: done, on_error: b, on_no: b}
              b: {action: "echo never", on_yes: done}
              done: {terminal: true}
            """

        /// Here a grandchild keeps standard output open for three seconds after the direct child is gone.
        ///
        /// It is there before the line that the test waits for: a signal that came before it would end the run at once.
        private static let clinging = """
            initial: a
            states:
              a: {action: "{ [ -e go ] || sleep 3; } & echo here; wait", on_yes: done, on_error: done}
              done: {terminal: true}
            """

        @Test(arguments: Executor.allCases)
        func `a run that one SIGINT ends`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["hang": Self.hanging])
            let run = try stage.lab.start("run", "hang")
            try stage.waitForEvent("action_output", count: 2, in: "hang")
            run.signal(SIGINT)
            #expect(try run.wait() == .exited(0), "\(run.output)\(run.errorOutput)")
            #expect(try stage.onlyRun().status == "interrupted")
            stage.expectArchived()
            try stage.expectReadable("hang")
            try Disk.write("", to: "\(stage.lab.project)/go")
            try stage.expectNextRun("hang")
            stage.expectArchived()
        }

        @Test(arguments: Executor.allCases)
        func `a run that two SIGINT end`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["cling": Self.clinging])
            let run = try stage.lab.start("run", "cling")
            try stage.waitForEvent("action_output", in: "cling")
            run.signal(SIGINT)
            pause(milliseconds: 300)
            run.signal(SIGINT)
            #expect(try run.wait() == .exited(1), "\(run.output)\(run.errorOutput)")
            run.signalGroup(SIGKILL)
            // Nothing tells that it ended; B at least saves its state.
            #expect(try stage.onlyRun().status == (executor == .a ? "running" : "interrupted"))
            stage.expectArchived()
            try stage.expectReadable("cling")
            try Disk.write("", to: "\(stage.lab.project)/go")
            try stage.expectNextRun("cling")
            stage.expectArchived()
        }

        @Test(arguments: Executor.allCases)
        func `a run whose executor is killed, and the next one`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["hang": Self.hanging])
            try kill(stage)
            stage.expectArchived()
            try Disk.write("", to: "\(stage.lab.project)/go")
            try stage.expectNextRun("hang")
            stage.expectArchived()
            try stage.expectReadable("hang")
        }

        @Test(arguments: Executor.allCases)
        func `a run whose executor is killed, and resumed`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["hang": Self.hanging])
            try kill(stage)
            stage.expectArchived()
            try Disk.write("", to: "\(stage.lab.project)/go")
            let resumed = try stage.lab.run("resume", "hang")
            #expect(resumed.succeeded, "\(resumed)")
            let run = try stage.onlyRun()
            #expect(run.status == "completed")
            #expect(run.starts.count == 2)
            stage.expectArchived()
            try stage.expectReadable("hang")
            try stage.expectNextRun("hang")
            stage.expectArchived()
        }

        @Test(arguments: Executor.allCases)
        func `a killed run keeps the answers of the executor`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["hang": Self.hanging])
            try kill(stage)
            stage.expectArchived()
            // B's readers rewrite the state of a run whose owner is dead; the archive follows.
            let status = try stage.lab.run("status", "hang")
            #expect(status.output.contains(executor == .a ? "running" : "interrupted"), "\(status)")
            try stage.expectReadable("hang")
            #expect(try stage.onlyRun().status == (executor == .a ? "running" : "interrupted"))
            stage.expectArchived()
        }

        private func kill(_ stage: Stage) throws {
            let run = try stage.lab.start("run", "hang")
            try stage.waitForEvent("action_output", count: 2, in: "hang")
            try run.kill9()
            run.signalGroup(SIGKILL)
            #expect(try stage.onlyRun().status == "running")
        }

        @Test(arguments: Executor.allCases)
        func `a run that ll-loop stop ends`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["hang": Self.hanging])
            let run = try stage.lab.start("run", "hang")
            try stage.waitForEvent("action_output", count: 2, in: "hang")
            // As beside a shell, which reaps at once: `stop` takes a zombie for alive and would wait for ten seconds.
            let stop = try stage.lab.start("stop", "hang")
            try run.wait()
            #expect(try stop.wait() == .exited(0), "\(stop.output)\(stop.errorOutput)")
            #expect(try stage.onlyRun().status == (executor == .a ? "interrupted" : "user_stopped"))
            stage.expectArchived()
            try stage.expectReadable("hang")
            try Disk.write("", to: "\(stage.lab.project)/go")
            try stage.expectNextRun("hang")
            stage.expectArchived()
        }

        @Test(arguments: Executor.allCases)
        func `a stop that races a new run`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["hang": Self.hanging])
            let run = try stage.lab.start("run", "hang")
            try stage.waitForEvent("action_output", count: 2, in: "hang")
            let stop = try stage.lab.start("stop", "hang")
            try run.wait()
            // `stop` looks once per second whether the process is gone and then writes the state it read before, in A into
            // the file that by now is the next run's.
            try Disk.write("", to: "\(stage.lab.project)/go")
            try stage.expectNextRun("hang")
            try stop.wait()
            let runs = stage.recorded()
            #expect(runs.count == 2)
            // Which of its last states the first run's archive has depends on who was quicker; the second run's is its own
            // in any case. While the first one's state lies beside the second one's events, A would archive those under
            // the first one's name, which therefore has to be free.
            let first = runs[0].events
            var expecting = Stage.Expectation()
            expecting.states = { run in run.events == first ? run.states : run.state.map { [$0] } ?? [] }
            expecting.mayStandAside = { run in run.events == first }
            #expect(runs[1].status == "completed")
            stage.expectArchived(expecting: expecting)
            try stage.expectNextRun("hang")
            stage.expectArchived(expecting: expecting)
        }
    }
}
