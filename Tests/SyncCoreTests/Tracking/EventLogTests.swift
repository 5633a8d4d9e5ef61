import LoopModel
import SyncCore
import Testing

@Suite struct `An events file as it grows` {
    private let start = #"{"event": "loop_start", "ts": "2026-01-31T23:59:59.000001+00:00", "loop": "fix"}"# + "\n"
    private let route = #"{"event": "route", "ts": "2026-01-31T23:59:59.100000+00:00", "from": "a", "to": "b"}"# + "\n"
    private let complete =
        #"{"event": "loop_complete", "ts": "2026-01-31T23:59:59.200000+00:00", "final_state": "b", "iterations": 2, "terminated_by": "terminal"}"#
        + "\n"

    private func log(_ text: String) -> EventLog {
        var log = EventLog()
        log.consume(Array(text.utf8))
        return log
    }

    @Test func `is identified by the bytes of its first start`() {
        let log = log(start + route + start)
        #expect(log.firstStart == Array(start.utf8.dropLast()))
        #expect(log.starts.count == 2)
        #expect(log.starts.first?.loop == "fix")
        #expect(log.starts.first?.timestamp == Timestamp(iso: "2026-01-31T23:59:59.000001+00:00"))
    }

    @Test func `says the same however its bytes are cut`() {
        let text = Array((start + route + complete + #"{"event": "ab_su"#).utf8)
        let whole = log(String(decoding: text, as: UTF8.self))
        for cut in 0...text.count {
            var log = EventLog()
            log.consume(Array(text[..<cut]))
            log.consume(Array(text[cut...]))
            #expect(log == whole)
        }
        #expect(whole.wholeLines == Int64(text.count - 16))
    }

    @Test func `has ended once its last unnested word is the end`() {
        #expect(log(start + route).witness == .none)
        #expect(log(start + complete).witness == .complete)
        #expect(log(start + complete + #"{"event": "ab_summary", "ts": "x"}"# + "\n").witness == .complete)
    }

    @Test func `goes on after an end when it is resumed or routes`() {
        #expect(log(start + complete + start).witness == .none)
        #expect(log(start + complete + route).witness == .none)
    }

    @Test func `is not ended by a sub-loop's end`() {
        let nested = #"{"event": "loop_complete", "ts": "x", "run_id": "c", "loop": "child", "depth": 1}"# + "\n"
        #expect(log(start + nested).witness == .none)
        #expect(log(start + complete + nested).witness == .complete)
    }

    @Test func `is not begun by a sub-loop's start`() {
        let nested = #"{"event": "loop_start", "ts": "x", "loop": "child", "depth": 1}"# + "\n"
        #expect(log(nested).firstStart == nil)
        #expect(log(nested + start).firstStart == Array(start.utf8.dropLast()))
    }

    @Test func `is parked by a handoff, also after the next process was spawned`() {
        let handoff =
            #"{"event": "handoff_detected", "ts": "x", "state": "a", "iteration": 1, "continuation": "go"}"# + "\n"
        let spawned = #"{"event": "handoff_spawned", "ts": "x", "pid": 7, "state": "a"}"# + "\n"
        #expect(log(start + handoff).witness == .handoff)
        #expect(log(start + handoff + spawned).witness == .handoff)
    }

    @Test func `keeps its memory bounded on a line without an end`() {
        var log = log(start)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<64 { log.consume(piece) }
        #expect(log.wholeLines == Int64(start.utf8.count))
        #expect(log.position == Int64(start.utf8.count) + 64 << 20)
        log.consume(Array("\n".utf8) + Array(complete.utf8))
        #expect(log.witness == .complete)
    }

    @Test func `skips lines that are no objects`() {
        let log = log(start + "[1]\nnull\n{torn\n\n" + "\u{0}\u{1}\n" + complete)
        #expect(log.witness == .complete)
    }

    @Test func `knows version B by the run id on its start`() {
        let b = #"{"event": "loop_start", "ts": "2026-01-31T23:59:59+00:00", "run_id": "r", "loop": "fix"}"# + "\n"
        #expect(log(b).carriesRunID)
        #expect(!log(start).carriesRunID)
    }
}
