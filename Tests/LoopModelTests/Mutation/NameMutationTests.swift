import LoopModel
import TestSupport
import Testing

/// Names of any bytes: what is made of them leads nowhere else, and two of them to two places.
@Suite struct NameMutationTests {
    private static let words = ["/", "..", ".", "%", "%2F", "%2e", "\0", "\n", "-", "-2", "\u{1B}[2J", "é", "e\u{301}"]

    private func run(bounded: Int) throws -> MutationRun {
        try MutationRun(
            "LoopModelTests/Corpus/names.txt",
            words: Self.words,
            brackets: [("../", ""), ("x", ""), ("%", "/")],
            bounded: bounded
        )
    }

    /// A string with lone surrogates where the bytes are no UTF-8, and elsewhere where they say so.
    private func strings(_ bytes: [UInt8]) -> [JSONString] {
        [JSONString(fileSystemBytes: bytes)] + [JSONString(wtf8: bytes)].compactMap(\.self)
    }

    private func isSafe(_ name: FileName, _ longest: Int) -> Bool {
        let text = name.bytes
        return 1...longest ~= text.count && !text.contains(UInt8(ascii: "/")) && !text.contains(0)
            && text != Array(".".utf8) && text != Array("..".utf8) && FileName(text) == name
    }

    @Test func `a directory's name is one plain component, and the executor's own where that is one`() throws {
        let failure = try run(bounded: 4000).firstFailure { bytes in
            for string in strings(bytes) {
                let name = PathSafeName.component(for: string)
                guard isSafe(name, PathSafeName.longest) else { return "unsafe: \(name)" }
                if let plain = string.fileSystemBytes.flatMap({ FileName($0) }),
                    plain.bytes.count <= PathSafeName.longest
                {
                    guard name == plain else { return "\(plain) became \(name)" }
                }
                for layout in HistoryLayout.allCases {
                    let place = RunPlace.canonical(loop: string, run: RunID(string), layout: layout)
                    guard place.layout == layout, place.components.allSatisfy({ isSafe($0, 255) }) else {
                        return "unsafe: \(place)"
                    }
                }
            }
            return nil
        }
        #expect(failure == nil)
    }

    /// The one exception is the one that the documentation of `PathSafeName` names.
    @Test func `two names share a directory only where one of them spells the other's escapes`() throws {
        var seen: [FileName: JSONString] = [:]
        let failure = try run(bounded: 4000).firstFailure { bytes in
            for string in strings(bytes) {
                let name = PathSafeName.component(for: string)
                guard let other = seen.updateValue(string, forKey: name), other != string else { continue }
                let isSpelled = [string, other].contains {
                    $0.bytes == name.bytes && name.bytes.contains(UInt8(ascii: "%"))
                }
                guard isSpelled else { return "\(name) is also the directory of \(other)" }
            }
            return nil
        }
        #expect(failure == nil)
    }

    @Test func `a flat name comes apart and together again`() throws {
        let failure = try run(bounded: 2000).firstFailure { bytes in
            for tail in [bytes, Array("2026-01-31T235959-".utf8) + bytes] {
                guard let name = FileName(tail), let parts = RunPlace.parts(ofFlat: name) else { continue }
                guard parts.run.hasUsualForm else { return "a run id of another form: \(parts.run)" }
                guard parts.run.text.bytes + [UInt8(ascii: "-")] + parts.loop.bytes == name.bytes else {
                    return "\(parts) is not \(name)"
                }
            }
            return nil
        }
        #expect(failure == nil)
    }

    @Test func `a run id has at most 17 characters and none that the executor drops`() throws {
        let failure = try run(bounded: 2000).firstFailure { bytes in
            for string in strings(bytes) {
                let id = RunID(startedAt: string).text
                guard JSONString(wtf8: id.bytes) == id else { return "no well-formed string" }
                guard id.bytes.count(where: { $0 & 0xC0 != 0x80 }) <= 17 else { return "longer than 17 characters" }
                guard !id.bytes.contains(where: { Array(":.+".utf8).contains($0) }) else {
                    return "punctuation is left"
                }
                guard RunID(startedAt: id).text == id else { return "an id's id is another one" }
            }
            return nil
        }
        #expect(failure == nil)
    }

    @Test func `the limits of names hold to the byte`() throws {
        func x(_ count: Int) -> String { String(repeating: "x", count: count) }
        #expect(FileName(x(255)) != nil)
        #expect(FileName(x(256)) == nil)
        #expect(PathSafeName.component(for: JSONString(x(PathSafeName.longest))).description == x(200))
        #expect(PathSafeName.component(for: JSONString(x(PathSafeName.longest + 1))).bytes.count == 200)
        #expect(PathSafeName.component(for: JSONString(x(201))) != PathSafeName.component(for: JSONString(x(202))))
        #expect(PrintableText.escaping(x(4096).utf8) == x(4096))
        #expect(PrintableText.escaping(x(4097).utf8) == x(4096) + "…")
    }
}
