import LoopEngine
import LoopModel
import Testing

@Suite("traces of the specification", .timeLimit(.minutes(1)))
struct TraceTests {
    @Test func `retries are counted, and exhausted after one more execution than that`() async throws {
        let trace = try await LoopTrace(
            """
            name: retry
            initial: a
            states:
              a: {action: exit 1, on_yes: done, on_no: a, max_retries: 2, on_retry_exhausted: x}
              x: {action: "true", next: done}
              done: {terminal: true}
            """
        )
        let attempt = { (iteration: Int) in
            [
                #"{"event": "state_enter", "state": "a", "iteration": \#(iteration)}"#,
                #"{"event": "action_start", "action": "exit 1", "is_prompt": false}"#,
                #"{"event": "action_complete", "exit_code": 1, "duration_ms": 2, "output_preview": null, "is_prompt": false}"#,
                #"{"event": "evaluate", "type": "default", "verdict": "no", "exit_code": 1}"#,
                #"{"event": "route", "from": "a", "to": "a"}"#,
            ]
        }
        let begin = [#"{"event": "loop_start", "loop": "retry"}"#]
        let end = [
            #"{"event": "retry_exhausted", "state": "a", "retries": 3, "next": "x"}"#,
            #"{"event": "state_enter", "state": "x", "iteration": 4}"#,
            #"{"event": "action_start", "action": "true", "is_prompt": false}"#,
            #"{"event": "action_complete", "exit_code": 0, "duration_ms": 2, "output_preview": null, "is_prompt": false}"#,
            #"{"event": "route", "from": "x", "to": "done"}"#,
            #"{"event": "loop_complete", "final_state": "done", "iterations": 4, "terminated_by": "terminal"}"#,
        ]
        #expect(trace.lines == begin + attempt(1) + attempt(2) + attempt(3) + end)
        #expect(trace.outcome.progress.previousResult == ["output": "", "exit_code": 0, "state": "x"])
    }

    @Test func `a loop that maintains starts over, and each restart from a terminal state counts`() async throws {
        let trace = try await LoopTrace(
            """
            name: maintain
            initial: a
            maintain: true
            max_iterations: 7
            states:
              a: {action: "true", on_yes: done}
              b: {action: exit 1, on_yes: done}
              done: {terminal: true, on_maintain: b}
            """
        )
        #expect(
            trace.transitions == [
                #"{"event": "loop_start", "loop": "maintain"}"#,
                #"{"event": "state_enter", "state": "a", "iteration": 1}"#,
                #"{"event": "route", "from": "a", "to": "done"}"#,
                #"{"event": "route", "from": "done", "to": "b", "reason": "maintain"}"#,
                #"{"event": "state_enter", "state": "b", "iteration": 3}"#,
                #"{"event": "route", "from": "b", "to": "a"}"#,
                #"{"event": "state_enter", "state": "a", "iteration": 4}"#,
                #"{"event": "route", "from": "a", "to": "done"}"#,
                #"{"event": "route", "from": "done", "to": "b", "reason": "maintain"}"#,
                #"{"event": "state_enter", "state": "b", "iteration": 6}"#,
                #"{"event": "route", "from": "b", "to": "a"}"#,
                #"{"event": "state_enter", "state": "a", "iteration": 7}"#,
                #"{"event": "route", "from": "a", "to": "done"}"#,
                #"{"event": "loop_complete", "final_state": "done", "iterations": 7, "terminated_by": "max_iterations"}"#,
            ]
        )
    }

    @Test func `output is split and cut as Python does it`() async throws {
        let trace = try await LoopTrace(
            #"""
            name: text
            initial: a
            states:
              a:
                action: |
                  printf 'h\303\251llo \360\237\230\200 \177 \001 \\ " / <>&\342\200\250\r\nx\ry  \t \n\n\302\240z\302\240\n'
                next: done
              done: {terminal: true}
            """#
        )
        #expect(
            Array(trace.lines[3...8]) == [
                #"{"event": "action_output", "line": "h\u00e9llo \ud83d\ude00 \u007f \u0001 \\ \" / <>&"}"#,
                #"{"event": "action_output", "line": "x"}"#,
                #"{"event": "action_output", "line": "y"}"#,
                #"{"event": "action_output", "line": ""}"#,
                #"{"event": "action_output", "line": "\u00a0z"}"#,
                #"{"event": "action_complete", "exit_code": 0, "duration_ms": 2, "output_preview": "#
                    + #""h\u00e9llo \ud83d\ude00 \u007f \u0001 \\ \" / <>&\u2028\nx\ny  \t \n\n\u00a0z", "#
                    + #""is_prompt": false}"#,
            ]
        )
    }

    @Test func `an initial state that is terminal ends the loop before it is entered`() async throws {
        let trace = try await LoopTrace("{name: t, initial: done, states: {done: {terminal: true}}}")
        #expect(
            trace.lines == [
                #"{"event": "loop_start", "loop": "t"}"#,
                #"{"event": "loop_complete", "final_state": "done", "iterations": 0, "terminated_by": "terminal"}"#,
            ]
        )
    }

    @Test func `a catch-all takes errors before the error target does`() async throws {
        let trace = try await LoopTrace(
            """
            name: r
            initial: a
            states:
              a: {action: exit 3, route: {"yes": done, _error: c, _: d}}
              c: {terminal: true}
              d: {terminal: true}
              done: {terminal: true}
            """
        )
        #expect(trace.outcome.progress.currentState == "d")
    }

    @Test func `a killed command ends the run as by a signal, or goes where errors go`() async throws {
        let loop = { (more: String) in
            """
            name: k
            initial: a
            states:
              a: {action: kill -KILL $$, next: done\(more)}
              e: {terminal: true}
              done: {terminal: true}
            """
        }
        let trace = try await LoopTrace(loop(""))
        #expect(trace.lines[3].contains(#""exit_code": -9"#))
        #expect(trace.outcome.reason == .signal)
        #expect(trace.outcome.progress.currentState == "a")
        #expect(try await LoopTrace(loop(", on_error: e")).outcome.progress.currentState == "e")
    }

    @Test func `a pause also comes before the end, and shutdown does not wait for it`() async throws {
        let begun = ContinuousClock.now
        let loop =
            "{name: p, initial: a, backoff: %, states: {a: {action: 'true', next: done}, done: {terminal: true}}}"
        _ = try await LoopTrace(loop.replacing("%", with: "0.3"))
        #expect(ContinuousClock.now - begun >= .milliseconds(300))
        let stopped = try await LoopTrace(
            loop.replacing("%", with: "3600").replacing("'true'", with: "'echo LOOP_STOP:'")
        )
        #expect(stopped.outcome.reason == .signal)
        #expect(stopped.outcome.progress.currentState == "done")
    }
}
