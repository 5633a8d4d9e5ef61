import SyncCore
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("*", "", true), ("*", "a/b", true), ("nightly-*", "nightly-", true), ("nightly-*", "nightly", false),
        ("*-a*", "x-b-a", true), ("*-a*", "x-b", false), ("?", "é", true), ("?", "", false), ("??", "a", false),
        ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[^a-c]x", "dx", true), ("[]]", "]", true),
        ("[a", "[a", true), ("\\*", "*", true), ("\\*", "a", false), ("a\\", "a\\", true), ("[\\]]", "]", true),
        ("[z-a]", "m", false), ("[a-\\c]x", "bx", true), ("[]-\\]a]", "-", false), ("a*b*c", "a1b2b3c", true),
        ("a*b*c", "a1b2b3", false), ("", "", true),
    ])
    func `a pattern covers a whole name`(pattern: String, name: String, expected: Bool) {
        #expect(Glob(pattern).matches(name) == expected)
    }

    @Test func `a hostile pattern takes no time`() {
        let pattern = Glob(String(repeating: "a*", count: 200) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4000)))
    }

    @Test(arguments: ["500ms", "2s", "15m", "1h", "7d", "14d", "1y", "0s"])
    func `a length of time reads as it was written`(text: String) throws {
        #expect(DurationText.format(try #require(DurationText.parse(text))) == text)
    }

    @Test func `a week is seven days and a year 365`() {
        #expect(DurationText.parse("2w") == .seconds(14 * 86_400))
        #expect(DurationText.parse("1y") == .seconds(365 * 86_400))
    }

    @Test(arguments: ["", "1", "h", "-1h", "1.5h", "1 h", "1H", "99999999999999999999s", "1001y", "+1s", "٣s"])
    func `what is no length of time is none`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        arguments: [("500M", 500 << 20), ("20G", 20 << 30), ("0", 0), ("7", 7), ("1T", 1 << 40)] as [(String, Int64)]
    )
    func `a size reads in powers of 1024`(text: String, bytes: Int64) {
        #expect(SizeText.parse(text) == bytes)
        #expect(SizeText.exact(bytes) == text)
    }

    @Test(arguments: ["", "1.5G", "-1", "1GB", "1 G", "9999999P", "1g", "1\u{212A}", "\u{663}K"])
    func `what is no size is none`(text: String) {
        #expect(SizeText.parse(text) == nil)
    }
}
