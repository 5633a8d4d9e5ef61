import LoopModel
import Testing

@Suite struct JSONStringTests {
    @Test func `WTF-8 with both halves of a pair becomes the character`() {
        #expect(JSONString(wtf8: [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]) == "😀")
        #expect(JSONString(wtf8: [0xED, 0xB8, 0x80, 0xED, 0xA0, 0xBD])?.bytes.count == 6)
        #expect(JSONString(wtf8: [0xFF]) == nil)
        #expect(JSONString(wtf8: [0x61, 0xC0, 0x80]) == nil)
    }

    @Test func `file system bytes go to a string and back as Python's fsdecode and fsencode`() {
        for bytes: [UInt8] in [
            [0x61, 0xFF, 0x62], [0xC3, 0xA9], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [], [0xE2, 0x82, 0xAC, 0x80],
        ] {
            #expect(JSONString(fileSystemBytes: bytes).fileSystemBytes == bytes)
        }
        #expect(JSONString(fileSystemBytes: [0xFF]).bytes == [0xED, 0xB3, 0xBF])
        #expect(JSONString(wtf8: [0xED, 0xA0, 0x80])?.fileSystemBytes == nil)
    }

    @Test func `strings order by code points, as in Python`() {
        #expect(JSONString("\u{FFFF}") < JSONString("\u{10000}"))
        #expect(JSONString("Z") < JSONString("a"))
        #expect(JSONString("a") < JSONString("aa"))
        #expect(JSONString("e\u{301}") != JSONString("é"))
    }
}
