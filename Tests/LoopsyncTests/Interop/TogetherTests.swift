import Glibc
import TestSupport
import Testing

extension InteropLoadTests {
    /// Several loops in one directory.
    @Suite(.serialized)
    struct TogetherTests {
        private static let quick = """
            initial: a
            states:
              a: {action: "echo hi", on_yes: done}
              done: {terminal: true}
            """

        private static func counting(_ word: String) -> String {
            """
            initial: a
            states:
              a: {action: "for i in 1 2 3 4 5; do echo \(word) $i; sleep 0.2; done", on_yes: b}
              b: {action: "echo last", on_yes: done}
              done: {terminal: true}
            """
        }

        @Test(arguments: Executor.allCases)
        func `two loops at once`(_ executor: Executor) throws {
            let stage = try Stage(executor, ["tick": Self.counting("tick"), "tock": Self.counting("tock")])
            let both = [try stage.lab.start("run", "tick"), try stage.lab.start("run", "tock")]
            for run in both { #expect(try run.wait() == .exited(0), "\(run.output)\(run.errorOutput)") }
            #expect(Set(stage.recorded().compactMap(\.loop)) == ["tick", "tock"])
            stage.expectArchived()
            try stage.expectReadable("tick")
            try stage.expectReadable("tock")
            try stage.expectNextRun("tock")
            stage.expectArchived()
        }

        @Test(arguments: Executor.allCases)
        func `a loop that runs another inside`(_ executor: Executor) throws {
            let stage = try Stage(
                executor,
                [
                    "inner": Self.quick,
                    "outer": """
                    initial: a
                    states:
                      a: {loop: inner, on_yes: b, on_no: done}
                      b: {loop: inner, on_yes: c, on_no: done}
                      c: {action: "sleep 0.5", on_yes: done}
                      done: {terminal: true}
                    """,
                ]
            )
            let done = try stage.lab.run("run", "outer")
            #expect(done.succeeded, "\(done)")
            let run = try stage.onlyRun()
            #expect(run.loop == "outer")
            let text = String(decoding: run.events, as: UTF8.self)
            let completions = text.split(separator: "\n").count { $0.hasPrefix(#"{"event": "loop_complete""#) }
            #expect(completions == (executor == .a ? 1 : 3))
            stage.expectArchived()
            try stage.expectReadable("outer")
            try stage.expectNextRun("outer")
            stage.expectArchived()
        }

        /// What came and went unseen stands in the history by its executor alone; nobody has to wait for the next hour.
        @Test(arguments: Executor.allCases)
        func `runs that came and went while the agent was paused are found in the history`(_ executor: Executor) throws
        {
            let stage = try Stage(executor, ["quick": Self.quick])
            guard let agent = stage.agent else { return }
            #expect(try stage.lab.run("run", "quick", "-q").succeeded)
            stage.expectArchived()
            agent.process.signal(SIGSTOP)
            defer { agent.process.signal(SIGCONT) }
            for _ in 0..<3 {
                // Runs of one second would be written over each other by their executor.
                pause(milliseconds: 1100)
                #expect(try stage.lab.run("run", "quick", "-q").succeeded)
            }
            #expect(stage.recorded().count == 4)
            agent.process.signal(SIGCONT)
            stage.expectArchived(within: .seconds(30))
        }

        /// The agent has nothing left to do to it in the history, and nobody else tells the mirror within the hour.
        @Test(arguments: Executor.allCases)
        func `a run that a one-shot archived while the agent was paused reaches the mirror`(_ executor: Executor) throws
        {
            let stage = try Stage(executor, ["quick": Self.quick])
            guard let agent = stage.agent else { return }
            #expect(try stage.lab.run("run", "quick", "-q").succeeded)
            stage.expectArchived()
            agent.process.signal(SIGSTOP)
            defer { agent.process.signal(SIGCONT) }
            // Runs of one second would be written over each other by their executor.
            pause(milliseconds: 1100)
            #expect(try stage.lab.run("run", "quick", "-q").succeeded)
            #expect(stage.recorded().count == 2)
            #expect(try stage.lab.loopsync("archive").succeeded)
            agent.process.signal(SIGCONT)
            stage.expectArchived(within: .seconds(30))
        }

        @Test func `B's cap handler is completed while it lives, and another loop's start sweeps its files`() throws {
            let stage = try Stage(
                .b,
                [
                    "quick": Self.quick,
                    "capped": """
                    initial: a
                    max_steps: 2
                    on_max_steps: last
                    states:
                      a: {action: "echo a", on_yes: b}
                      b: {action: "echo b", on_yes: a}
                      last: {terminal: true, action: "for i in 1 2 3 4 5 6; do echo last $i; sleep 0.5; done"}
                      done: {terminal: true}
                    """,
                ]
            )
            let capped = try stage.lab.start("run", "capped")
            try stage.waitForEvent("action_start", count: 3, in: "capped")
            let quick = try stage.lab.run("run", "quick")
            #expect(quick.succeeded, "\(quick)")
            #expect(capped.isRunning, "the handler has to outlive the other loop's start, or nothing is tested")
            try capped.wait()
            let runs = stage.recorded()
            #expect(runs.count == 2)
            let run = try #require(runs.first { $0.loop == "capped" })
            #expect(run.status == "interrupted")
            // B itself keeps the tail alone.
            let names = Disk.names(in: stage.lab.running).filter {
                $0.hasPrefix("capped") && $0.hasSuffix(".events.jsonl")
            }
            let tail = try #require(names.first.flatMap { Disk.read("\(stage.lab.running)/\($0)") })
            #expect(tail.count < run.events.count)
            stage.expectArchived()
            try stage.expectReadable("capped")
            try stage.expectNextRun("quick")
            stage.expectArchived()
        }
    }
}
