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
        try write(states, to: root.path("states.jsonl"))
        try write(events, to: root.path("events.jsonl"))
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
        for (number, text) in states.map(\.text).enumerated() {
            let (saved, fields) = (theirs[2 * number], theirs[2 * number + 1])
            do {
                var state = try LoopState(parsing: text)
                let json = JSONObject(
                    LoopState.Key.specified.map { (JSONString($0.rawValue), state[$0] ?? .null) }
                )
                let values = JSONValue.object(json).serialized()
                guard values[...] == fields else {
                    differ("fields", number, text, values, fields)
                    return
                }
                state.updatedAt = "2026-01-31T23:59:59.123456+00:00"
                let ours = state.specified.serialized(indent: 2)
                guard ours[...] == saved else {
                    differ("state", number, text, ours, saved)
                    return
                }
                // What only we keep comes behind, and reading what was written changes nothing more.
                let whole = state.serialized()
                let again = try number % 4 == 0 ? LoopState(parsing: whole).serialized() : whole
                guard whole.starts(with: saved.dropLast(2)), again == whole else {
                    differ("whole state", number, text, whole, saved)
                    return
                }
            } catch {
                refused += 1
                guard case .missingKey(let key) = error, saved.elementsEqual("KeyError: '\(key.rawValue)'".utf8) else {
                    differ("error", number, text, Array(error.description.utf8), saved)
                    return
                }
            }
        }
        #expect(refused > Self.count / 100 && refused < Self.count / 10)
        try compareEvents(events, root)
    }

    private func write(_ samples: [Generator.Sample], to path: String) throws {
        var file: [UInt8] = []
        for sample in samples { file += sample.text + [UInt8(ascii: "\n")] }
        try Disk.write(file, to: path)
    }

    private func compareEvents(_ events: [Generator.Sample], _ root: TemporaryDirectory) throws {
        let mine = StatePersistence(loopName: "loop", loopsDirectory: root.path("ours"))
        try mine.initialize()
        for event in events {
            let read = try #require(LoopEvent(line: event.text))
            guard JSONValue.object(read.json) == event.value else {
                Issue.record("event read wrongly: \(PrintableText.escaping(event.text))")
                return
            }
            try mine.append(read)
        }
        let ours = try #require(Disk.read(mine.eventsFile))
        #expect(ours == Disk.read(root.path("answers/loops/.running/loop.events.jsonl")))
        #expect(try mine.events().map { .object($0.json) } == events.map(\.value))
        #expect(ours.count { $0 == UInt8(ascii: "\n") } == Self.count)
    }

    private func differ(
        _ what: String,
        _ number: Int,
        _ text: [UInt8],
        _ ours: [UInt8],
        _ theirs: ArraySlice<UInt8>
    ) {
        Issue.record(
            """
            \(what) of state \(number): \(PrintableText.escaping(text))
            ours   \(PrintableText.escaping(ours))
            theirs \(PrintableText.escaping(theirs))
            """
        )
    }
}
