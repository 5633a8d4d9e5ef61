import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

/// `StatePersistence` of the specification beside ours: the same directory to both, or one each that begin alike.
@Suite struct StatePersistenceSpecificationTests {
    private static let moment = Timestamp(microseconds: 1_769_903_999_123_456)
    /// As long as a name can be for the specification.
    private static let long = JSONString(String(repeating: "x", count: 255 - ".events.jsonl".utf8.count))
    private let file: JSONValue = [
        "loop_name": "l", "current_state": "s", "iteration": 1, "captured": ["a": ["b": "\u{E9}"]],
        "started_at": "2026-01-31T20:00:00.5+00:00", "status": "running",
    ]

    private func ours(_ directory: String, loop: JSONString = "l") -> StatePersistence {
        StatePersistence(loopName: loop, loopsDirectory: directory, clock: { Self.moment }, warn: { _ in })
    }

    private func request(_ call: JSONValue, _ directory: String, loop: JSONString = "l") -> JSONObject {
        ["call": call, "loop": .string(loop), "dir": .string(JSONString(directory))]
    }

    @Test func `StatePersistence.__init__`() throws {
        let theirs = try Specification.call(
            request("paths", "some/loops", loop: "fix types"),
            request("paths", "some/loops", loop: Self.long),
            ["call": "paths", "loop": "l"]
        )
        let given = ours("some/loops", loop: "fix types")
        #expect(theirs[0].value == given.paths)
        #expect(theirs[1].value == ours("some/loops", loop: Self.long).paths)
        #expect(theirs[2].value == StatePersistence(loopName: "l").paths)
    }

    @Test func `a name leads outside there and nowhere else here`() throws {
        let root = try TemporaryDirectory()
        try Disk.makeDirectories(root.path("loops/.running"))
        let event: JSONObject = ["event": "x"]
        var append = request("append_event", root.path("loops"), loop: "../../outside")
        append["event"] = .object(event)
        #expect(try Specification.call(append)[0] == .value(.null))
        #expect(Disk.exists(root.path("outside.events.jsonl")))
        try Disk.remove(root.path("outside.events.jsonl"))

        for loop: JSONString in ["../../outside", "we/ird", "..", ".", "", "a\0b", "new\nline"] {
            let persistence = ours(root.path("loops"), loop: loop)
            var state = try LoopState(json: file)
            try persistence.save(&state)
            try persistence.append(LoopEvent(event))
            #expect(try persistence.events() == [LoopEvent(event)])
            #expect(try persistence.load()?.loopName == "l")
        }
        #expect(Disk.names(in: root.path) == ["loops"])
        #expect(Disk.names(in: root.path("loops")) == [".running"])
        #expect(Disk.names(in: root.path("loops/.running")).count == 14)
    }

    @Test func `StatePersistence.initialize`() throws {
        let root = try TemporaryDirectory()
        _ = try Specification.call(
            request("initialize", root.path("theirs/a/b")),
            request("initialize", root.path("theirs/a/b"))
        )
        for _ in 0..<2 { try ours(root.path("ours/a/b")).initialize() }
        #expect(TreeSnapshot(of: root.path("ours")) == TreeSnapshot(of: root.path("theirs")))
        #expect(Disk.isDirectory(root.path("ours/a/b/.running")))
        #expect(
            Disk.status(root.path("ours/a/b/.running"))?.mode == Disk.status(root.path("theirs/a/b/.running"))?.mode
        )

