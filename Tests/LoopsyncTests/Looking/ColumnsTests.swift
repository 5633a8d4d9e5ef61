import Testing

@testable import loopsync

@Suite
struct ColumnsTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("…█│", 3), ("日本", 4), ("e\u{301}", 1), ("🚀!", 3), ("한글", 4), ("ｆ", 2), ("\u{200D}", 0),
    ])
    func `text takes the columns that a terminal gives it`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test func `text is parted at words, and a word only where it is wider than a line`() {
        #expect("one two three".wrapped(toColumns: 7) == ["one two", "three"])
        #expect("a /very/long/path b".wrapped(toColumns: 6) == ["a", "/very/", "long/p", "ath b"])
        #expect("日本語 です".wrapped(toColumns: 5) == ["日本", "語", "です"])
        #expect("as it is".wrapped(toColumns: 8) == ["as it is"])
    }

    @Test func `what is cut fits, and what fits is not cut`() {
        for text in ["abcdef", "日本語です", "a日b本c", "e\u{301}e\u{301}e\u{301}"] {
            for room in 1...8 {
                let cut = text.cut(toColumns: room)
                #expect(cut.columns <= room)
                #expect((cut == text) == (text.columns <= room))
            }
        }
        #expect("日本語".cut(toColumns: 4) == "日…")
        #expect("日".padded(toColumns: 4) == "日  ")
    }
}
