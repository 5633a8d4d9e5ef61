import TestSupport

extension BadRun {
    /// Every kind of bad input that the specification of the agent names, apart from the enormous.
    static let all: [BadRun] = states + eventFiles + places + contents + names

    private static let states: [BadRun] = [
        BadRun("an empty state", "empty-state", state: .bytes([])),
        BadRun(
            "a truncated state",
            "torn-state",
            state: .bytes(Array(SyntheticRun(loop: "torn-state").state.dropLast(40)))
        ),
        BadRun("a state that is null", "null-state", state: .bytes(Array("null".utf8))),
        BadRun("a state that is a list", "list-state", state: .bytes(Array("[1, 2]".utf8))),
        BadRun("a state that is no UTF-8", "binary-state", state: .bytes([0xff, 0xfe, 0x00, 0x7b, 0xc3])),
        BadRun(
            "a state nested ten thousand deep",
            "deep-state",
            state: .bytes(Array(String(repeating: "[", count: 10_000).utf8))
        ),
        BadRun(
            "a state without a started_at",
            "half-state",
            state: .bytes(Array(#"{"loop_name": "half-state", "status": "running"}"#.utf8))
        ),
        BadRun("no state at all", "no-state", state: BadRun.Content.none).unremarkable,
    ]

    private static let eventFiles: [BadRun] = [
        BadRun(
            "a torn last event",
            "torn-events",
            events: .bytes(SyntheticRun(loop: "torn-events").events.dropLast(20) + [])
        ).unremarkable,
        BadRun(
            "an events file of noise",
            "noise",
            events: .bytes((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) })
        ),
        BadRun("an empty events file", "empty-events", events: .bytes([])).unremarkable,
        BadRun("events that are no objects", "odd-events", events: .bytes(oddEvents)).unremarkable,
        BadRun("no events at all", "no-events", events: BadRun.Content.none).unremarkable,
    ]

    private static var oddEvents: [UInt8] {
        let run = SyntheticRun(loop: "odd-events")
        let odd = ["null", "[]", "7", "{", "", #"{"event": 7}"#, #"{"event": "loop_complete", "depth": 1}"#]
        return Array((run.eventLines.dropLast() + odd + run.eventLines.suffix(1)).joined(separator: "\n").utf8) + [10]
    }

    /// Something else where a file is expected; the other file of the pair is a good one.
    private static let places: [BadRun] = [
        BadRun("a link instead of a state", "link-state", state: .link(to: "/etc/passwd")),
        BadRun("a FIFO instead of a state", "fifo-state", state: .fifo),
        BadRun("a socket instead of a state", "socket-state", state: .socket),
        BadRun("a directory instead of a state", "directory-state", state: .directory),
        BadRun("a link instead of events", "link-events", events: .link(to: "/etc/passwd"), outcome: .reported),
        BadRun("a FIFO instead of events", "fifo-events", events: .fifo, outcome: .reported),
        BadRun("a socket instead of events", "socket-events", events: .socket, outcome: .reported),
        BadRun("a directory instead of events", "directory-events", events: .directory, outcome: .reported),
    ]

    /// Texts inside that lead out of the tree, or nowhere.
    private static let contents: [BadRun] = [
        saying("loop_name", #""/etc""#, "name-absolute"),
        saying("loop_name", #""../../outside""#, "name-upwards"),
        saying("loop_name", #""..""#, "name-dots"),
        saying("loop_name", #"".""#, "name-dot"),
        saying("loop_name", #""""#, "name-empty"),
        saying("loop_name", #""a/b""#, "name-slash"),
        saying("loop_name", #""a\u0000b""#, "name-nul"),
        saying("loop_name", #""a\nb""#, "name-newline"),
        saying("loop_name", #""\udcff\ud800""#, "name-surrogates"),
        saying("loop_name", "7", "name-number"),
        saying("loop_name", "\"" + String(repeating: "n", count: 255) + "\"", "name-255"),
        saying("loop_name", "\"" + String(repeating: "m", count: 1 << 20) + "\"", "name-megabyte"),
        saying("started_at", #""/etc/passwd""#, "start-absolute"),
        saying("started_at", #""../../../outside""#, "start-upwards"),
        saying("started_at", #""""#, "start-empty"),
        saying("started_at", "12345", "start-number"),
        saying("started_at", "\"" + String(repeating: "9", count: 1 << 20) + "\"", "start-megabyte"),
        saying("status", #""no such status""#, "status-unknown").unremarkable,
    ]

    /// A state, and for the name the events as well, with another value under a key.
    private static func saying(_ key: String, _ value: String, _ stem: String) -> BadRun {
        let run = SyntheticRun(loop: stem)
        let state = replace(run.state, key, value)
        let events = key == "loop_name" ? replace(run.events, "loop", value) : run.events
        return BadRun("a \(key) of \(value.prefix(30))", stem, state: .bytes(state), events: .bytes(events))
    }

    private static func replace(_ bytes: [UInt8], _ key: String, _ value: String) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let start = text.firstRange(of: "\"\(key)\": \"")?.lowerBound,
            let end = text[start...].firstRange(of: "\"\(key)\": \"")?.upperBound,
            let close = text[end...].firstIndex(of: "\"")
        else { return bytes }
        return Array((text[..<start] + "\"\(key)\": \(value)" + text[text.index(after: close)...]).utf8)
    }

    /// File names that are no plain text.
    private static let names: [BadRun] = [
        named("a file name with a newline", Array("new\nline".utf8), "newline"),
        named("a file name with control characters", Array("red\u{1b}[31m\u{7}".utf8), "control"),
        named("a file name of 255 bytes", Array(repeating: 0x6c, count: 255 - ".events.jsonl".utf8.count), "long-name"),
        named("a file name that is no UTF-8", [0x6c, 0xff, 0xfe, 0x80], "no-utf8"),
        named("a file name of blanks and quotes", Array(" ' \" $(touch x) `y` ".utf8), "blanks"),
        named("a file name that begins with a dot", Array(".hidden".utf8), "hidden"),
        named("a file name that is dots", Array("...".utf8), "dots"),
    ]

    private static func named(_ description: String, _ stem: [UInt8], _ loop: String) -> BadRun {
        BadRun(description, bytes: stem, loop: loop).unremarkable
    }
}
