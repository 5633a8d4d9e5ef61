import LoopModel
import SyncCore
import Testing

@Suite struct `A run's story` {
    /// An event so many milliseconds after 2026-01-31T12:00:00Z.
    private func line(_ name: String, _ milliseconds: Int, _ fields: String = "") -> String {
        let at = Timestamp(microseconds: 1_769_860_800_000_000 + Int64(milliseconds) * 1000).iso.string
        return #"{"event": "\#(name)", "ts": "\#(at)"\#(fields.isEmpty ? "" : ", " + fields)}"# + "\n"
    }

    private func enter(_ state: String, _ milliseconds: Int, iteration: Int) -> String {
        line("state_enter", milliseconds, #""state": "\#(state)", "iteration": \#(iteration)"#)
    }

    private func story(_ text: String, visitLimit: Int = 100, outputLimit: Int = 3) -> RunStory {
        var reader = RunStoryReader(visitLimit: visitLimit, outputLimit: outputLimit)
        reader.consume(Array(text.utf8))
        return reader.told()
    }

    private var twoStates: String {
        line("loop_start", 0, #""loop": "fix""#) + enter("check", 10, iteration: 1)
            + line("action_start", 20, #""action": "make test", "is_prompt": false"#)
            + line("action_output", 30, #""line": "one""#) + line("action_output", 40, #""line": "two""#)
            + line("action_complete", 1000, #""exit_code": 1, "duration_ms": 980, "output_preview": "one\ntwo""#)
            + line("evaluate", 1001, #""type": "exit_code", "verdict": "no""#)
            + line("route", 1002, #""from": "check", "to": "mend""#) + enter("mend", 1010, iteration: 2)
            + line("action_complete", 5010, #""exit_code": 0, "output_preview": "a\nb""#)
            + line("evaluate", 5010, #""type": "default", "verdict": "yes""#)
            + line("route", 5010, #""from": "mend", "to": "check""#) + enter("check", 5010, iteration: 3)
            + line("evaluate", 5510, #""type": "exit_code", "verdict": "yes""#)
            + line("route", 5510, #""from": "check", "to": "done""#)
            + line("loop_complete", 5520, #""final_state": "done", "iterations": 3, "terminated_by": "terminal""#)
    }

    @Test func `has each stay in a state with its time, verdict and way out`() {
        let story = story(twoStates)
        #expect(story.loop == "fix" && story.segments == 1)
        #expect(story.visits.map(\.state) == ["check", "mend", "check"])
        #expect(story.visits.map(\.time) == [.milliseconds(1000), .milliseconds(4000), .milliseconds(510)])
        #expect(story.visits.map(\.verdict) == ["no", "yes", "yes"])
        #expect(story.visits.map(\.next) == ["mend", "check", "done"])
        #expect(story.visits.map(\.exitCode) == [1, 0, nil])
        #expect(story.visits.allSatisfy { !$0.isOpen })
        #expect(story.states.map(\.state) == ["check", "mend"])
        #expect(story.states.map(\.visits) == [2, 1])
        #expect(story.states.map(\.time) == [.milliseconds(1510), .milliseconds(4000)])
        #expect(story.states[0].verdicts == [.init(name: "no", count: 1), .init(name: "yes", count: 1)])
        #expect(story.ending == .complete(by: "terminal", finalState: "done", iterations: 3))
        #expect(story.time == .milliseconds(5510))
    }

    @Test func `keeps the last lines of output, from a preview where no line was written`() {
        let story = story(twoStates)
        #expect(story.output == ["two", "a", "b"])
        #expect(story.outputLines == 4)
        #expect(self.story(twoStates, outputLimit: 0).output == [])
        #expect(self.story(twoStates, outputLimit: 9).output == ["one", "two", "a", "b"])
    }

    @Test func `is the same however the bytes are cut`() {
        let bytes = Array(twoStates.utf8)
        let whole = story(twoStates)
        for size in [1, 7, 64, 1000] {
            var reader = RunStoryReader(visitLimit: 100, outputLimit: 3)
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.consume(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(reader.told() == whole)
        }
    }

    @Test func `sums all visits and keeps no more than asked for`() {
        let story = story(twoStates, visitLimit: 1)
        #expect(story.visits.count == 1 && story.omittedVisits == 2)
        #expect(story.states.map(\.visits) == [2, 1])
    }

    @Test func `of a killed and resumed run leaves the pause out`() {
        let killed =
            line("loop_start", 0, #""loop": "fix""#) + enter("a", 0, iteration: 1)
            + line("action_output", 700, #""line": "x""#)
        let open = story(killed)
        #expect(open.visits.map(\.time) == [.milliseconds(700)])
        #expect(open.visits.map(\.isOpen) == [true])
        #expect(open.ending == .none)

        let resumed =
            killed + line("loop_start", 100_000, #""loop": "fix""#) + enter("a", 100_001, iteration: 2)
            + line("loop_complete", 100_501, #""final_state": "a", "iterations": 2, "terminated_by": "signal""#)
        let story = story(resumed)
        #expect(story.segments == 2)
        #expect(story.visits.map(\.segment) == [1, 2])
        #expect(story.time == .milliseconds(1200))
        #expect(story.ending == .complete(by: "signal", finalState: "a", iterations: 2))
    }

    @Test func `takes what a sub-loop forwards for its state's time and output alone`() {
        let nested = #""depth": 1, "state": "inner", "iteration": 1"#
        let story = story(
            line("loop_start", 0, #""loop": "fix""#) + enter("sub", 0, iteration: 1)
                + line("loop_start", 1, #""loop": "child", "depth": 1"#) + line("state_enter", 2, nested)
                + line("action_output", 3, #""line": "from below", "depth": 1"#)
                + line("loop_complete", 400, #""final_state": "inner", "terminated_by": "error", "depth": 1"#)
        )
        #expect(story.states.map(\.state) == ["sub"])
        #expect(story.time == .milliseconds(400))
        #expect(story.output == ["from below"])
        #expect(story.nestedEvents == 3 && story.ending == .none && story.segments == 1)
    }

    @Test func `goes on over what is no event, and over a line without end`() {
        let damaged =
            line("loop_start", 0, #""loop": "fix""#) + "{\"event\": \"state_en\nnull\n\n" + enter("a", 5, iteration: 1)
        #expect(story(damaged).damagedLines == 2)
        #expect(story(damaged).states.map(\.state) == ["a"])
        #expect(story(damaged + #"{"event": "loop_compl"#).damagedLines == 2)
        let long = damaged + "{" + String(repeating: "x", count: RunStoryReader.lineLimit) + "\n"
        #expect(story(long + enter("b", 9, iteration: 2)).states.map(\.state) == ["a", "b"])
        #expect(story(long).damagedLines == 3)
    }

    @Test func `tells an error, a handoff and whatever else happened`() {
        let failed = story(
            enter("a", 0, iteration: 1) + line("rate_limit_waiting", 1, #""state": "a""#)
                + line("rate_limit_waiting", 2, #""state": "a""#)
                + line("retry_exhausted", 3, #""state": "a", "retries": 2, "next": "b""#)
                + line("loop_complete", 4, #""terminated_by": "error", "error": "no such state""#)
        )
        #expect(failed.error == "no such state")
        #expect(failed.visits.map(\.next) == ["b"] && failed.visits.map(\.reason) == ["retry_exhausted"])
        #expect(
            failed.others == [.init(name: "rate_limit_waiting", count: 2), .init(name: "retry_exhausted", count: 1)]
        )
        let handed = story(enter("a", 0, iteration: 1) + line("handoff_detected", 9, #""continuation": "go on""#))
        #expect(handed.ending == .handoff(continuation: "go on"))
    }

    @Test func `stands clocks that go backwards and times that are none`() {
        let story = story(
            enter("a", 1000, iteration: 1) + enter("b", 0, iteration: 2)
                + #"{"event": "state_enter", "ts": 7, "state": "c"}"# + "\n" + #"{"event": "state_enter", "state": 9}"#
        )
        #expect(story.states.map(\.state) == ["a", "b", "c", ""])
        #expect(story.time == .zero)
    }
}
