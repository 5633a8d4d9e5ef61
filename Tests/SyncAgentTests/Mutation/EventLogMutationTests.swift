import LoopModel
import LoopStore
import SyncCore
import TestSupport
import Testing

/// Damaged events files as the agent follows them.
@Suite struct EventLogMutationTests {
    private static let words = [
        "\n", "\r", #"{"event": "loop_start"}"#, #""loop_start""#, #""loop_complete""#, #""depth": 1"#,
        #"{"event": "x", "#,
        #""event": "loop_start""#, #"loop\u005fstart"#, #"{"event": ""#, "\0", "\u{A0}",
    ]

    @Test func `what a file says does not depend on the pieces in which it is read`() throws {
        let run = try MutationRun("LoopModelTests/Corpus/events", words: Self.words, bounded: 1500)
        let failure = run.firstFailure { bytes in
            var whole = EventLog()
            whole.consume(bytes)
            for size in [1, 7, 100] {
                var pieces = EventLog()
                var start = 0
                while start < bytes.count {
                    pieces.consume(Array(bytes[start..<min(start + size, bytes.count)]))
                    start += size
                }
                guard pieces == whole else { return "in pieces of \(size): \(pieces)\n\(whole)" }
            }
            let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            return whole.position == bytes.count && whole.wholeLines == end ? nil : "at \(whole.wholeLines) of \(end)"
        }
        #expect(failure == nil)
    }

    /// The identity of a run is its first `loop_start`, for the agent that follows it as for the archive that keeps it.
    @Test func `who follows a file and who looks into it find the same start`() throws {
        let temporary = try TemporaryDirectory()
        let directory = try temporary.open()
        let run = try MutationRun("LoopModelTests/Corpus/events", words: Self.words, bounded: 1000)
        let failure = try run.firstFailure { bytes in
            let ended = bytes + [UInt8(ascii: "\n")]
            var log = EventLog()
            log.consume(ended)
            try Disk.write(ended, to: temporary.path("events.jsonl"))
            let file = try #require(try directory.openFile(.events, for: .reading))
            let found = try EventsEnds.firstLoopStart(in: file)?.line
            return found == log.firstStart ? nil : "\(found.map { String(decoding: $0, as: UTF8.self) } ?? "none")"
        }
        #expect(failure == nil)
    }

    @Test(arguments: [
        (#"{"event": "x", "event": "loop_start"}"#, false), (#"{"event": "loop_start", "event": "x"}"#, false),
        (#"{"event": "loop\u005fstart"}"#, false), (#"{ "event": "loop\u005fstart"}"#, true),
        (#"{"ts": "", "event": "loop_start"}"#, true), (#"{"event": "loop_start", "depth": null}"#, false),
    ])
    func `a line that names its event first is of no other event`(line: String, isStart: Bool) throws {
        for before in ["", #"{"event": "loop_complete"}"# + "\n"] {
            let bytes = Array((before + line + "\n").utf8)
            var log = EventLog()
            log.consume(bytes)
            #expect((log.firstStart != nil) == isStart)
            try TemporaryDirectory.with { temporary in
                try Disk.write(bytes, to: temporary.path("events.jsonl"))
                let file = try #require(try temporary.open().openFile(.events, for: .reading))
                #expect(try (EventsEnds.firstLoopStart(in: file) != nil) == isStart)
            }
        }
    }

    @Test func `a line of just the longest length is understood, and one of a byte more is passed over`() {
        for (extra, size) in [(0, 1 << 16), (1, 1 << 16), (0, 1 << 22), (1, 1 << 22)] {
            let (begin, end) = (Array(#"{"event": "loop_start", "x": ""#.utf8), Array(#""}"#.utf8))
            let filling = [UInt8](repeating: 0x78, count: EventLog.lineLimit + extra - begin.count - end.count)
            let bytes = begin + filling + end + [UInt8(ascii: "\n")]
            var log = EventLog()
            for start in stride(from: 0, to: bytes.count, by: size) {
                log.consume(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect((log.firstStart != nil) == (extra == 0))
            #expect(log.wholeLines == bytes.count)
        }
    }
}
