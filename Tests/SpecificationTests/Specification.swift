import LoopModel
import TestSupport
import Testing

/// The specification itself: the functions of little-loops 1.52.0, called in its own Python.
enum Specification {
    /// What a function gave.
    enum Answer: Equatable {
        case value(JSONValue)
        /// The exception's type and text.
        case raised(String, String)

        var value: JSONValue? {
            if case .value(let value) = self { value } else { nil }
        }

        /// The exception's type.
        var exception: String? {
            if case .raised(let type, _) = self { type } else { nil }
        }
    }

    /// Calls functions one after the other in one process.
    ///
    /// - Parameter requests: each with `call` and the arguments that `Python/specification.py` names.
    /// - Returns: their answers in order.
    static func call(_ requests: JSONObject...) throws -> [Answer] {
        try call(requests)
    }

    /// Calls as many functions as there are, in one process.
    static func call(_ requests: [JSONObject]) throws -> [Answer] {
        try Executor.a.require()
        let input = requests.map { String(decoding: JSONValue.object($0).serialized(), as: UTF8.self) + "\n" }.joined()
        let finished = try Subprocess.run(
            [Executor.a.python, "\(PackageDirectory.path)/Tests/SpecificationTests/Python/specification.py"],
            input: input
        )
        guard finished.succeeded else { throw TestSupportError("specification.py: \(finished)") }
        let answers = try finished.output.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            let answer = try #require(JSONValue(parsing: line).objectValue)
            if let error = answer["error"]?.stringValue {
                return Answer.raised(error.string, answer["message"]?.stringValue?.string ?? "")
            }
            return .value(answer["value"] ?? .null)
        }
        #expect(answers.count == requests.count)
        return answers
    }
}

extension LoopState {
    /// What the specification's `to_dict` would give: what is written, without what only later versions know.
    var specified: JSONValue {
        guard case .object(let object) = json else { return json }
        let known = Set(Key.specified.map { JSONString($0.rawValue) })
        return .object(JSONObject(object.members.filter { known.contains($0.key) }.map { ($0.key, $0.value) }))
    }
}

extension LoopState.Key {
    /// The fields of the specification's dataclass, in its order.
    static let specified: [LoopState.Key] = [
        .loopName, .currentState, .iteration, .captured, .previousResult, .lastResult, .startedAt, .updatedAt, .status,
        .continuationPrompt, .accumulatedMilliseconds, .retryCounts, .activeSubLoop,
    ]
}
