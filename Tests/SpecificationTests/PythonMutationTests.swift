import LoopModel
import TestSupport
import Testing

/// Damaged texts through Python's own parsers and ours: both take the same, and understand the same by it.
///
/// Three differences are meant, and are all that is let pass: we nest 500 levels deep and Python a thousand or so; a
/// number keeps its spelling here (`1E5`) and is spelled anew there (`100000.0`); Python refuses integers of more than
/// 4300 digits unless it is told otherwise, and we keep them.
@Suite struct PythonMutationTests {
    private let words = [
        "NaN", "Infinity", "-Infinity", "null", "true", "false", "1e5", "-0", "0.10", "1E+400", #"\ud83d"#, #"\ude00"#,
        #"\u0000"#, #"\uD8"#, #"\/"#, #"{"k": 1}"#, "[[], {}]", ", ", ": ", "\"", "\u{FEFF}", "\u{1F600}", "\u{7F}",
        "//",
    ]

    @Test func `Python's json takes what we take and writes what we write`() throws {
        let run = try MutationRun("LoopModelTests/Corpus/json", words: words, bounded: 4000)
        let states = try MutationRun("LoopModelTests/Corpus/states", words: words, bounded: 1500)
        try judge(run, json)
        try judge(states, json)
    }

    @Test func `Python's strip and json take the event lines that we take`() throws {
        let spaces = [
            "\u{A0}", "\u{85}", "\u{2003}", "\u{3000}", "\u{1C}", "\u{B}", "\u{180E}", "\u{200B}", "\u{2028}",
        ]
        let run = try MutationRun("LoopModelTests/Corpus/events", words: words + spaces, bounded: 1500)
        var requests: [(UInt64, [UInt8], JSONObject)] = []
        for (number, bytes) in run.variations {
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                let isEvent = LoopEvent(line: line) != nil
                requests.append(
                    (number, Array(line), ["kind": "line", "text": hexadecimal(line), "ours": .bool(isEvent)])
                )
            }
        }
        try judge(requests)
    }

    @Test func `Python's fromisoformat reads the times that we read, and we all that isoformat writes`() throws {
        let run = try MutationRun(
            "LoopModelTests/Corpus/times.txt",
            words: [
                "+00:00", "-23:59:59", "Z", ".", ".000001", "0001-01-01", "9999-12-31", "T", " ", "24:00", "\u{0660}",
            ],
            bounded: 6000
        )
        try judge(run) { bytes in
            var request: JSONObject = ["kind": "time", "text": hexadecimal(bytes)]
            guard let text = JSONString(wtf8: bytes) else { return request }
            request["ours"] = Timestamp(iso: text).map { .number(JSONNumber($0.microseconds)) }
            return request
        }
    }

    @Test func `Python's fsdecode and the executor's formula make the same of any name`() throws {
        let run = try MutationRun(
            "LoopModelTests/Corpus/names.txt",
            words: [":", ".", "+", "é", "\u{1F600}"],
            brackets: [("x", "é")],
            bounded: 3000
        )
        try judge(run) { bytes in
            let string = JSONString(fileSystemBytes: bytes)
            return [
                "kind": "name", "text": hexadecimal(bytes), "ours": text(.string(string)),
                "id": text(.string(RunID(startedAt: string).text)),
            ]
        }
    }

    private func json(_ bytes: [UInt8]) -> JSONObject {
        var request: JSONObject = ["kind": "json", "text": hexadecimal(bytes)]
        do throws(JSONError) {
            let value = try JSONValue(parsing: bytes)
            request["ours"] = text(value)
            request["marked"] = text(marked(value))
            request["indented"] = text(marked(value), indent: 2)
        } catch {
            request["tooDeep"] = .bool(error.reason == .tooDeep)
        }
        return request
    }

    /// The value with each number as the string that `judge.py` makes of its spelling.
    private func marked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .string: value
        case .number(let number): .string(JSONString("number \(number)"))
        case .array(let elements): .array(elements.map(marked))
        case .object(let object): .object(JSONObject(object.members.map { ($0.key, marked($0.value)) }))
        }
    }

    private func text(_ value: JSONValue, indent: Int? = nil) -> JSONValue {
        .string(JSONString(String(decoding: value.serialized(indent: indent), as: UTF8.self)))
    }

    private func hexadecimal(_ bytes: some Sequence<UInt8>) -> JSONValue {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return .string(JSONString(String(decoding: text, as: UTF8.self)))
    }

    private func judge(_ run: MutationRun, _ request: ([UInt8]) -> JSONObject) throws {
        try judge(run.variations.map { number, bytes in (number, bytes, request(bytes)) })
    }

    /// Puts all requests to one Python process.
    private func judge(_ requests: [(number: UInt64, bytes: [UInt8], request: JSONObject)]) throws {
        try Executor.a.require()
        let input = Array(requests.map { JSONValue.object($0.request).serialized() }.joined(separator: [0x0A]))
        let python = try Subprocess.run(
            [Executor.a.python, "\(PackageDirectory.path)/Tests/SpecificationTests/Python/judge.py"],
            input: String(decoding: input, as: UTF8.self),
            within: .seconds(600)
        )
        #expect(python.succeeded, "\(python)")
        let answers = python.output.split(separator: "\n")
        #expect(answers.count == requests.count)
        for (answer, (number, bytes, _)) in zip(answers, requests) where answer != "ok" {
            Issue.record("\(MutationRun.describe(number, bytes, String(answer)))")
            return
        }
    }
}