        try Disk.write("", to: root.path("file"))
        #expect(
            try Specification.call(request("initialize", root.path("file"))).first?.exception == "NotADirectoryError"
        )
        #expect(throws: PosixError(call: "open", path: root.path("file"), code: .init(rawValue: ENOTDIR))) {
            try ours(root.path("file")).initialize()
        }
    }

    @Test func `StatePersistence.initialize makes relative paths below the current directory`() throws {
        // The only test that leaves something in the working directory, for a moment.
        let name = "loopsync-relative-\(getpid())"
        defer {
            try? PosixDirectory.open(path: ".")?.removeTree(FileName(name) ?? FileName(literal: "loopsync-relative"))
        }
        try ours("\(name)/x/../y").initialize()
        #expect(Disk.isDirectory("\(name)/y/.running"))
    }

    @Test func `StatePersistence.save_state`() throws {
        let root = try TemporaryDirectory()
        var save = request("save_state", root.path("theirs"))
        save["state"] = file
        let theirs = try Specification.call(
            save,
            request("initialize", root.path("theirs")),
            ["call": "at", "now": .string(Self.moment.iso)],
            save
        )
        var state = try LoopState(json: file)
        // Neither makes the directory.
        #expect(theirs[0].exception == "FileNotFoundError")
        #expect(throws: PosixError.self) { try ours(root.path("ours")).save(&state) }

        try ours(root.path("ours")).initialize()
        try ours(root.path("ours")).save(&state)
        #expect(theirs[3].value == .string(state.updatedAt))
        #expect(state.updatedAt == Self.moment.iso)
        #expect(TreeSnapshot(of: root.path("ours")) == TreeSnapshot(of: root.path("theirs")))
        #expect(
            Disk.status(root.path("ours/.running/l.state.json"))?.mode
                == Disk.status(root.path("theirs/.running/l.state.json"))?.mode
        )
    }

    @Test func `StatePersistence.save_state is whole for a reader at any time, unlike there`() throws {
        let root = try TemporaryDirectory()
        let persistence = ours(root.path)
        try persistence.initialize()
        var state = try LoopState(json: file)
        try persistence.save(&state)
        #expect(chmod(persistence.stateFile, 0o600) == 0)
        let before = try #require(Disk.status(persistence.stateFile))
        let running = try #require(try PosixDirectory.open(path: persistence.runningDirectory))
        let opened = try running.openFile(FileName(literal: "l.state.json"), for: .reading)
        let open = try #require(opened)
        let old = try open.contents(limit: 1 << 20)

        state.iteration = 2
        try persistence.save(&state)
        #expect(try open.contents(limit: 1 << 20) == old)
        #expect(Disk.status(persistence.stateFile)?.inode != before.inode)
        #expect(Disk.status(persistence.stateFile)?.mode == 0o600)
        #expect(Disk.names(in: persistence.runningDirectory) == ["l.state.json"])

        // Where a save fails, the old state stays and nothing is left behind.
        try Disk.remove(persistence.stateFile)
        try Disk.makeDirectories(persistence.stateFile)
        #expect(throws: PosixError.self) { try persistence.save(&state) }
        #expect(Disk.names(in: persistence.runningDirectory) == ["l.state.json"])
    }

    @Test func `StatePersistence.load_state`() throws {
        let root = try TemporaryDirectory()
        let persistence = ours(root.path)
        let load = request("load_state", root.path)
        #expect(try Specification.call(load)[0].value == ["state": .null, "warnings": []])
        #expect(try persistence.load() == nil)
        #expect(throws: StateFileError.missing(path: persistence.stateFile)) { try persistence.requireState() }

        try persistence.initialize()
        try Disk.write(file.serialized(), to: persistence.stateFile)
        let theirs = try Specification.call(load)[0].value?.objectValue
        #expect(try theirs?["state"] == persistence.load()?.json)
        #expect(try persistence.requireState() == persistence.load())
    }

    @Test(arguments: [
        (#"{"loop_name": "l"}"#, nil), ("", nil), (#"{"loop_name": "#, nil), ("null", "TypeError"),
        ("[1]", "TypeError"),
        ("\u{FEFF}{}", nil), ("\"\u{0}", nil),
    ])
    func `StatePersistence.load_state of a file that is no state`(content: String, exception: String?) throws {
        let root = try TemporaryDirectory()
        let collector = Collector()
        let persistence = StatePersistence(loopName: "l", loopsDirectory: root.path, warn: collector.add)
        try persistence.initialize()
        try Disk.write(content, to: persistence.stateFile)

        let theirs = try Specification.call(request("load_state", root.path))[0]
        #expect(theirs.exception == exception)
        #expect(try persistence.load() == nil)
        let error = try #require(collector.warnings.first)
        let warning = error.description
        #expect(warning.contains(persistence.stateFile))
        if let said = theirs.value?.objectValue?["warnings"]?.arrayValue?.first?.stringValue {
            #expect(said.string.hasSuffix("l.state.json: missing key 'current_state'"))
            #expect(warning.contains("l.state.json: missing key 'current_state'"))
        }
        #expect(throws: error) { try persistence.requireState() }
    }

    @Test func `StatePersistence.load_state of what is no file or holds no text`() throws {
        let root = try TemporaryDirectory()
        let persistence = ours(root.path)
        try persistence.initialize()
        try Disk.write([0xFF, 0xFE], to: persistence.stateFile)
        #expect(try Specification.call(request("load_state", root.path))[0].exception == "UnicodeDecodeError")
        #expect(try persistence.load() == nil)

        try Disk.remove(persistence.stateFile)
        #expect(mkfifo(persistence.stateFile, 0o600) == 0)
        // There, and in every reader of it, this waits for ever.
        #expect(throws: PosixError.self) { try persistence.load() }
    }

    @Test func `StatePersistence.clear_state`() throws {
        try compareClearing("clear_state") { try $0.clearState() }
    }

    @Test func `StatePersistence.clear_events`() throws {
        try compareClearing("clear_events") { try $0.clearEvents() }
    }

    private func compareClearing(_ call: JSONValue, _ clear: (StatePersistence) throws -> Void) throws {
        let root = try TemporaryDirectory()
        for side in ["ours", "theirs"] {
            try ours(root.path(side)).initialize()
            for name in ["l.state.json", "l.events.jsonl", "l.pid", "other.state.json", "other.events.jsonl"] {
                try Disk.write("x", to: root.path("\(side)/.running/\(name)"))
            }
        }
        // The second time there is nothing to remove, and in the third case no directory.
        let theirs = try Specification.call(
            request(call, root.path("theirs")),
            request(call, root.path("theirs")),
            request(call, root.path("absent"))
        )
        #expect(theirs == Array(repeating: .value(.null), count: 3))
        for _ in 0..<2 { try clear(ours(root.path("ours"))) }
        try clear(ours(root.path("absent")))
        let left = TreeSnapshot(of: root.path("ours"))
        #expect(left == TreeSnapshot(of: root.path("theirs")))
        #expect(left.files.count == 4)
    }

    @Test func `StatePersistence.append_event`() throws {
        let root = try TemporaryDirectory()
        let events: [JSONObject] = [
            ["event": "loop_start", "ts": "t", "loop": "l"], [:], ["a": .number(JSONNumber(.infinity)), "é": "\u{7F}"],
        ]
        var append = request("append_event", root.path("theirs"))
        append["event"] = [:]
        #expect(try Specification.call(append)[0].exception == "FileNotFoundError")
        #expect(throws: PosixError.self) { try ours(root.path("ours")).append(LoopEvent([:])) }

        _ = try Specification.call(request("initialize", root.path("theirs")))
        try ours(root.path("ours")).initialize()
        for event in events {
            append["event"] = .object(event)
            _ = try Specification.call(append)
            try ours(root.path("ours")).append(LoopEvent(event))
        }
        #expect(TreeSnapshot(of: root.path("ours")) == TreeSnapshot(of: root.path("theirs")))
        #expect(Disk.read(ours(root.path("ours")).eventsFile)?.count { $0 == UInt8(ascii: "\n") } == 3)
    }

    @Test func `two writers of one events file do not overwrite each other`() throws {
        let root = try TemporaryDirectory()
        let name = FileName(literal: "l.events.jsonl")
        try Disk.write("", to: root.path("l.events.jsonl"))
        let first = try root.open().openFile(name, for: .appending)
        let second = try root.open().openFile(name, for: .appending)
        try first?.write(Array("one\n".utf8), at: 0)
        try second?.write(Array("two\n".utf8), at: 0)
        #expect(Disk.text(root.path("l.events.jsonl")) == "one\ntwo\n")
    }

    @Test func `StatePersistence.append_event after a torn line, which swallows the event there`() throws {
        let root = try TemporaryDirectory()
        for side in ["ours", "theirs"] {
            try ours(root.path(side)).initialize()
            try Disk.write(
                "{\"event\": \"loop_start\"}\n{\"event\": \"sta",
                to: root.path("\(side)/.running/l.events.jsonl")
            )
        }
        var append = request("append_event", root.path("theirs"))
        append["event"] = ["event": "loop_resume"]
        let theirs = try Specification.call(append, request("read_events", root.path("theirs")))
        #expect(theirs[1].value == [["event": "loop_start"]])

        try ours(root.path("ours")).append(LoopEvent(["event": "loop_resume"]))
        #expect(try ours(root.path("ours")).events().map(\.name) == ["loop_start", "loop_resume"])
    }

    @Test func `StatePersistence.read_events`() throws {
        let root = try TemporaryDirectory()
        #expect(try Specification.call(request("read_events", root.path))[0].value == [])
        #expect(try ours(root.path).events() == [])

        try ours(root.path).initialize()
        let lines = [
            #"{"event": "loop_start", "ts": "t"}"#, "", "  \u{A0}{\"event\": \"a\"}\u{2003} ", "{\"torn\": ",
            "{\"event\": \"b\"}\r{\"event\": \"c\"}\r", "not json",
            #"{"event": "\ud800", "n": NaN, "i": 123456789012345678901}"#,
            "{\"a\":\r1}", #"{"event": "d"}{}"#, #"{"event": "e"}"#,
        ]
        try Disk.write(lines.joined(separator: "\n"), to: ours(root.path).eventsFile)
        let theirs = try Specification.call(request("read_events", root.path))[0].value
        #expect(try theirs == .array(ours(root.path).events().map { .object($0.json) }))
        #expect(theirs?.arrayValue?.count == 6)
    }

    @Test func `StatePersistence.read_events gives objects alone, and a bad byte costs one line`() throws {
        let root = try TemporaryDirectory()
        try ours(root.path).initialize()
        try Disk.write("null\n3\n[{}]\n\"x\"\n{\"event\": \"a\"}\n", to: ours(root.path).eventsFile)
        #expect(
            try Specification.call(request("read_events", root.path))[0].value == [
                .null, 3, [[:]], "x", ["event": "a"],
            ]
        )
        #expect(try ours(root.path).events() == [LoopEvent(["event": "a"])])

        try Disk.append(
            [UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\""), UInt8(ascii: "\n")],
            to: ours(root.path).eventsFile
        )
        try Disk.append("{\"event\": \"b\"}\n", to: ours(root.path).eventsFile)
        #expect(try Specification.call(request("read_events", root.path))[0].exception == "UnicodeDecodeError")
        #expect(try ours(root.path).events().map(\.name) == ["a", "b"])
    }

    @Test func `StatePersistence.read_events over many chunks`() throws {
        let root = try TemporaryDirectory()
        try ours(root.path).initialize()
        let long = String(repeating: "x", count: 700_000)
        for number in 0..<5 {
            try Disk.append("{\"event\": \"\(number)\", \"line\": \"\(long)\"}\n", to: ours(root.path).eventsFile)
        }
        #expect(try ours(root.path).events().map(\.name) == ["0", "1", "2", "3", "4"])
    }
}

extension StatePersistence {
    fileprivate var paths: JSONValue {
        let paths = [loopsDirectory, runningDirectory, stateFile, eventsFile]
        return .array([.string(loopName)] + paths.map { .string(JSONString($0)) })
    }
}
