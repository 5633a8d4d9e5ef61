import LoopModel
import Testing

@testable import loopsync

@Suite
struct RunSelectorTests {
    private let runs: [RunSelector.Candidate] = [
        .init(loop: "a", id: "2026-11-23T201500", startedAt: "2026-11-23T20:15:00.1+00:00"),
        .init(loop: "a", id: "2026-11-23T201500-2", startedAt: "2026-11-23T20:15:00.7+00:00"),
        .init(loop: "b", id: "2026-11-23T201500", startedAt: "2026-11-23T20:15:00.3+00:00"),
        .init(loop: "b", id: "2026-11-24T080000", startedAt: "2026-11-24T08:00:00+00:00"),
        .init(loop: "we/ird", id: "2026-12-01T000000", startedAt: "2026-12-01T00:00:00+00:00"),
    ]

    @Test(arguments: [
        ("2026-11-24", .one(3)),
        ("2026-12-01T000000", .one(4)),
        ("2026-11-23T201500", .several([0, 2])),
        ("2026-11-23", .several([0, 1, 2])),
        ("2025", RunSelector.Answer.none),
        ("a/2026-11-23T201500", .one(0)),
        ("a/2026-11-23T201500-2", .one(1)),
        ("a/2026-11-23", RunSelector.Answer.none),
        ("we/ird/2026-12-01T000000", .one(4)),
        ("a@latest", .one(1)),
        ("a@-1", .one(1)),
        ("a@-2", .one(0)),
        ("a@-3", RunSelector.Answer.none),
        ("b@latest", .one(3)),
        ("nobody@latest", RunSelector.Answer.none),
    ])
    func `a run is found by prefix, by loop and id, and by age`(text: String, answer: RunSelector.Answer) throws {
        #expect(try #require(RunSelector(text)).resolved(among: runs) == answer)
    }

    @Test(arguments: ["", "a@", "a@first", "a@-0", "a@--1", "@latest", "/x", "a/"])
    func `what cannot name a run is refused`(text: String) {
        #expect(RunSelector(text) == nil)
    }
}
