import LoopModel
import Testing

/// The time in each state, by events as both executors write them.
@Suite
struct StateClockTests {
    private func shares(_ lines: String...) -> [JSONString: StateClock.Share] {
        var clock = StateClock()
        for line in lines { clock.take(Array(line.utf8)[...]) }
        return clock.finished()
    }

    private func event(_ name: String, _ second: String, _ rest: String = "") -> String {
        #"{"event": "\#(name)", "ts": "2026-11-28T07:04:\#(second)+00:00"\#(rest.isEmpty ? "" : ", " + rest)}"#
    }

    @Test func `a visit lasts to the next state, the last one to the last event`() {
        let found = shares(
            event("loop_start", "00", #""loop": "x""#),
            event("state_enter", "01", #""state": "a", "iteration": 1"#),
            event("action_start", "02"),
            event("state_enter", "03.5", #""state": "b", "iteration": 2"#),
            event("state_enter", "04", #""state": "a", "iteration": 3"#),
            event("loop_complete", "06", #""final_state": "done""#)
        )
        #expect(
            found == [
                "a": StateClock.Share(visits: 2, microseconds: 4_500_000),
                "b": StateClock.Share(visits: 1, microseconds: 500_000),
            ]
        )
    }

    @Test func `the time between an end and a resumption counts for no state`() {
        let found = shares(
            event("loop_start", "00"),
            event("state_enter", "01", #""state": "a""#),
            event("action_output", "02"),
            event("loop_resume", "30", #""from_state": "a""#),
            event("state_enter", "31", #""state": "a""#),
            event("evaluate", "33")
        )
        #expect(found == ["a": StateClock.Share(visits: 2, microseconds: 3_000_000)])
    }

    @Test func `events of sub-loops and torn lines count for nothing`() {
        let found = shares(
            event("state_enter", "01", #""state": "a""#),
            event("state_enter", "02", #""state": "inner", "depth": 1"#),
            #"{"event": "state_enter", "ts": "2026-11-28T07:0"#,
            "",
            "null",
            event("route", "05")
        )
        #expect(found == ["a": StateClock.Share(visits: 1, microseconds: 4_000_000)])
    }

    @Test func `a clock that went back takes no time away`() {
        let found = shares(event("state_enter", "10", #""state": "a""#), event("state_enter", "05", #""state": "b""#))
        #expect(found["a"] == StateClock.Share(visits: 1, microseconds: 0))
    }
}
