import LoopModel
import Testing

@Suite struct LoopStateTests {
    private let minimal =
        #"{"loop_name": "l", "current_state": "s", "iteration": 1, "started_at": "t", "status": "running"}"#

    private func state(_ json: String) throws -> LoopState {
        try LoopState(parsing: json.utf8)
    }

    private func keys(_ state: LoopState) -> [String] {
        state.json.objectValue?.members.map(\.key.string) ?? []
    }

    private func error(_ json: String) -> LoopStateError? {
        do throws(LoopStateError) {
            _ = try LoopState(parsing: json.utf8)
            return nil
        } catch {
            return error
        }
    }

    @Test func `absent keys with a default are written with it`() throws {
        let written = try #require(state(minimal).json.objectValue)
        #expect(
            JSONValue.object(written)
                == [
                    "loop_name": "l", "current_state": "s", "iteration": 1, "captured": [:], "prev_result": .null,
                    "last_result": .null, "started_at": "t", "updated_at": "", "status": "running", "accumulated_ms": 0,
                ]
        )
    }

    @Test func `a null that stands there stays null, and an optional key that is null goes`() throws {
        var json = try #require(JSONValue(parsing: minimal.utf8).objectValue)
        for key: JSONString in [
            "captured", "updated_at", "accumulated_ms", "retry_counts", "continuation_prompt", "pid",
        ] {
            json[key] = .null
        }
        let state = try LoopState(json: .object(json))
        #expect(state.captured == .null)
        #expect(state[.updatedAt] == .null)
        #expect(state.updatedAt == "")
        #expect(state.retryCounts == .null)
        let written = try #require(state.json.objectValue)
        #expect(written["captured"] == .null)
        #expect(written["updated_at"] == .null)
        #expect(written["accumulated_ms"] == .null)
        #expect(written["retry_counts"] == nil)
        #expect(written["continuation_prompt"] == nil)
        #expect(written["pid"] == nil)
    }

    @Test func `A's keys come first in A's order, then B's, then unknown ones as they came`() throws {
        let shuffled = """
            {"zebra": 1, "context": {"a": 1}, "pid": 7, "status": "running", "retry_counts": {"s": 1}, "loop_name": "l",
             "active_sub_loop": "sub", "messages": ["m"], "iteration_count": 3, "iteration": 1, "apple": 2,
             "continuation_prompt": "", "current_state": "s", "started_at": "t", "edge_revisit_counts": {"a->b": 2},
             "rate_limit_retries": {"s": 2}, "consecutive_rate_limit_exhaustions": 1, "reconciled_at": "r",
             "pre_cap_state": "p"}
            """
        #expect(
            try keys(state(shuffled)) == [
                "loop_name", "current_state", "iteration", "captured", "prev_result", "last_result", "started_at",
                "updated_at", "status", "accumulated_ms", "continuation_prompt", "retry_counts", "active_sub_loop",
                "rate_limit_retries", "consecutive_rate_limit_exhaustions", "edge_revisit_counts", "iteration_count",
                "pid", "reconciled_at", "messages", "pre_cap_state", "context", "zebra", "apple",
            ]
        )
    }

    @Test func `keys of B that say nothing are not written`() throws {
        let empty =
            minimal.dropLast() + """
                , "rate_limit_retries": {}, "consecutive_rate_limit_exhaustions": 0, "edge_revisit_counts": {},
                 "iteration_count": 0, "messages": [], "context": {}, "reconciled_at": null, "pre_cap_state": null}
                """
        #expect(try keys(state(String(empty))).count == 10)
    }

    @Test func `values of the wrong type are kept and written again`() throws {
        let odd =
            #"{"loop_name": 5, "current_state": [1], "iteration": "x", "started_at": {"a": NaN}, "status": false}"#
        let state = try state(odd)
        #expect(state.loopName == "5")
        #expect(state.currentState == "[1]")
        #expect(state.status == "false")
        #expect(state.pid == nil)
        let written = try #require(state.json.objectValue)
        #expect(written["loop_name"] == 5)
        #expect(written["started_at"] == .object(["a": .number(JSONNumber(.nan))]))
        #expect(written["status"] == false)
    }

    @Test func `a missing key is named, the first one that the specification asks for`() {
        #expect(error("{}") == .missingKey(.loopName))
        #expect(error(#"{"loop_name": "l", "current_state": "s", "started_at": "t"}"#) == .missingKey(.iteration))
        #expect(error(#"{"loop_name": "l", "current_state": "s"}"#)?.description == "missing key 'iteration'")
        for json in ["null", "[]", "3", #""x""#] { #expect(error(json) == .notAnObject) }
        #expect(error("") == .notJSON(JSONError(.unexpectedEnd, offset: 0)))
        #expect(error(#"{"loop_name": "l", "curr"#)?.description.hasPrefix("not JSON: the text ends too early") == true)
    }

    @Test func `a known key among the unknown ones is not written twice`() throws {
        var state = try state(minimal)
        state.unknown["status"] = "completed"
        state.unknown["mine"] = 1
        #expect(keys(state).filter { $0 == "status" }.count == 1)
        #expect(state.status == .running)
        #expect(keys(state).last == "mine")
    }

    @Test func `setting nil restores a default or removes the key`() throws {
        var state = try state(minimal)
        state.continuationPrompt = "go on"
        state.pid = 42
        state[.captured] = ["a": 1]
        #expect(keys(state).contains("continuation_prompt"))
        state.continuationPrompt = nil
        state.pid = nil
        state[.captured] = nil
        #expect(state == (try self.state(minimal)))
    }
}

@Suite struct LoopEventTests {
    @Test func `a line that holds no object is no event`() {
        for line in ["", "  ", "3", "null", "[]", #"{"event": "loop_st"#, "\u{FEFF}{}", "{}{}"] {
            #expect(LoopEvent(line: line.utf8) == nil)
        }
    }

    @Test func `white space as Python knows it does not matter around an event`() {
        let line = "\u{A0}\u{85}\u{2003}\u{3000}\u{1C}\u{B}{\"event\": \"x\"} \u{2028}\t\u{205F}\r"
        #expect(LoopEvent(line: line.utf8)?.name == "x")
    }

    @Test func `only an event without depth speaks for the run`() throws {
        let line = #"{"event": "loop_start", "ts": "t", "run_id": "r", "loop": "l", "depth": 1}"#
        let event = try #require(LoopEvent(line: line.utf8))
        #expect(!event.isUnnested)
        #expect(event.depth == 1)
        #expect((event.name, event.timestamp, event.runID, event.loop) == ("loop_start", "t", "r", "l"))
        #expect(String(decoding: event.line(), as: UTF8.self) == line)
        let null = try #require(LoopEvent(line: #"{"event": "loop_start", "depth": null}"#.utf8))
        #expect(!null.isUnnested)
    }
}
