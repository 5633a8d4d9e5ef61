import LoopModel
import TestSupport
import Testing

@testable import LoopEngine

/// Templates filled by ours and by Python's engine.
@Suite struct InterpolationTests {
    private let values: JSONObject = [
        "context": [
            "a": 1, "b": ["c": [1, "two", ["k": "v"]], "": "empty", "n": .null], "f": 1.5, "t": true,
            "s": "text ${context.a}",
            "${": "odd", "e f": "space", "é": "accent", "yes": "it's",
        ],
        "captured": ["x": ["output": "hello\n", "stderr": "", "exit_code": 0, "duration_ms": 12]],
        "prev": ["output": "3\n", "exit_code": 0, "state": "b"],
    ]

    private func context(elapsed: Int, hasPrevious: Bool) -> InterpolationContext {
        InterpolationContext(
            context: values["context"]?.objectValue ?? [:],
            captured: values["captured"]?.objectValue ?? [:],
            previous: hasPrevious ? values["prev"]?.objectValue : nil,
            stateName: "here",
            iteration: 3,
            loopName: "loop",
            startedAt: "then",
            elapsed: elapsed,
            environment: { $0 == "ENGINE_TEST" ? "set" : nil }
        )
    }

    private func templates() -> [String] {
        var random = SplitMix(seed: 0x21)
        var templates = [
            "", "plain", "$", "${", "${}", "$${}", "$$${context.a}", "${context.a", "${context.a}}", "${HOME}",
            "$${HOME}",
            "${context.b}", "${context.b.c}", "${context.b.c.0}", "${context.b.}", "${context.b.n}|", "${context.}",
            "${.a}", "${nope.a}", "${state.name}/${state.iteration}", "${state.x}", "${loop.elapsed}",
            "${loop.elapsed_ms}",
            "${loop.started_at}${loop.name}", "${loop.x}", "${env.ENGINE_TEST}", "${env.ENGINE_TEST_NOT}", "${env.}",
            "${prev.output}", "${prev.nope}", "${result.verdict}", "${captured.x.output}", "${captured.x}",
            "${context.s}",
            "${context.$${}", "${context.e f}", "${context.é}", "${context.yes}", "a\n${context.f}\n${context.t}",
            "${ context.a}", "${context.a }", "${a\n.b}", "${context.a}${context.missing}",
        ]
        let pieces = ["$", "{", "}", "${", "$${", "context.", "a", "b", ".", "c", "}", "${context.a}", "x", "\n", "é"]
        for _ in 0..<3000 { templates.append((0..<(1 + random.below(9))).map { _ in random.pick(pieces) }.joined()) }
        return templates
    }

    @Test(arguments: [(0, true), (999, false), (1000, true), (59_999, true), (60_000, true), (125_000, true)])
    func `every template becomes what Python makes of it, or fails in its words`(elapsed: Int, hasPrevious: Bool) throws
    {
        let context = context(elapsed: elapsed, hasPrevious: hasPrevious)
        let templates = templates()
        var shared = values
        if !hasPrevious { shared["prev"] = nil }
        shared["elapsed_ms"] = .number(JSONNumber(elapsed))
        let answers = try Reference.call(
            "interpolate",
            templates.map { ["template": .text($0), "in": .object(shared)] }
        )
        for (template, answer) in zip(templates, answers) {
            let ours = Result { () throws(InterpolationError) in try Template.interpolate(template, in: context) }
            switch (ours, answer) {
            case (.success(let text), .value(let theirs)):
                #expect(.text(text) == theirs, "\(template.debugDescription)")
            case (.failure(let error), .raised("InterpolationError", let message)):
                #expect(error.description == message, "\(template.debugDescription)")
            default:
                Issue.record("\(template.debugDescription): \(ours) and \(answer)")
            }
        }
    }

    @Test func `the texts in parameters are filled, whatever they are nested in, and nothing else`() throws {
        let params: JSONObject = [
            "a": "${context.a}", "b": ["x": ["${context.f}", 1, true, .null, ["${context.t}": "${state.name}"]]],
            "c": 2.5,
        ]
        let answer = try Reference.call("parameters", [["params": .object(params), "in": .object(values)]])
        let ours = try Template.interpolate(params, in: context(elapsed: 0, hasPrevious: true))
        #expect(JSONValue.object(ours).line == answer[0].text)
    }

    @Test func `the keys of the context that must have a value are those that templates name`() {
        #expect(Template.contextKeys(in: "${context.a} $${context.b} ${context.c.d} ${context.e") == ["a", "c", "e"])
        #expect(Template.contextKeys(in: "${context.} ${contextual.a} $${ ${context.${context.x}") == ["${context"])
    }
}
