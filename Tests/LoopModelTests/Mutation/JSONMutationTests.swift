import LoopModel
import TestSupport
import Testing

/// Damaged JSON: it is refused with a place inside the text, or it is a value that writing and reading keep.
@Suite struct JSONMutationTests {
    static let words = [
        "NaN", "Infinity", "-Infinity", "null", "true", "false", "1e5", "-0", "0.10", "1E+400", #"\ud83d"#, #"\ude00"#,
        #"\u0000"#, #"\uD8"#, #"\/"#, #"{"k": 1}"#, "[[], {}]", ", ", ": ", "\"", "\u{FEFF}", "\u{1F600}", "\u{7F}",
        "//",
    ]

    @Test func `what is read is written so that it is read again, and what is refused has a place`() throws {
        let run = try MutationRun("LoopModelTests/Corpus/json", words: Self.words, bounded: 4000)
        #expect(run.firstFailure(wrong) == nil)
    }

    private func wrong(_ text: [UInt8]) -> String? {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: text)
        } catch {
            return 0...text.count ~= error.offset ? nil : "refused at byte \(error.offset) of \(text.count)"
        }
        for indent in [nil, 2] {
            let written = value.serialized(indent: indent)
            guard written.allSatisfy({ $0 < 0x80 }) else { return "written with more than ASCII" }
            guard let again = try? JSONValue(parsing: written) else { return "written and then refused" }
            guard again == value else { return "read, written and read again is another value" }
            guard again.serialized(indent: indent) == written else { return "written twice is another text" }
        }
        return wrong(strings: value)
    }

    /// Each string has to be what its own bytes make, and numbers what their spelling makes.
    private func wrong(strings value: JSONValue) -> String? {
        switch value {
        case .null, .bool: nil
        case .string(let string): JSONString(wtf8: string.bytes) == string ? nil : "no well-formed string"
        case .number(let number): JSONNumber(spelling: number.spelling) == number ? nil : "no number: \(number)"
        case .array(let elements): elements.lazy.compactMap { wrong(strings: $0) }.first
        case .object(let object):
            object.members.lazy.compactMap { member in
                object[member.key] == member.value ? wrong(strings: member.value) : "a key that finds another value"
            }.first
        }
    }

    @Test func `any bytes become a string and the same bytes again`() throws {
        let run = try MutationRun("LoopModelTests/Corpus/names.txt", words: Self.words, bounded: 2000)
        let failure = run.firstFailure { bytes in
            let string = JSONString(fileSystemBytes: bytes)
            guard string.fileSystemBytes == bytes else { return "not the bytes that it was made of" }
            guard JSONString(wtf8: string.bytes) == string else { return "no well-formed string" }
            let written = JSONValue.string(string).serialized()
            return (try? JSONValue(parsing: written)) == .string(string) ? nil : "another string in JSON"
        }
        #expect(failure == nil)
    }

    @Test(arguments: ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{1B}", "\u{202E}", "\u{FEFF}"])
    func `what ends a line or steers a terminal is printed as its bytes`(text: String) {
        #expect(PrintableText.escaping(text.utf8).hasPrefix("\\x"))
    }

    @Test func `whatever is printed has nothing in it that moves the cursor or hides what follows`() throws {
        let run = try MutationRun("LoopModelTests/Corpus/names.txt", words: Self.words, bounded: 2000)
        let failure = run.firstFailure { bytes in
            let text = PrintableText.escaping(bytes)
            let hostile = text.unicodeScalars.first { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: true
                default: false
                }
            }
            return hostile.map { "prints U+\(String($0.value, radix: 16))" }
        }
        #expect(failure == nil)
    }
}
