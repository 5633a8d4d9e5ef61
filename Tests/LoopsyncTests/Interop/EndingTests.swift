import TestSupport
import Testing

extension InteropTests {
    /// Every way in which a run ends by itself.
    @Suite(.serialized)
    struct EndingTests {
        private static let terminal = """
            initial: a
            states:
              a: {action: "echo one; echo two", capture: x, on_yes: b}
              b: {action: "echo 3", evaluate: {type: output_numeric, operator: ge, target: 2}, on_yes: done, on_no: a}
              done: {terminal: true}
            """

        @Test(arguments: Executor.allCases)
        func `a run that reaches its terminal state`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["plain": Self.terminal])
            let done = try stage.lab.run("run", "plain")
            #expect(done.succeeded, "\(done)")
            #expect(try stage.onlyRun().status == "completed")
            stage.expectArchived()
            try stage.expectReadable("plain")
            try stage.expectNextRun("plain")
            stage.expectArchived()
            try stage.expectReadable("plain")
        }

        @Test(arguments: Executor.allCases)
        func `a run that its step cap ends`(_ executor: Executor) throws {
            let stage = try Stage(
                executor,
                [
                    "capped": """
                    initial: a
                    max_iterations: 3
                    states:
                      a: {action: "[ -e go ]", on_yes: done, on_no: a}
                      done: {terminal: true}
                    """
                ]
            )
            let done = try stage.lab.run("run", "capped")
            #expect(done.termination == .exited(1), "\(done)")
            #expect(try stage.onlyRun().status == "interrupted")
            stage.expectArchived()
            try stage.expectReadable("capped")
            try Disk.write("", to: "\(stage.lab.project)/go")
            try stage.expectNextRun("capped")
            stage.expectArchived()
        }

        @Test(arguments: Executor.allCases)
        func `a run that its time limit ends`(_ executor: Executor) throws {
            let stage = try Stage(
                executor,
                [
                    "slow": """
                    initial: a
                    timeout: 1
                    states:
                      a: {action: "[ -e go ] || sleep 0.6; [ -e go ]", on_yes: done, on_no: a}
                      done: {terminal: true}
                    """
                ]
            )
            let done = try stage.lab.run("run", "slow")
            #expect(done.termination == .exited(1), "\(done)")
            #expect(try stage.onlyRun().status == "timed_out")
            stage.expectArchived()
            try stage.expectReadable("slow")
            try Disk.write("", to: "\(stage.lab.project)/go")
            try stage.expectNextRun("slow")
            stage.expectArchived()
        }

        @Test(arguments: Executor.allCases)
        func `a run that fails`(_ executor: Executor) throws {
            let stage = try Stage(
                executor,
                [
                    "failing": """
                    initial: a
                    states:
                      a: {action: "[ -e go ] || echo 'FATAL_ERROR: no use'", on_yes: done}
                      done: {terminal: true}
                    """
                ]
            )
            let done = try stage.lab.run("run", "failing")
            #expect(done.termination == .exited(1), "\(done)")
            #expect(try stage.onlyRun().status == "failed")
            stage.expectArchived()
            try stage.expectReadable("failing")
            try Disk.write("", to: "\(stage.lab.project)/go")
            try stage.expectNextRun("failing")
            stage.expectArchived()
        }

        @Test func `a run of B that ends in a failure state`() throws {
            let stage = try Stage(
                .b,
                [
                    "failing": """
                    initial: a
                    states:
                      a: {action: "[ -e go ]", on_yes: done, on_no: broken}
                      broken: {terminal: true, failure: true}
                      done: {terminal: true}
                    """
                ]
            )
            let done = try stage.lab.run("run", "failing")
            #expect(done.termination == .exited(2), "\(done)")
            #expect(try stage.onlyRun().status == "failed")
            stage.expectArchived()
            try stage.expectReadable("failing")
            try Disk.write("", to: "\(stage.lab.project)/go")
            try stage.expectNextRun("failing")
            stage.expectArchived()
        }
    }
}
