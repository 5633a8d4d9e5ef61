import LoopModel
import LoopStore
import TestSupport
import Testing

/// Damaged events files, and lines as long as they may be.
@Suite struct EventLinesMutationTests {
    private static let words = [
        "\n", "\r", "\r\n", #"{"event": "loop_start"}"#, #""loop_start""#, #""depth": 1"#, "\u{85}", "\u{2028}", "\0",
        #"{"event": "x", "#, #"loop\u005fstart"#,
    ]

    @Test func `every line that is an event is one, whatever stands around it`() throws {
        let temporary = try TemporaryDirectory()
        let directory = try temporary.open()
        let name = FileName(literal: "x.events.jsonl")
        let run = try MutationRun("LoopModelTests/Corpus/events", words: Self.words, bounded: 600)
        let failure = try run.firstFailure { bytes in
            try Disk.write(bytes, to: temporary.path("x.events.jsonl"))
            let events = try EventLines.events(of: name, in: directory)
            let lines = bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            guard events == lines.compactMap({ LoopEvent(line: $0) }) else { return "\(events.count) events" }
            let file = try #require(try directory.openFile(name, for: .reading))
            _ = try EventsEnds.lastTime(in: file)
            guard let start = try EventsEnds.firstLoopStart(in: file) else { return nil }
            let isThere = bytes.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual(start.line) }
            guard isThere, start.event.name == "loop_start", start.event.isUnnested else {
                return "no loop_start of the file"
            }
            return nil
        }
        #expect(failure == nil)
    }

    @Test func `a line of just the longest length is an event and one of a byte more is left out`() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path("x.events.jsonl")
        let name = FileName(literal: "x.events.jsonl")
        #expect(EventLines.longestLine == 64 << 20)
        // The same at a limit that does not take the memory that other tests measure; files are read by the megabyte.
        for (longest, extra) in [(100, 0), (100, 1), (3 << 20, 0), (3 << 20, 1), (3 << 20, 1 << 20)] {
            try Disk.write(#"{"event": "first"}"# + "\n", to: path)
            try Disk.append(Self.line(longest + extra) + [UInt8(ascii: "\n")], to: path)
            try Disk.append(#"{"event": "last"}"#, to: path)
            let names = try EventLines.events(of: name, in: try temporary.open(), longest: longest).map(\.name)
            #expect(names == (extra == 0 ? ["first", "loop_start", "last"] : ["first", "last"]))
        }
    }

    @Test func `a loop_start of just the longest length begins a run and one of a byte more does not`() throws {
        let temporary = try TemporaryDirectory()
        let name = FileName(literal: "x.events.jsonl")
        for (extra, end) in [(0, "\n"), (1, "\n"), (0, ""), (1, "")] {
            let line = Self.line(EventsEnds.longestLine + extra)
            try Disk.write(line + end.utf8, to: temporary.path("x.events.jsonl"))
            let file = try #require(try temporary.open().openFile(name, for: .reading))
            #expect(try (EventsEnds.firstLoopStart(in: file)?.line == line) == (extra == 0))
        }
    }

    /// An event of so many bytes.
    private static func line(_ length: Int) -> [UInt8] {
        let (begin, end) = (Array(#"{"event": "loop_start", "x": ""#.utf8), Array(#""}"#.utf8))
        return begin + [UInt8](repeating: 0x78, count: length - begin.count - end.count) + end
    }

    /// At a limit that does not take the memory that other tests measure: who reads a state names the limit in the same way.
    @Test func `a file of just the limit is read and one of a byte more is refused`() throws {
        #expect(StateFile.sizeLimit == 64 << 20)
        let temporary = try TemporaryDirectory()
        let name = FileName(literal: "x.state.json")
        for limit in [0, 1, 4096, 100_000] {
            try Disk.write([UInt8](repeating: 0x20, count: limit), to: temporary.path("x.state.json"))
            #expect(try temporary.open().contents(of: name, limit: limit)?.count == limit)
            try Disk.append(" ", to: temporary.path("x.state.json"))
            let error = #expect(throws: PosixError.self) { try temporary.open().contents(of: name, limit: limit) }
            #expect(error?.code == .fileTooBig)
        }
    }
}
