import TestSupport
import Testing

/// The comparison itself: what it takes for alike, and what it does not.
struct HarnessTests {
    private func trace(_ events: String, state: String = "{}", exits: [String] = ["exit 0"]) throws -> Trace {
        try TemporaryDirectory.with { directory in
            try Disk.makeDirectories(directory.path("project/.loops/.running"))
            try Disk.write(events, to: directory.path("project/.loops/.running/loop.events.jsonl"))
            try Disk.write(state, to: directory.path("project/.loops/.running/loop.state.json"))
            return Trace(of: directory.path, exits: exits, unlike: [])
        }
    }

    private static let line =
        #"{"event": "action_complete", "ts": "2026-01-02T03:04:05.678901+00:00", "exit_code": 0, "duration_ms": 12}"#

    @Test func `times and durations may differ`() throws {
        let other = Self.line.replacing("05.678901", with: "59.000001").replacing(": 12}", with: ": 4567}")
        #expect(try trace(Self.line).difference(from: trace(other)) == nil)
    }

    @Test(arguments: [
        ("05.678901", "05.678"), ("+00:00", "Z"), ("\"exit_code\": 0", "\"exit_code\": 1"), (": 12}", ": 12.0}"),
        (": 12}", ": 12, \"x\": 1}"),
        ("\"exit_code\": 0, \"duration_ms\": 12", "\"duration_ms\": 12, \"exit_code\": 0"), ("\", \"", "\",\""),
    ])
    func `nothing else may differ`(_ part: String, _ other: String) throws {
        let changed = Self.line.replacing(part, with: other)
        #expect(changed != Self.line)
        #expect(try trace(Self.line).difference(from: trace(changed)) != nil)
    }

    @Test func `a line too many, another end and another file differ`() throws {
        let one = try trace(Self.line + "\n")
        #expect(one.difference(from: try trace(Self.line + "\n" + Self.line + "\n")) != nil)
        #expect(one.difference(from: try trace(Self.line + "\n", exits: ["exit 1"])) != nil)
        #expect(one.difference(from: try trace(Self.line + "\n", state: "{ }")) != nil)
        #expect(one.difference(from: try trace(Self.line)) != nil)
    }

    @Test func `a duration that is the time-out stays`() throws {
        let limit = #"{"exit_code": 124, "duration_ms": 1000}"#
        #expect(try trace(limit).difference(from: trace(limit.replacing("1000", with: "2000"))) != nil)
        #expect(try trace(limit).difference(from: trace(limit.replacing("1000", with: "1001"))) != nil)
    }

    @Test func `the context is taken from the end of a state alone`() throws {
        let plain = "{\n  \"a\": 1,\n  \"b\": {}\n}"
        let with = "{\n  \"a\": 1,\n  \"b\": {},\n  \"context\": {\n    \"k\": \"v\"\n  }\n}"
        #expect(try trace("", state: plain).difference(from: trace("", state: with)) != nil)
        #expect(try trace("", state: plain).difference(from: trace("", state: with).withoutContext) == nil)
        #expect(try trace("", state: plain).withoutContext == trace("", state: plain))
    }
}
