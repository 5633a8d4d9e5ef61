import LoopModel
import LoopStore
import TestSupport
import Testing

/// Generated states and events through the specification's functions and ours: the same bytes, the same values.
@Suite struct ByteEqualityTests {
    private static let count = 10_000

    @Test func `ten thousand states and events are read and written as the specification does`() throws {
        let root = try TemporaryDirectory()
        var generator = Generator(seed: 20_260_131)
        let states = (0..<Self.count).map { _ in generator.stateFile() }
        let events = (0..<Self.count).map { _ in generator.event() }
        let stateTexts = states.map { generator.text(.object($0)) }
        let eventTexts = events.map { generator.text(.object($0)) }
        try Disk.write(Array(stateTexts.joined(separator: [10])), to: root.path("states.jsonl"))
        try Disk.write(Array(eventTexts.joined(separator: [10])), to: root.path("events.jsonl"))
        try Disk.makeDirectories(root.path("answers"))

        try Executor.a.require()
        let python = try Subprocess.run([
            Executor.a.python, "\(PackageDirectory.path)/Tests/SpecificationTests/Python/rewrite.py",
            root.path("states.jsonl"), root.path("events.jsonl"), root.path("answers"),
        ])
        #expect(python.succeeded, "\(python)")

        let theirs = try #require(Disk.read(root.path("answers/states"))).split(
            separator: 0x1E,
            omittingEmptySubsequences: false
        )
        #expect(theirs.count == 2 * Self.count + 1)
        var refused = 0
        for (number, text) in stateTexts.enumerated() {
            let (saved, fields) = (theirs[2 * number], theirs[2 * number + 1])
            do {
                var state = try LoopState(parsing: text)
                let json = JSONObject(
                    LoopState.Key.specified.map { (JSONString($0.rawValue), state[$0] ?? .null) }
                )
                guard JSONValue.object(json).serialized().elementsEqual(fields) else {
                    try differ("fields", number, text, JSONValue.object(json).serialized(), fields)
                    return
                }
                state.updatedAt = "2026-01-31T23:59:59.123456+00:00"
                guard state.specified.serialized(indent: 2).elementsEqual(saved) else {
                    try differ("state", number, text, state.specified.serialized(indent: 2), saved)
                    return
                }
                // What only we keep comes behind, and reading what was written changes nothing more.
                #expect(state.serialized().starts(with: saved.dropLast(2)))
                #expect(try LoopState(parsing: state.serialized()).serialized() == state.serialized())
            } catch let error as LoopStateError {
                refused += 1
                guard case .missingKey(let key) = error, saved.elementsEqual("KeyError: '\(key.rawValue)'".utf8) else {
                    try differ("error", number, text, Array(error.description.utf8), saved)
                    return
                }
            }
        }
        #expect(refused > Self.count / 100 && refused < Self.count / 10)
        try compareEvents(eventTexts, events, root)
    }

    private func compareEvents(_ texts: [[UInt8]], _ events: [JSONObject], _ root: TemporaryDirectory) throws {
        let mine = StatePersistence(loopName: "loop", loopsDirectory: root.path("ours"))
        try mine.initialize()
        for (text, event) in zip(texts, events) {
            let read = try #require(LoopEvent(line: text))
            #expect(read.json == event)
            try mine.append(read)
        }
        let ours = try #require(Disk.read(mine.eventsFile))
        #expect(ours == Disk.read(root.path("answers/loops/.running/loop.events.jsonl")))
        #expect(try mine.events().map(\.json) == events)
        #expect(ours.count { $0 == UInt8(ascii: "\n") } == Self.count)
    }

    private func differ(
        _ what: String,
        _ number: Int,
        _ text: [UInt8],
        _ ours: [UInt8],
        _ theirs: ArraySlice<UInt8>
    ) throws {
        Issue.record(
            """
            \(what) of state \(number): \(PrintableText.escaping(text))
            ours   \(PrintableText.escaping(ours))
            theirs \(PrintableText.escaping(theirs))
            """
        )
    }
}
