import TestSupport
import Testing

extension InteropLoadTests {
    /// Many runs beside the agent: none fails, none is missing, none differs.
    @Suite(.serialized)
    struct UndisturbedTests {
        private static let quick = [
            "quick": """
            initial: a
            states:
              a: {action: "echo hi", on_yes: b}
              b: {action: "echo ho", on_yes: done}
              done: {terminal: true}
            """
        ]

        @Test(arguments: [(Executor.a, 200), (.b, 40)])
        func `short runs back to back`(_ executor: Executor, _ count: Int) throws {
            let stage = try Stage(executor, Self.quick)
            for number in 1...count {
                let done = try stage.lab.run("run", "quick", "-q")
                try #require(done.succeeded, "run \(number): \(done)")
            }
            try #require(stage.recorded().count == count)
            stage.expectArchived(within: .seconds(30))
            try stage.expectReadable("quick")
        }

        @Test func `two hundred runs of A without a pause between them`() throws {
            let stage = try Stage(.a, Self.quick)
            let runs = try RunDriver.run("quick", times: 200, in: stage.lab)
            try #require(
                Set(runs.compactMap(\.runID)).count < 100,
                "at least two runs per second, or nothing is tested"
            )
            stage.expectArchived(runs, within: .seconds(30))
            try stage.expectReadable("quick")
        }

        @Test func `twelve runs of A, of which some begin within one second, are twelve archives`() throws {
            let stage = try Stage(.a, Self.quick)
            let runs = try RunDriver.run("quick", times: 12, in: stage.lab)
            try #require(
                Set(runs.compactMap(\.runID)).count < 12,
                "at least two runs of one second, or nothing is tested"
            )
            stage.expectArchived(runs)
            guard stage.agent != nil else { return }
            #expect(Disk.names(in: "\(stage.lab.history)/quick").count == 12)
            try stage.expectNextRun("quick")
            try stage.expectReadable("quick")
        }
    }
}
