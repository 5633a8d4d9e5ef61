import LoopModel
import Testing

@Suite struct JSONTests {
    private func text(_ value: JSONValue, indent: Int? = nil) -> String {
        String(decoding: value.serialized(indent: indent), as: UTF8.self)
    }

    private func reason(_ text: String) -> JSONError? {
        reason(Array(text.utf8))
    }

    private func reason(_ bytes: [UInt8]) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        #"{"b": 1, "a": [true, false, null], "": {}}"#, "[]", "{}", #""""#, "NaN", "-Infinity", "[Infinity]",
        "123456789012345678901234567890", "-0", "1.00", "1E5", "1e400", #""\ud800""#, #"{"\udfff": "\ud83d\ude00"}"#,
        #""\u0000\b\t\n\f\r\u001f\"\\/\u007f\u0080""#,
    ])
    func `what Python writes comes out as it went in`(json: String) throws {
        #expect(try text(JSONValue(parsing: json.utf8)) == json)
    }

    @Test func `empty containers stay on one line with indentation and others do not`() throws {
        let value: JSONValue = ["a": [], "b": [1, [:]], "c": ["d": ["e": "f"]]]
        #expect(
            text(value, indent: 2)
                == """
                {
                  "a": [],
                  "b": [
                    1,
                    {}
                  ],
                  "c": {
                    "d": {
                      "e": "f"
                    }
                  }
                }
                """
        )
        #expect(text(value) == #"{"a": [], "b": [1, {}], "c": {"d": {"e": "f"}}}"#)
    }

    @Test func `a key that comes again keeps its first place and gets its last value`() throws {
        let value = try JSONValue(parsing: #"{"a": 1, "b": 2, "a": 3}"#.utf8)
        #expect(text(value) == #"{"a": 3, "b": 2}"#)

        let many = "{" + (0..<40).map { "\"k\($0 % 25)\": \($0)" }.joined(separator: ",") + "}"
        let object = try #require(JSONValue(parsing: many.utf8).objectValue)
        #expect(object.count == 25)
        #expect(object["k3"] == 28)
        #expect(object["k20"] == 20)
        #expect(object.members.map(\.key) == (0..<25).map { JSONString("k\($0)") })
    }

    @Test func `an object keeps its order through removals, large or small`() {
        var object = JSONObject((0..<20).map { (JSONString("k\($0)"), JSONValue.number(JSONNumber($0))) })
        for gone in [3, 0, 19, 7] { object[JSONString("k\(gone)")] = nil }
        object["k3"] = "again"
        #expect(object.count == 17)
        #expect(object["k7"] == nil)
        #expect(object["k18"] == 18)
        #expect(object.members.last?.key == "k3")
    }

    @Test func `a halved pair of surrogates is one character and a lone half stays`() throws {
        #expect(try JSONValue(parsing: #""\ud83d\ude00""#.utf8) == "😀")
        let lone = try #require(JSONValue(parsing: #""a\ud83d\n\ude00b""#.utf8).stringValue)
        #expect(lone.bytes == [0x61, 0xED, 0xA0, 0xBD, 0x0A, 0xED, 0xB8, 0x80, 0x62])
        #expect(lone.string.contains("\u{FFFD}"))
        #expect(try text(JSONValue(parsing: #""\ud83d\ud83d\ude00""#.utf8)) == #""\ud83d\ud83d\ude00""#)
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("\u{FEFF}{}", .byteOrderMark, 0),
            ("nul", .unexpectedEnd, 3),
            ("nulx", .expectedValue, 0), ("[1,]", .expectedValue, 3), ("[1 2]", .expectedComma, 3),
            ("{1: 2}", .expectedKey, 1),
            (#"{"a" 1}"#, .expectedColon, 5), (#"{"a": 1,}"#, .expectedKey, 8), (#"{"a": 1"#, .unexpectedEnd, 7),
            ("01", .extraData, 1), ("1.", .extraData, 1), ("1e+", .extraData, 1), (".5", .expectedValue, 0),
            ("-", .unexpectedEnd, 1), ("-a", .expectedValue, 1), ("+1", .expectedValue, 0), ("{} {}", .extraData, 3),
            ("\"a\nb\"", .controlCharacter, 2), (#""\x""#, .invalidEscape, 1), (#""\u12g4""#, .invalidEscape, 1),
            (#""\u12"#, .unexpectedEnd, 5), (#""abc"#, .unexpectedEnd, 4), ("'a'", .expectedValue, 0),
        ] as [(String, JSONError.Reason, Int)]
    )
    func `what Python refuses is refused with its place`(json: String, reason: JSONError.Reason, offset: Int) {
        #expect(self.reason(json) == JSONError(reason, offset: offset))
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22],
        ] as [[UInt8]]
    )
    func `bytes that are no UTF-8 are refused`(bytes: [UInt8]) {
        #expect(reason(bytes) == JSONError(.invalidUTF8, offset: 1))
    }

    @Test func `nesting is accepted up to the stated limit`() {
        let limit = JSONValue.depthLimit
        #expect(reason(String(repeating: "[", count: limit) + String(repeating: "]", count: limit)) == nil)
        #expect(reason(String(repeating: "[", count: limit + 1))?.reason == .tooDeep)
        #expect(reason(String(repeating: #"{"a":"#, count: 100_000))?.reason == .tooDeep)
    }

    @Test func `a slice and a collection without storage parse like an array`() throws {
        let json = Array(#"xx{"a": [1, "é"]}yy"#.utf8)
        let sliced = try JSONValue(parsing: json[2..<(json.count - 2)])
        #expect(sliced == ["a": [1, "é"]])
        #expect(try JSONValue(parsing: json.lazy.map { $0 }.dropFirst(2).dropLast(2)) == sliced)
    }

    @Test(
        arguments: [
            (0.0, "0.0"), (-0.0, "-0.0"), (3, "3.0"), (0.1, "0.1"), (1e-4, "0.0001"), (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e15, "1000000000000000.0"), (9_999_999_999_999_998, "9999999999999998.0"), (1e16, "1e+16"),
            (12_345_678_901_234_568, "1.2345678901234568e+16"), (1.2345678901234567e19, "1.2345678901234567e+19"),
            (1e100, "1e+100"), (-1.7976931348623157e308, "-1.7976931348623157e+308"),
            (.leastNonzeroMagnitude, "5e-324"),
            (123.456, "123.456"), (.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity"),
        ] as [(Double, String)]
    )
    func `a float is spelled as Python's repr`(double: Double, spelling: String) {
        #expect(JSONNumber(double).spelling == spelling)
    }

    @Test func `a number gives its integer only where it is one that fits`() throws {
        #expect(JSONNumber(spelling: "-42")?.integer == -42)
        #expect(JSONNumber(spelling: "42.0")?.integer == nil)
        let huge = try #require(JSONNumber(spelling: "123456789012345678901234567890"))
        #expect(huge.integer == nil)
        #expect(huge.double == 123456789012345678901234567890.0)
        #expect(JSONNumber(spelling: "1e400")?.double == .infinity)
        #expect(JSONNumber(spelling: "NaN")?.double.isNaN == true)
        #expect(["01", " 1", "1 ", "+1", "0x1", "", "true"].allSatisfy { JSONNumber(spelling: $0) == nil })
    }
}
