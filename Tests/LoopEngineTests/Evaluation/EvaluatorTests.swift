import LoopModel
import LoopStore
import Synchronization
import TestSupport
import Testing

@testable import LoopEngine

/// The evaluators of both engines on the same outputs.
@Suite struct EvaluatorTests {
    /// Does not run anything; gives what it was told to.
    private struct Answering: CommandRunning {
        var result: Result<CommandResult, CommandError>

        func run(_ command: Command, onLine: @Sendable (String) throws -> Void) async throws -> CommandResult {
            try result.get()
        }
    }

    private struct Case {
        var config: JSONObject
        var output: String
        var exitCode = 0
    }

    private static let context: JSONObject = [
        "context": ["n": 5, "f": "2.5", "word": "abc", "none": .null], "captured": ["old": ["output": " 7 \n"]],
    ]

    private func context() -> InterpolationContext {
        InterpolationContext(
            context: Self.context["context"]?.objectValue ?? [:],
            captured: Self.context["captured"]?.objectValue ?? [:]
        )
    }

    private func definition(_ config: JSONObject) -> EvaluatorDefinition {
        var definition = EvaluatorDefinition(type: config["type"]?.stringValue?.string ?? "")
        definition.comparison = config["operator"]?.stringValue?.string
        definition.target = config["target"]
        definition.tolerance = config["tolerance"].flatMap { $0 == .null ? nil : $0 }
        definition.pattern = config["pattern"]?.stringValue?.string
        definition.negate = config["negate"]?.boolValue ?? false
        definition.path = config["path"]?.stringValue?.string
        definition.prompt = config["prompt"]?.stringValue?.string
        definition.previous = config["previous"]?.stringValue?.string
        definition.direction = config["direction"]?.stringValue?.string ?? "minimize"
        definition.minConfidence = config["min_confidence"]?.numberValue?.double ?? 0.5
        definition.uncertainSuffix = config["uncertain_suffix"]?.boolValue ?? false
        return definition
    }

    private func cases() -> [Case] {
        var cases: [Case] = []
        let operators = ["eq", "ne", "lt", "le", "gt", "ge"]
        let numbers = [
            "1", "1_000\n", "nan", "inf", "-inf", "", "x", "2.5", "1e400", " 3 ", "\u{1C}7", "-0", "abc\u{1F600}",
            "0x1",
        ]
        let targets: [JSONValue] = [
            1, 1.0, 2.5, true, "1e3", "${context.n}", "${context.f}", "${context.word}", "${context.nope}", "nan", "x",
            "", 1000,
        ]
        for output in numbers {
            for target in targets {
                for name in operators {
                    let config: JSONObject = ["type": "output_numeric", "operator": .text(name), "target": target]
                    cases.append(Case(config: config, output: output))
                }
                for previous in ["", "${captured.old.output}", "${captured.no}", "${context.word}", "4"] {
                    for (tolerance, direction) in [
                        (JSONValue.null, "minimize"), (0.5, "maximize"), ("${context.n}", "minimize"),
                    ] {
                        let config: JSONObject = [
                            "type": "convergence", "target": target, "previous": .text(previous),
                            "tolerance": tolerance,
                            "direction": .text(direction),
                        ]
                        cases.append(Case(config: config, output: output))
                    }
                }
            }
        }
        let documents = [
            #"{"a": {"b": [1, 2.0, "x", null, true, 1E5, -0, 18446744073709551616]}, "": 0, "k.l": 1}"#, "[1, [2]]",
            "5", "\"s\"", "",
            "{\"a\": }", "[1,]", "[NaN, -Infinity]", "nul", "{\"a\": 1, \"a\": {\"b\": 3}}", "{\"a\" 1}", "\u{FEFF}1",
            "\"\\x\"", "é",
            "[1,\n2\n,", "{\"a\": {\"b\": {\"y\": [1.0], \"x\": 2}}}",
        ]
        let paths = [
            "a", ".a.b", "a.b.0", ".a.b.1", "a.b.2", "a.b.3", "a.b.4", "a.b.5", "a.b.6", "a.b.7", "a.b.9", "", ".", "0",
            "1.0", "..a", "a.b.x", "a.b.-1",
        ]
        let values: [JSONValue] = [
            1, 2, "x", .null, true, 100_000, ["x": 2, "y": [true]], [1, 2], 18446744073709551615.0, "1",
        ]
        for document in documents {
            for path in paths {
                for value in values {
                    for name in ["eq", "ne", "lt", "ge"] {
                        let config: JSONObject = [
                            "type": "output_json", "operator": .text(name), "target": value, "path": .text(path),
                        ]
                        cases.append(Case(config: config, output: document))
                    }
                }
            }
        }
        for exitCode in [-9, 0, 1, 2, 124, 127] {
            cases.append(Case(config: ["type": "exit_code"], output: "", exitCode: exitCode))
            for output in [
                "", " \n", "{}", "{\"isError\": true}", "{\"isError\": 0, \"x\": 1E2}", "no", "[1]",
                "{\"isError\": null}",
            ] {
                cases.append(Case(config: ["type": "mcp_result"], output: output, exitCode: exitCode))
            }
        }
        for negate in [true, false] {
            for pattern in ["a+b", "(", "", "^x$", "${context.n}"] {
                let config: JSONObject = [
                    "type": "output_contains", "pattern": .text(pattern), "negate": .bool(negate),
                ]
                for output in ["", "aab\n", "x\n", "a(", "${context.n}"] {
                    cases.append(Case(config: config, output: output))
                }
            }
        }
        return cases
    }

    @Test func `verdicts and details are the same, key for key`() async throws {
        let cases = cases()
        let answers = try Reference.call(
            "evaluate",
            cases.map {
                [
                    "config": .object($0.config), "output": .text($0.output),
                    "exit_code": .number(JSONNumber($0.exitCode)), "in": .object(Self.context),
                ]
            }
        )
        let evaluator = Evaluator(
            commands: Answering(result: .success(CommandResult(output: "", exitCode: 0, duration: 0)))
        )
        for (each, answer) in zip(cases, answers) {
            let name = "\(JSONValue.object(each.config).line) \(each.output.debugDescription) \(each.exitCode)"
            do throws(EvaluationError) {
                let ours = try await evaluator.evaluate(
                    definition(each.config),
                    output: each.output,
                    exitCode: each.exitCode,
                    in: context(),
                    llm: LLMSettings()
                )
                let line = JSONValue.array([.text(ours.verdict), .text(JSONValue.object(ours.details).line)])
                #expect(line == answer.value, "\(name)")
            } catch {
                guard case .raised = answer else {
                    Issue.record("\(name): \(error), but Python: \(answer)")
                    continue
                }
            }
        }
    }
}
