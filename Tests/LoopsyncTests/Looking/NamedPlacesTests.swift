import LoopModel
import Testing

@testable import loopsync

@Suite
struct NamedPlacesTests {
    private let places = [
        "2026-01-31T120000-a", "2026-01-31T120005-a%2Fb", "a/2026-01-31T115959", "a/2026-01-31T115959-2",
        "b/2026-02-01T000000",
        "b/2026-02-01T000001",
    ].compactMap { text in
        let parts = text.split(separator: "/").compactMap { FileName($0.utf8) }
        return parts.count == 2 ? RunPlace(loop: parts[0], run: parts[1]) : parts.first.map { RunPlace(flat: $0) }
    }

    @Test(arguments: [
        (["2026-02"], ["b/2026-02-01T000000", "b/2026-02-01T000001"]),
        (["b/2026-02-01T000001"], ["b/2026-02-01T000001"]),
        (["a@latest"], ["2026-01-31T120000-a"]),
        (["a@-2"], ["2026-01-31T120000-a", "a/2026-01-31T115959", "a/2026-01-31T115959-2"]),
        (["a/b@latest"], ["2026-01-31T120005-a%2Fb"]),
        (["b@-2", "a@latest"], ["2026-01-31T120000-a", "b/2026-02-01T000000", "b/2026-02-01T000001"]),
        (["a/2026-01-31T115959"], ["a/2026-01-31T115959"]),
    ])
    func `names tell which runs can be meant`(selectors: [String], meant: [String]) {
        #expect(NamedPlaces.candidates(for: selectors, among: places)?.map(\.description) == meant)
    }

    @Test(arguments: [["a@-9"], ["c@latest"], ["1999"], ["a@first"], ["2026", "c@latest"]])
    func `what they do not tell takes a look at all`(selectors: [String]) {
        #expect(NamedPlaces.candidates(for: selectors, among: places) == nil)
    }
}
