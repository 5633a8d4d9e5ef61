import LoopModel
import LoopStore
import TestSupport
import Testing

/// The specification's reading functions beside ours, on the same directory.
@Suite struct HistorySpecificationTests {
    private func state(_ startedAt: String, loop: String = "l") -> String {
        """
        {"loop_name": "\(loop)", "current_state": "s", "iteration": 1, "started_at": "\(startedAt)", "status": "running"}
        """
    }

    private func write(_ text: String, to path: String) throws {
        try Disk.makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        try Disk.write(text, to: path)
    }

    private func json(_ states: [LoopState]) -> [JSONValue] {
        states.map(\.json)
    }

    @Test func list_running_loops() throws {
        let root = try TemporaryDirectory()
        let dir = JSONValue.string(JSONString(root.path))
        #expect(try Specification.call(["call": "list_running_loops", "dir": dir])[0].value == [])
        #expect(try RunningLoops.list(in: root.path).isEmpty)

        for name in ["b", "a", "a b", "", ".hidden"] {
            try write(state("t", loop: name), to: root.path(".running/\(name).state.json"))
        }
        try write("{", to: root.path(".running/torn.state.json"))
        try write("{}", to: root.path(".running/keyless.state.json"))
        try write(state("t", loop: "other"), to: root.path(".running/x.state.json.tmp"))
        try write(state("t", loop: "below"), to: root.path(".running/sub/below.state.json"))
        let theirs = try #require(
            Specification.call(["call": "list_running_loops", "dir": dir])[0].value?.arrayValue
        )
        let ours = try RunningLoops.list(in: root.path)
        // There the order is the directory's, here that of the file names.
        #expect(ours.map(\.loopName) == [".hidden", "", "a b", "a", "b"])
        #expect(Set(theirs) == Set(json(ours)) && theirs.count == ours.count)
    }

    @Test func `list_running_loops with a file that is JSON but no object, which fails there`() throws {
        let root = try TemporaryDirectory()
        try write(state("t"), to: root.path(".running/l.state.json"))
        try write("null", to: root.path(".running/null.state.json"))
        let dir = JSONValue.string(JSONString(root.path))
        #expect(try Specification.call(["call": "list_running_loops", "dir": dir])[0].exception == "TypeError")
        try Disk.makeDirectories(root.path(".running/directory.state.json"))
        try Disk.write([0x22, 0xFF, 0x22], to: root.path(".running/binary.state.json"))
        try PosixDirectory.open(path: root.path(".running"))?.link(
            FileName(literal: "l.state.json"),
            into: root.open(),
            as: FileName(literal: "elsewhere")
        )

        let collector = Collector()
        #expect(try RunningLoops.list(in: root.path, warn: collector.add).map(\.loopName) == ["l"])
        #expect(collector.warnings.count == 3)
        #expect(collector.warnings.contains(.unreadable(path: root.path(".running/null.state.json"), .notAnObject)))
    }

    @Test func list_run_history() throws {
        let root = try TemporaryDirectory()
        let call: JSONObject = ["call": "list_run_history", "loop": "l", "dir": .string(JSONString(root.path))]
        #expect(try Specification.call(call)[0].value == [])
        #expect(try RunHistory.runs(of: "l", in: root.path).isEmpty)

        // By text: an offset, a missing fraction and another year do what they do there.
        let starts = [
            "2026-01-31T23:59:59.123456+00:00", "2026-01-31T23:59:59+00:00", "2025-12-31T00:00:00Z", "",
            "2026-02-01T00:30:00+01:00", "é", "2026-01-31T23:59:59.2+00:00",
        ]
        for (number, start) in starts.enumerated() {
            try write(state(start), to: root.path(".history/l/run-\(number)/state.json"))
        }
        try write("{", to: root.path(".history/l/torn/state.json"))
        try write(#"{"loop_name": "l"}"#, to: root.path(".history/l/keyless/state.json"))
        try write("{}\n", to: root.path(".history/l/events-only/events.jsonl"))
        try write(state("9999"), to: root.path(".history/l/state.json"))
        try write(state("9999"), to: root.path(".history/other/run/state.json"))
        try write(state("0000", loop: "renamed since"), to: root.path(".history/l/renamed/state.json"))

        let theirs = try #require(Specification.call(call)[0].value?.arrayValue)
        #expect(try json(RunHistory.runs(of: "l", in: root.path)) == theirs)
        #expect(theirs.count == 8)
    }

    @Test func `list_run_history beyond the specification: hostile names, flat runs, files that are no objects`() throws
    {
        let root = try TemporaryDirectory()
        try write(state("2026-01-01"), to: root.path(".history/l/a/state.json"))
        try write("null", to: root.path(".history/l/null/state.json"))
        let call: JSONObject = ["call": "list_run_history", "loop": "l", "dir": .string(JSONString(root.path))]
        #expect(try Specification.call(call)[0].exception == "TypeError")

        try write(state("2026-01-02"), to: root.path(".history/2026-01-02T000000-l/state.json"))
        try write(state("2026-01-03", loop: "my-l"), to: root.path(".history/2026-01-03T000000-my-l/state.json"))
        try write(state("2026-01-04", loop: "foreign"), to: root.path(".history/2026-01-04T000000-l/state.json"))
        let collector = Collector()
        let runs = try RunHistory.runs(of: "l", in: root.path, warn: collector.add)
        #expect(runs.map(\.startedAt) == ["2026-01-02", "2026-01-01"])
        #expect(collector.warnings == [.unreadable(path: root.path(".history/l/null/state.json"), .notAnObject)])

        // The agent archives a loop of such a name under another one, executors under its own.
        let long = JSONString(String(repeating: "x", count: 220))
        try write(state("2026-01-06"), to: root.path(".history/\(long)/a/state.json"))
        try write(state("2026-01-07"), to: root.path(".history/\(PathSafeName.component(for: long))/b/state.json"))
        #expect(try RunHistory.runs(of: long, in: root.path).map(\.startedAt) == ["2026-01-07", "2026-01-06"])

        try write(state("2026-01-05"), to: root.path("outside/run/state.json"))
        var outside = call
        outside["loop"] = "../outside"
        #expect(try Specification.call(outside)[0].value?.arrayValue?.count == 1)
        #expect(try RunHistory.runs(of: "../outside", in: root.path).isEmpty)
    }

    @Test func get_archived_events() throws {
        let root = try TemporaryDirectory()
        var call: JSONObject = [
            "call": "get_archived_events", "loop": "l", "run": "2026-01-31T235959",
            "dir": .string(JSONString(root.path)),
        ]
        #expect(try Specification.call(call)[0].value == [])
        #expect(try RunHistory.events(of: "l", run: "2026-01-31T235959", in: root.path) == [])

        let lines = "{\"event\": \"loop_start\"}\n\nbroken\n  {\"event\": \"loop_complete\"}\n{\"to"
        for run in ["2026-01-31T235959", "2026-01-31T235959-2"] {
            try write(lines, to: root.path(".history/l/\(run)/events.jsonl"))
            call["run"] = .string(JSONString(run))
            let ours = try RunHistory.events(of: "l", run: RunID(JSONString(run)), in: root.path)
            #expect(try Specification.call(call)[0].value == .array(ours.map { .object($0.json) }))
            #expect(ours.map(\.name) == ["loop_start", "loop_complete"])
        }

        // Flat runs are read as well, and a name that leads outside gives nothing, unlike there.
        try write("{\"event\": \"flat\"}\n", to: root.path(".history/2026-02-01T000000-l/events.jsonl"))
        #expect(try RunHistory.events(of: "l", run: "2026-02-01T000000", in: root.path).map(\.name) == ["flat"])
        try write("{\"event\": \"secret\"}\n", to: root.path("outside/events.jsonl"))
        call["run"] = "../../outside"
        #expect(try Specification.call(call)[0].value == [["event": "secret"]])
        #expect(try RunHistory.events(of: "l", run: "../../outside", in: root.path) == [])
    }

    @Test func get_loop_history() throws {
        let root = try TemporaryDirectory()
        let call: JSONObject = ["call": "get_loop_history", "loop": "l", "dir": .string(JSONString(root.path))]
        #expect(try Specification.call(call)[0].value == [])
        #expect(try RunHistory.currentEvents(of: "l", in: root.path) == [])

        try write("{\"event\": \"archived\"}\n", to: root.path(".history/l/2026-01-31T235959/events.jsonl"))
        try write("{\"event\": \"loop_start\"}\n{\"event\": \"route\"}\n{", to: root.path(".running/l.events.jsonl"))
        let ours = try RunHistory.currentEvents(of: "l", in: root.path)
        #expect(try Specification.call(call)[0].value == .array(ours.map { .object($0.json) }))
        #expect(ours.map(\.name) == ["loop_start", "route"])
    }
}
