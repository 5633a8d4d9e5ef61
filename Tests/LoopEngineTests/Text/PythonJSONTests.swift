import LoopModel
import TestSupport
import Testing

@testable import LoopEngine

/// Damaged JSON: what Python's parser says about it, and where.
@Suite struct PythonJSONTests {
    @Test func `a text is read, or refused in Python's words at its place`() throws {
        var random = SplitMix(seed: 0x61)
        let whole = [
            #"{"a": {"b": [1, 2.0, "x", null, true, 1E5, -0]}, "é": "\ud83d\ude00", "k": "\u00e9\n"}"#,
            "[1, [2, {}], -1.5e+3]",
            "{\"a\":\n  [true,\n   false]\n}\n", "\"text\"", "NaN", "[-Infinity]",
        ]
        let pieces = [
            "", "", ",", "[", "]", "{", "}", ":", "\"", "\\", "\\u", "\\x", "1", "-", ".", "e", "nul", "tru", "\n", " ",
            "é", "\u{1}", "\u{FEFF}", "\u{A0}", "0",
            "'", "+", "Inf",
        ]
        var texts = [
            "", " ", "\u{FEFF}1", "\"\\", "\"\\u00e9", "\"\\u00e", "[\"\\ud800\\u12", "-", "-I", "01", "1.", "1.e5",
            "[1e]",
        ]
        for _ in 0..<6000 {
            var scalars = Array(random.pick(whole).unicodeScalars)
            for _ in 0..<(1 + random.below(2)) {
                let start = random.below(scalars.count + 1)
                let end = min(scalars.count, start + random.pick([0, 1, 1, 2, 100]))
                scalars.replaceSubrange(start..<end, with: random.pick(pieces).unicodeScalars)
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            texts.append(String(text))
        }
        let answers = try Reference.call("parse", texts.map { ["text": .text($0)] })
        for (text, answer) in zip(texts, answers) {
            switch (PythonJSON.parse(text), answer) {
            case (.success(let ours), .value(let theirs)):
                #expect(.text(ours.line) == theirs, "\(text.debugDescription)")
            case (.failure(let ours), .raised("JSONDecodeError", let theirs)):
                #expect(ours.description == theirs, "\(text.debugDescription)")
            case (let ours, let theirs):
                Issue.record("\(text.debugDescription): \(ours) and \(theirs)")
            }
        }
    }
}
