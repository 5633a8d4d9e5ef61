import Glibc
import LoopModel
import TestSupport
import Testing

extension TogetherTests {
    /// A run that one executor began and another goes on with.
    @Suite(.serialized)
    struct CrossResumeTests {
        /// Who begins and who goes on.
        struct Pair: Sendable, CustomTestStringConvertible {
            let first: Runner
            let second: Runner
            var testDescription: String { "\(first.rawValue), then \(second.rawValue)" }
            static let all = [Runner.a, .looprun].flatMap { first in
                [Runner.a, .looprun].map { Pair(first: first, second: $0) }
            }
        }

        private static let hanging = """
            initial: start
            states:
              start: {action: "echo begun; exit 1", capture: x, on_no: a}
              a:
                action: "echo here; [ -e go ] || exec sleep 20; exit 1"
                max_retries: 3
                on_retry_exhausted: done
                capture: y
                on_no: b
              b: {action: "echo '${captured.x.output}' '${prev.state}' ${state.iteration}", on_yes: c}
              c: {evaluate: {type: output_numeric, source: "${state.iteration}", operator: ge, target: 4}, on_yes: done}
              done: {terminal: true}
            """

        private static let handing = """
            initial: a
            states:
              a: {action: "echo begun", capture: x, on_yes: b}
              b: {action: "if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: part two'; fi", on_yes: c}
              c: {action: "echo '${captured.x.output}' '${prev.state}' ${state.iteration}", on_yes: done}
              done: {terminal: true}
            """

        /// What a run leaves that was killed in the second state and gone on with.
        private func killed(_ pair: Pair) throws -> Trace {
            let lab = try LoopLab(.a)
            try lab.define("loop", Self.hanging)
            let run = try lab.start(pair.first, ["run", "loop"])
            try lab.waitForEvent("action_output", count: 2, in: "loop")
            try run.kill9()
            run.signalGroup(SIGKILL)
            #expect(lab.status("loop") == "running")
            try Disk.write("", to: "\(lab.project)/go")
            return try goOn(lab, pair)
        }

        private func goOn(_ lab: LoopLab, _ pair: Pair) throws -> Trace {
            let before = try #require(lab.state("loop")?["started_at"])
            let done = try lab.run(pair.second, ["resume", "loop"])
            #expect(done.succeeded, "\(done)")
            #expect(lab.status("loop") == "completed")
            if pair.second == .looprun { #expect(lab.state("loop")?["started_at"] == before) }
            #expect(lab.stems(".pid") == [] && (pair.second == .a || lab.stems(".lock") == []))
            var trace = Trace(of: lab.directory.path, exits: ["\(done.termination)"], unlike: []).withoutContext
            trace.files = trace.files.filter { $0.key.hasSuffix(".events.jsonl") || $0.key.hasSuffix(".state.json") }
            return trace
        }

        @Test func `a killed run is gone on with alike by either, whoever began it`() throws {
            let expected = try killed(Pair(first: .a, second: .a))
            #expect(expected.events.count > 20)
            for pair in Pair.all.dropFirst() {
                let found = try killed(pair)
                #expect(expected.difference(from: found) == nil, "\(pair.testDescription)")
            }
        }

        @Test func `a run that handed over is gone on with alike by either, whoever began it`() throws {
            func handed(_ pair: Pair) throws -> Trace {
                let lab = try LoopLab(.a)
                try lab.define("loop", Self.handing)
                #expect(try lab.run(pair.first, ["run", "loop"]).succeeded)
                #expect(lab.status("loop") == "awaiting_continuation")
                return try goOn(lab, pair)
            }
            let expected = try handed(Pair(first: .a, second: .a))
            #expect(expected.events.contains { $0.contains("\"continuation_prompt\": \"part two\"") })
            for pair in Pair.all.dropFirst() {
                let found = try handed(pair)
                #expect(expected.difference(from: found) == nil, "\(pair.testDescription)")
            }
        }

        @Test func `B goes on with a run of looprun, and looprun with one of B`() throws {
            let lab = try LoopLab(.b)
            try lab.define("loop", Self.handing)
            #expect(try lab.run(.looprun, ["run", "loop"]).succeeded)
            let resumed = try lab.run(.b, ["resume", "loop"])
            #expect(resumed.succeeded, "\(resumed)")
            #expect(lab.status("loop") == "completed")

            let other = try LoopLab(.b)
            try other.define("loop", Self.handing)
            #expect(try other.run(.b, ["run", "loop"]).succeeded)
            let stem = try #require(other.stems(".state.json").first)
            #expect(other.status(stem) == "awaiting_continuation" && stem != "loop")
            let begun = other.events(stem)
            let ours = try other.run(.looprun, ["resume", "loop"])
            #expect(ours.succeeded, "\(ours)")
            #expect(other.status(stem) == "completed" && other.stems(".state.json") == [stem])
            #expect(other.events(stem).starts(with: begun))
            #expect(other.events(stem).last?.contains(#""terminated_by": "terminal""#) == true)
        }

        @Test func `B goes on with a killed run of looprun, and looprun with one of B`() throws {
            for pair in [Pair(first: .looprun, second: .b), Pair(first: .b, second: .looprun)] {
                let lab = try LoopLab(.b)
                try lab.define("loop", Self.hanging)
                let run = try lab.start(pair.first, ["run", "loop"])
                #expect(eventually(within: .seconds(60), every: 20) { !lab.stems(".events.jsonl").isEmpty })
                let stem = try #require(lab.stems(".events.jsonl").first)
                try lab.waitForEvent("action_output", count: 2, in: stem)
                try run.kill9()
                run.signalGroup(SIGKILL)
                #expect(lab.status(stem) == "running")
                let begun = lab.events(stem)
                try Disk.write("", to: "\(lab.project)/go")
                let done = try lab.run(pair.second, ["resume", "loop"])
                #expect(done.succeeded, "\(pair.testDescription): \(done)")
                #expect(lab.status(stem) == "completed" && lab.stems(".state.json") == [stem])
                #expect(lab.events(stem).starts(with: begun))
                #expect(lab.events(stem).last?.contains(#""terminated_by": "terminal""#) == true)
            }
        }

        @Test func `what --context said is known after a resume`() throws {
            let lab = try LoopLab(.a)
            try lab.define(
                "loop",
                """
                initial: a
                states:
                  a: {action: "if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: x'; fi", on_yes: b}
                  b: {action: "echo ${context.word}", on_yes: done}
                  done: {terminal: true}
                """
            )
            #expect(try lab.run(.looprun, ["run", "loop", "--context", "word=kept"]).succeeded)
            #expect(lab.state("loop")?.keys.last == "context")
            #expect(try lab.run(.looprun, ["resume", "loop"]).succeeded)
            #expect(lab.events("loop").contains { $0.contains(#""line": "kept""#) })
            #expect(lab.status("loop") == "completed")
        }
    }
}
