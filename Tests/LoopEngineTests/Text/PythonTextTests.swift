import LoopModel
import TestSupport
import Testing

@testable import LoopEngine

/// Texts and numbers as Python's own functions have them.
@Suite struct PythonTextTests {
    @Test func `float takes what Python's float takes`() throws {
        var random = SplitMix(seed: 0x11)
        var texts = [
            "", " ", "1", " 1\n", "1_000", "1__0", "_1", "1_", "1_.5", "1._5", "1.5_0", ".5", "5.", ".", "+.5e-3",
            "1e5",
            "1e", "1e+", "1e_5", "1_0e1_0", "0x10", "nan", "-NaN", "+inf", "INFINITY", "infinit", "in f", "1e400",
            "-1e400", "1e-400", "١٢٣", "1٫5", "１２", "\u{A0}1\u{2003}", "1,5", "1 2", "--1", "+-1", "1d", "1f", "0b1",
            "௧",
            "9007199254740993", "0.1", "123456789012345678901234567890", "\u{1C}7\u{1F}", "\u{200B}1", "1\0", "²", "½",
            "𝟙𝟚",
        ]
        let pieces = ["0", "1", "9", "_", ".", "e", "E", "+", "-", " ", "nan", "inf", "x", "\n"]
        for _ in 0..<3000 {
            texts.append((0..<(1 + random.below(7))).map { _ in random.pick(pieces) }.joined())
        }
        let answers = try Reference.call("number", texts.map { ["text": .text($0)] })
        for (text, answer) in zip(texts, answers) {
            let ours = PythonFloat.parse(text).map { PythonRepresentation.spelling(of: JSONNumber($0)) }
            #expect(ours == answer.text, "\(text.debugDescription)")
        }
    }

    @Test func `values become the texts that str and repr make of them`() throws {
        var random = SplitMix(seed: 0x12)
        var documents = [
            "null", "true", "[false]", "-0", "1E5", "1e16", "1e15", "1.5e-5", "NaN", "[-Infinity, Infinity]", "[]",
            "{}",
            #"[1, "two", {"k": "v"}]"#, #"["it's", "say \"x\"", "it's \"x\""]"#, #"["\\", "\n\r\t\u0000\u007f\u0085"]"#,
            #"["\u00a0\u00ad\u2028\u3000\ufeff\ue000\u0378", "é😀", "\ud800"]"#, #"{"a'b": {"c": [[]]}}"#,
            #"[1.0, 100000000000000000000000, 0.1, 123456.789]"#, #"["\ud83d\ude00\udbff\udfff\ud880\udc00"]"#,
        ]
        for _ in 0..<2000 { documents.append(JSONValue.number(JSONNumber(Double(bitPattern: random.next()))).line) }
        for _ in 0..<2000 {
            let scalar = Unicode.Scalar(UInt32(random.below(0x323B0))) ?? "?"
            documents.append(JSONValue.array([.text(String(scalar))]).line)
        }
        let answers = try Reference.call("text", documents.map { ["json": .text($0)] })
        for (document, answer) in zip(documents, answers) {
            let value = try JSONValue(parsing: document.utf8)
            let theirs = answer.value?.arrayValue?.compactMap { $0.stringValue?.string }
            #expect(
                [PythonRepresentation.text(of: value), PythonRepresentation.representation(of: value)] == theirs,
                "\(document)"
            )
        }
    }

    @Test func `white space goes from the ends of lines and previews as Python's strip takes it`() throws {
        var random = SplitMix(seed: 0x13)
        let pieces = [
            " ", "\t", "\n", "a", "é", "😀", "\u{A0}", "\u{85}", "\u{2028}", "\u{3000}", "\u{200B}", "\u{180E}",
            "\u{1C}", "e\u{301}",
            "\u{FEFF}", "\u{1680}",
        ]
        var texts = ["", " ", String(repeating: "é", count: 3000), String(repeating: " x", count: 1001)]
        for _ in 0..<500 { texts.append((0..<random.below(8)).map { _ in random.pick(pieces) }.joined()) }
        let answers = try Reference.call("strip", texts.map { ["text": .text($0)] })
        for (text, answer) in zip(texts, answers) {
            let preview = OutputText.preview(of: text).map(JSONValue.text) ?? .null
            let ours: [JSONValue] = [.text(text.pythonStripped), .text(OutputText.line(text)), preview]
            #expect(answer.value == .array(ours), "\(text.debugDescription)")
        }
    }
}
