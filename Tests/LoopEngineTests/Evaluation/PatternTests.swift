import LoopModel
import TestSupport
import Testing

@testable import LoopEngine

/// Expressions searched for by Python's `re` and by ours.
@Suite struct PatternTests {
    private let outputs = [
        "", "a", "ab", "aab\n", "foo bar\nbaz\n", "FOO Bar", "a1b22\n\n", "été Ünï 12٣", "x\ty z",
        "[error] 3 failed, 10 passed",
        "line one\nline two\nERROR: no\n", "a.b*c", "{\"ok\": true}", "aXbXc", "\u{B}\u{85}\u{2028}x", "e\u{301}a",
        "foo's b_c-d",
        "-", "]", "^a$", "\\", "aaa\n", "\n", "0", "ǅ ß ſ K", "a\0b", "ab\nab",
    ]

    private let known = [
        "error", "ERROR", "^a$", "a$", "^ab", "b\\Z", "\\Aa", "(?i)error", "(?i)FOO", "(?m)^baz$", "(?m)^ERROR: no$",
        "(?s)one.line",
        "one.line", "\\d+ failed", "[0-9]+ passed", "\\bbar\\b", "\\Bar", "(?P<x>a)(?P=x)", "(a)(b)?\\2", "(a)|\\1",
        "a{2}", "a{,2}b",
        "a{2,}", "a{x}", "a{", "a{}", "{a}", "a**", "*a", "a*?b", "a*+b", "a++", "(?>a+)b", "(?:a|b)+", "()", "()*",
        "(?:)*",
        "(?=a)*b", "^*", "\\b*", "(", ")", "(a", "a)", "[", "[]", "[]a]", "[^]a]", "[a-]", "[-a]", "[a-\\d]", "[z-a]",
        "[a-c-e]", "[\\]]",
        "[[a]", "[a&&b]", "[a--b]", "[a~~b]", "[a||b]", "\\q", "\\_", "\\-", "\\/", "[\\b]", "[\\A]", "\\x61", "\\x6",
        "\\u0061", "\\U00000061",
        "\\U00110000", "\\0", "\\07", "\\101", "\\400", "\\1", "(a)\\1", "(a)\\11", "(\\1)", "\\8", "[\\8]", "[\\101]",
        "\\", "a\\", "(?#x)a",
        "(?#x", "a(?#x)*", "(?x) a b # c\n", "(?x)a [ ] b", "(?x: a b)c", "a(?i)b", "(?i)(?m)^A", "(?i:A)b",
        "(?i)a(?-i:B)", "(?z)a", "(?i",
        "(?-i)a", "(?i-i:a)", "(?au)a", "(?L)a", "(?a)\\w+", "(?a)é", "(?a)\\W", "(?u)\\w", "\\w+", "\\W", "\\s", "\\S",
        "[\\w-]+", "[^\\W]",
        "[\\s\\S]", "[^\\s]", "\\D", "[^\\D]", "(?<=a)b", "(?<!a)b", "(?<=o)o|x", "(?<!^)a", "(?<=\\ba)b", "(?<=a+)b",
        "(?<=(a))b", "(?<=ab|cd)x",
        "(?<=a|bc)x", "(?<!\\d)2", "(?<!\\d)(?<!a)b", "a(?<=a)b", "(?<=)a", "(?<n>a)", "(?P<1>a)", "(?P<a>x)(?P<a>y)",
        "(?P=a)", "(?P>a)",
        "(a)?(?(1)b|c)", "(?(1)a)", "\\N{DIGIT ONE}", ".", ".+", "\\.", "a.b", "$", "^", "^$", "(?m)^", "(?m)$",
        "(?m)^$", "\\n$", "\\n\\Z",
        "é", "[é]", "(?i)É", "[à-ÿ]", "(?i)[A-Z]{3}", "(?i)ß", "(?i)k", "x{0}", "x{2,1}", "x{99999999999}", "a|", "|a",
        "(|a)b", "(?!a)b",
        "(?=.*b)a", "\u{2028}", "\\u2028", "e\u{301}", "(?:a{1,2}){2}", "a{1}{2}", "a?{2}", "a{1,2}?b", "a{1,2}+b",
        "a*??", "\\Z\\Z", "(^a)", "(a$)",
        "\"ok\": true", "10 passed|0 failed", "(\\d+)\\s+failed", "FAIL|ERROR", "\\[error\\]", "^\\s*$",
        "^\\S+\\s\\S+$", "a\\\nb", "\\ ", "\\é", "(?P<é>a)",
        "(?", "(?P", "(?P<", "(?P<x", "(?<", "(?<=", "(?:", "[a", "[a-", "[\\", "a{1", "a{1,", "(?x)#", "(?i)",
        "(?i)|a", "a|(?i)b", "(?x", "\\x{61}", "\\p{L}",
    ]

