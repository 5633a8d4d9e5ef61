import LoopModel
import TestSupport
import Testing

/// Damaged times.
@Suite struct TimeMutationTests {
    @Test func `a time that is read is written so that it is read again`() throws {
        let run = try MutationRun(
            "LoopModelTests/Corpus/times.txt",
            words: [
                "+00:00", "-23:59:59", "Z", ".", ".000001", "0001-01-01", "9999-12-31", "T", " ", "24:00", "\u{0660}",
            ],
            bounded: 6000
        )
        let failure = run.firstFailure { bytes in
            let text = JSONString(fileSystemBytes: bytes)
            guard let time = Timestamp(iso: text) else { return nil }
            guard Timestamp(iso: time.iso) == time else { return "\(time.iso) is another time" }
            guard RunID(startedAt: time).hasUsualForm else { return "no usual run id: \(RunID(startedAt: time))" }
            return nil
        }
        #expect(failure == nil)
    }

    @Test(
        arguments: [
            ("0001-01-01T00:00:00+00:00", true), ("0001-01-01T00:00:00+00:01", false),
            ("0001-01-01T00:01:00+00:01", true),
            ("9999-12-31T23:59:59.999999+00:00", true), ("9999-12-31T23:59:59-00:00:01", false),
            ("9999-12-31T23:59:58-00:00:01", true),
        ] as [(JSONString, Bool)]
    )
    func `a time that is outside the years 1 to 9999 in UTC cannot be written and so is none`(
        iso: JSONString,
        isOne: Bool
    ) {
        #expect((Timestamp(iso: iso) != nil) == isOne)
    }

    @Test func `a text of more than 64 bytes is no time`() {
        let most = "2026-01-31T23:59:59." + String(repeating: "0", count: 64 - 20)
        #expect(Timestamp(iso: JSONString(most)) != nil)
        #expect(Timestamp(iso: JSONString(most + "0")) == nil)
    }
}
