import LoopModel
import TestSupport
import Testing

/// `LoopState` of the specification beside ours.
@Suite struct LoopStateSpecificationTests {
    @Test func `LoopState.to_dict`() throws {
        let fields: [JSONObject] = [
            [
                "loop_name": "fix-types", "current_state": "check", "iteration": 3, "captured": [:],
                "prev_result": .null, "last_result": .null, "started_at": "2026-01-31T23:59:59+00:00",
                "updated_at": "", "status": "running",
            ],
            [
                "loop_name": "naïve \u{1F600}", "current_state": "", "iteration": 0,
                "captured": ["out": ["output": "a\nb", "exit_code": 1, "ratio": 0.1]],
                "prev_result": ["output": ""], "last_result": ["details": ["value": .number(JSONNumber(.nan))]],
                "started_at": "", "updated_at": "x", "status": "awaiting_continuation", "continuation_prompt": "",
                "accumulated_ms": 12, "retry_counts": ["b": 1, "a": 2], "active_sub_loop": "child",
            ],
            [
                "loop_name": "l", "current_state": "s", "iteration": 1, "captured": .null, "prev_result": [],
                "last_result": false, "started_at": "t", "updated_at": "u", "status": "failed",
                "continuation_prompt": .null, "retry_counts": [:], "active_sub_loop": "",
            ],
        ]
        let answers = try Specification.call(fields.map { ["call": "to_dict", "fields": .object($0)] })
        for (fields, theirs) in zip(fields, answers) {
            // The dataclass has our keys, so that the fields are also what a file with all of them says.
            #expect(try theirs.value == LoopState(json: .object(fields)).json)
        }
    }

    @Test func `LoopState.from_dict`() throws {
        let minimal: JSONObject = [
            "status": "running", "started_at": "t", "iteration": 1, "current_state": "s", "loop_name": "l",
        ]
        var files = [minimal]
        for key in LoopState.Key.specified {
            // Each key as null, and of another type: neither is checked.
            for value: JSONValue in [.null, [], 5, "text", false, ["a": 1]] {
                var file = minimal
                file[JSONString(key.rawValue)] = value
                files.append(file)
            }
        }
        let answers = try Specification.call(files.map { ["call": "from_dict", "data": .object($0)] })
        for (file, answer) in zip(files, answers) {
            let fields = try #require(answer.value?.objectValue)
            let ours = try LoopState(json: .object(file))
            #expect(fields.count == LoopState.Key.specified.count)
            for key in LoopState.Key.specified {
                let theirs = try #require(fields[JSONString(key.rawValue)])
                // An optional field that is absent is no value here and None there.
                #expect((ours[key] ?? .null) == theirs, "\(key) of \(JSONValue.object(file))")
            }
        }

        for key in minimal.keys {
            var file = minimal
            file[key] = nil
            #expect(
                try Specification.call(["call": "from_dict", "data": .object(file)])[0]
                    == .raised("KeyError", "'\(key)'")
            )
            let missing = try #require(LoopState.Key(rawValue: key.string))
            #expect(throws: LoopStateError.missingKey(missing)) { try LoopState(json: .object(file)) }
        }

        // JSON that is no object is a TypeError there, which no reader catches (protocol 7.6); here it has a name.
        for other: JSONValue in [.null, [], 3, "text"] {
            #expect(try Specification.call(["call": "from_dict", "data": other])[0].exception == "TypeError")
            #expect(throws: LoopStateError.notAnObject) { try LoopState(json: other) }
        }
    }

    @Test func `_iso_now`() throws {
        let moments = [0, 1, 999_999, 1_000_000, 1_769_903_999_123_456, 1_709_208_000_000_000].map {
            Timestamp(microseconds: $0)
        }
        let answers = try Specification.call(
            moments.flatMap { [["call": "at", "now": .string($0.iso)], ["call": "iso_now"]] }
        )
        for (place, moment) in moments.enumerated() { #expect(answers[2 * place + 1] == .value(.string(moment.iso))) }
    }

    @Test func `a number keeps its spelling, where the specification spells it anew`() throws {
        for (spelling, theirs) in [("1.00", "1.0"), ("1E5", "100000.0"), ("-0", "0"), ("1e400", "Infinity")] {
            let file = """
                {"loop_name": "l", "current_state": "s", "iteration": \(spelling), "started_at": "t", "status": "running"}
                """
            let json = try JSONValue(parsing: file.utf8)
            let number = try Specification.call(["call": "from_dict", "data": json])[0].value?.objectValue?["iteration"]
            #expect(number?.numberValue?.spelling == theirs)
            #expect(try LoopState(json: json).iteration.numberValue?.spelling == spelling)
        }
    }
}
