import LoopModel
import TestSupport
import Testing

/// The engine that ours is compared with: little-loops 1.52.0 in its own Python.
enum Reference {
    /// What a function gave.
    enum Answer: Equatable {
        case value(JSONValue)
        /// The exception's type and text.
        case raised(String, String)

        var value: JSONValue? {
            if case .value(let value) = self { value } else { nil }
        }

        /// The value as a text, or as the JSON of what else it is.
        var text: String? {
            value.map { $0.stringValue?.string ?? String(decoding: $0.serialized(), as: UTF8.self) }
        }
    }

    /// Calls functions of `Python/engine.py` one after the other in one process.
    static func call(_ name: JSONString, _ requests: [JSONObject]) throws -> [Answer] {
        try Executor.a.require()
        let input = requests.map { request in
            var request = request
            request["call"] = .string(name)
            return String(decoding: JSONValue.object(request).serialized(), as: UTF8.self) + "\n"
        }.joined()
        let finished = try Subprocess.run(
            [Executor.a.python, "\(PackageDirectory.path)/Tests/LoopEngineTests/Python/engine.py"],
            input: input
        )
        guard finished.succeeded else { throw TestSupportError("engine.py: \(finished)") }
        let answers = try finished.output.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            let answer = try #require(JSONValue(parsing: line).objectValue)
            if let error = answer["error"]?.stringValue {
                return Answer.raised(error.string, answer["message"]?.stringValue?.string ?? "")
            }
            return .value(answer["value"] ?? .null)
        }
        try #require(answers.count == requests.count)
        return answers
    }
}

extension JSONValue {
    /// On one line, as Python writes it.
    var line: String {
        String(decoding: serialized(), as: UTF8.self)
    }

    static func text(_ text: String) -> JSONValue {
        .string(JSONString(text))
    }
}
