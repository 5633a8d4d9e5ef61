import LoopModel
import SyncCore
import TestSupport
import Testing

/// Damaged files of what an agent remembers: each is read in part or not at all, and stops nobody.
@Suite struct RememberedMutationTests {
    private static let words = [
        "null", "[]", "{}", "-1", "1e5", "NaN", #""\ud800""#, "\"\"", "\"..\"", "\"/\"", "\".\"", "true",
        "9223372036854775807", "-9223372036854775808", "18446744073709551616", #""namespace": "#, #""sync": "#,
        #""id": "#,
        #""wall": "#, #""since_boot": "#, #""jumped_ahead": "#, #""counts": "#, #""pending": "#, #""version": 1"#,
    ]

    private func run(_ corpus: String) throws -> MutationRun {
        try MutationRun("SyncCoreTests/Corpus/\(corpus)", words: Self.words, bounded: 2500)
    }

    @Test func `a marker that is read is written so that it is read again`() throws {
        let failure = try run("marker").firstFailure { bytes in
            guard let marker = MirrorMarker(parsing: bytes) else { return nil }
            let written = marker.serialized()
            guard MirrorMarker(parsing: written) == marker else { return "another marker" }
            return marker.id.isEmpty ? "a marker that names nothing" : nil
        }
        #expect(failure == nil)
    }

    @Test func `remembered mirrors that are read are written so that they are read again`() throws {
        let failure = try run("mirrors").firstFailure { bytes in
            let mirrors = RememberedMirror.parse(bytes)
            guard RememberedMirror.parse(RememberedMirror.serialize(mirrors)) == mirrors else {
                return "other mirrors: \(mirrors)"
            }
            return mirrors.allSatisfy { $0.syncPath.utf8.first == UInt8(ascii: "/") && !$0.namespace.isEmpty }
                ? nil : "a mirror that is nowhere"
        }
        #expect(failure == nil)
    }

    @Test func `a memory of prunes that is read is written so that it is read again, and can be used`() throws {
        let now = ClockReading(wall: Timestamp(seconds: 1_769_903_999), sinceBoot: .seconds(86_400), bootID: "b")
        let failure = try run("memory").firstFailure { bytes in
            let memory = RetentionMemory(json: (try? JSONValue(parsing: bytes)) ?? .null)
            guard RetentionMemory(json: memory.json) == memory else { return "another memory: \(memory)" }
            let policy = RetentionPolicy()
            let triggers = memory.triggers(for: policy, runs: [], at: now)
            _ = memory.holdsTrash(for: .seconds(3600), at: now)
            var circumstances = at()
            circumstances.triggers = triggers
            let plan = policy.plan(runs: [], in: circumstances)
            return memory.after(plan, of: policy, remaining: [:], at: now).clock == now ? nil : "no clock"
        }
        #expect(failure == nil)
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func `times that a damaged file makes up stop nobody`(number: Int64) {
        let now = ClockReading(wall: Timestamp(seconds: 1_769_903_999), sinceBoot: .seconds(86_400), bootID: "x")
        let made = JSONValue.number(JSONNumber(number))
        let memory = RetentionMemory(
            json: ["version": 1, "wall": made, "since_boot": made, "boot_id": "x", "jumped_ahead": made]
        )
        #expect(memory.triggers(for: RetentionPolicy(), runs: [], at: now).contains(.clockJumped))
        _ = memory.holdsTrash(for: .seconds(3600), at: now)
        #expect(memory.clock.map { $0.sinceBoot.microseconds } == number)
    }

    @Test func `sizes at the ends of what there is are told`() {
        #expect(SizeText.rounded(.max) == "8192P")
        #expect(SizeText.rounded(.min) == "-8192P")
        #expect(SizeText.rounded(1 << 60) == "1024P")
        #expect(SizeText.rounded(3 << 49) == "1.5P")
    }
}