    private func check(_ patterns: [String], outputs: [String]) throws -> (unsupported: [String], invalid: Int) {
        let texts = JSONValue.array(outputs.map(JSONValue.text))
        let answers = try Reference.call("found", patterns.map { ["pattern": .text($0), "outputs": texts] })
        var notes: [String] = []
        var invalid = 0
        for (text, answer) in zip(patterns, answers) {
            let isInvalid = answer.text == "invalid"
            if isInvalid { invalid += 1 }
            #expect(OutputPattern.isInvalid(text) == isInvalid, "\(text.debugDescription): \(answer)")
            guard OutputPattern.isInvalid(text) == isInvalid, !isInvalid else { continue }
            let pattern = OutputPattern(text)
            if let failure = pattern.failure {
                notes.append("\(text.debugDescription): \(failure)")
                continue
            }
            let ours = outputs.map { (try? pattern.isFound(in: $0).get()).map(JSONValue.bool) ?? .null }
            let theirs = answer.value?.arrayValue ?? []
            for (output, (our, their)) in zip(outputs, zip(ours, theirs)) where our != their {
                let spelled = (try? PatternTranslator.translate(text).get())?.text ?? ""
                Issue.record(
                    "\(text.debugDescription) as \(spelled) in \(output.debugDescription): \(our) and \(their)"
                )
            }
        }
        return (notes, invalid)
    }

    @Test func `each is found where Python finds it, and invalid where it is`() throws {
        let counts = try check(known, outputs: outputs)
        #expect(counts.unsupported.count == 3, "\(counts.unsupported)")
    }

    @Test func `random ones are found where Python finds them`() throws {
        var random = SplitMix(seed: 0x31)
        let pieces = [
            "a", "b", "c", "X", "1", "\\d", "\\w", "\\s", "\\S", ".", "^", "$", "\\b", "*", "+", "?", "*?", "{2}",
            "{1,2}", "{,2}", "(", ")", "(?:",
            "|", "[ab]", "[^a]", "[a-c]", "\\.", " ", "\\n", "(?=", "(?!", "\\1", "(?i:", "++", "?+", "(?>", "\\B",
            "\\Z", "\\A", "é", "(?<=",
            "(?<!", "-", "]", "}",
        ]
        let patterns = (0..<6000).map { _ in (0..<(1 + random.below(7))).map { _ in random.pick(pieces) }.joined() }
        let counts = try check(
            patterns,
            outputs: ["", "abc", "aab 1.b\n", "a\nb", "XxX cab ba\n", "éa-b]", "ab1 ab1", "1\n\n"]
        )
        #expect(counts.invalid > 500)
        #expect(counts.unsupported.count < 400)
    }

    @Test func `groups in each other are found, and refused where they are too many`() async throws {
        func nested(_ depth: Int) -> OutputPattern {
            OutputPattern(String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth))
        }
        #expect(try nested(50).isFound(in: "ba").get())
        #expect(nested(100).failure != nil)
        #expect(nested(100_000).failure != nil)
    }

    @Test func `what may be missing at the ends is not searched for`() throws {
        #expect(try PatternTranslator.translate(".*failed.*|a?").get().text == "failed|")
        #expect(try PatternTranslator.translate(".*+a").get().text == #"(?>[^\n]*)a"#)
        #expect(try PatternTranslator.translate("(?<!x).*a").get().text.hasSuffix(#"[^\n]*a"#))
    }

    @Test func `plain text is found at any place`() throws {
        for (part, isThere) in [("", true), ("ab", true), ("c\n", true), ("abc\n", true), ("abcd", false), ("b", true)]
        {
            #expect(try OutputPattern(part).isFound(in: "abc\n").get() == isThere)
        }
        #expect(try OutputPattern("aab").isFound(in: "aaab").get())
        #expect(try !OutputPattern("é").isFound(in: "e\u{301}").get())
        #expect(try !OutputPattern("a").isFound(in: "").get())
    }
}

extension OutputPattern {
    /// Why it can never be found, though Python could.
    fileprivate var failure: Failure? {
        if case .failure(let failure) = isFound(in: "") { failure } else { nil }
    }

    /// Whether Python does not take a text for an expression.
    fileprivate static func isInvalid(_ pattern: String) -> Bool {
        if case .failure(.invalid) = PatternTranslator.translate(pattern) { true } else { false }
    }
}
