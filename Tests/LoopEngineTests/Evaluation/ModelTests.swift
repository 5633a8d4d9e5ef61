import LoopModel
import LoopStore
import Synchronization
import TestSupport
import Testing

@testable import LoopEngine

/// Evaluations that ask a program: a model, or `git`.
@Suite struct ModelTests {
    /// Runs nothing; gives what it was told to, one after the other, and keeps what it was asked for.
    private final class Answering: CommandRunning {
        private let results: Mutex<[Result<CommandResult, CommandError>]>
        private let asked = Mutex<[Command]>([])

        init(_ results: Result<CommandResult, CommandError>...) {
            self.results = Mutex(results)
        }

        var commands: [Command] { asked.withLock { $0 } }

        func run(_ command: Command, onLine: @Sendable (String) throws -> Void) async throws -> CommandResult {
            asked.withLock { $0.append(command) }
            return try results.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.get()
        }
    }

    private static let missing = CommandError.notStarted(
        program: "x",
        PosixError(call: "execvp", path: "x", code: PosixError.Code(rawValue: 2))
    )

    /// What both engines write in the same words, and what is each one's own.
    private static let common = [
        "confidence", "confident", "reason", "raw", "llm_model", "llm_raw_output", "raw_preview",
    ]

    @Test func `answers of a model become the same verdicts, with the same details`() async throws {
        let envelopes = [
            #"{"structured_output": {"verdict": "yes", "confidence": 0.9, "reason": "so"}}"#,
            #"{"structured_output": {"verdict": "no", "confidence": 0.2}}"#,
            #"{"structured_output": {"confidence": "0.7"}}"#,
            #"{"structured_output": {"verdict": null, "confidence": true, "reason": [1]}}"#,
            #"{"structured_output": {"confidence": "x"}}"#,
            #"{"structured_output": {"confidence": null}}"#,
            #"{"structured_output": [], "result": "{\"verdict\": \"partial\"}"}"#,
            #"{"result": {"verdict": "blocked", "confidence": 1}}"#, #"{"result": ""}"#,
            #"{"result": "", "verdict": "yes"}"#, #"{"result": "no json"}"#,
            #"{"result": "[1]"}"#, #"{"result": 5}"#, #"{"result": 0}"#, #"{"verdict": "yes", "confidence": 1E-1}"#,
            #"{}"#, "[1]", "5", "no json", "", " \n",
            #"{"is_error": true, "result": "bad"}"#, #"{"is_error": true, "result": {"a": 1}}"#, #"{"is_error": 1}"#,
            #"{"subtype": "error_max_structured_output_retries"}"#, "log line\n{\"verdict\": \"no\"}\n\n",
            "{\"verdict\": \"no\"}\n{\"verdict\": \"yes\"}",
            "{\"verdict\": \"no\"}\nlast", String(repeating: " ", count: 400) + #"{"verdict": "yes"}"#,
            #"{"verdict": "é\#(String(repeating: "é", count: 600))"}"#,
        ]
        let configs: [JSONObject] = [
            ["type": "llm_structured"], ["type": "llm_structured", "min_confidence": 0.95, "uncertain_suffix": true],
        ]
        var requests: [JSONObject] = []
        for config in configs {
            for envelope in envelopes {
                for (code, errors) in [(0, ""), (0, " warn \n"), (1, " bad \n")] {
                    requests.append([
                        "config": .object(config), "output": "out", "exit_code": 0, "code": .number(JSONNumber(code)),
                        "stdout": .text(envelope), "stderr": .text(errors),
                    ])
                }
            }
            requests.append(["config": .object(config), "output": "", "exit_code": 0, "missing": true])
            requests.append(["config": .object(config), "output": "", "exit_code": 0, "slow": true])
        }
        let answers = try Reference.call("model", requests)
        for (request, answer) in zip(requests, answers) {
            var definition = EvaluatorDefinition(type: "llm_structured")
            if let config = request["config"]?.objectValue, config.count > 1 {
                definition.minConfidence = 0.95
                definition.uncertainSuffix = true
            }
            let result = CommandResult(
                output: request["stdout"]?.stringValue?.string ?? "",
                errorOutput: request["stderr"]?.stringValue?.string ?? "",
                exitCode: request["code"]?.integerValue ?? 0,
                duration: 0,
                timedOut: request["slow"] != nil
            )
            let commands = Answering(request["missing"] == nil ? .success(result) : .failure(Self.missing))
            let evaluator = Evaluator(commands: commands)
            do throws(EvaluationError) {
                let ours = try await evaluator.evaluate(
                    definition,
                    output: "out",
                    exitCode: 0,
                    in: InterpolationContext(),
                    llm: LLMSettings()
                )
                let theirs = answer.value?.arrayValue ?? []
                #expect(.text(ours.verdict) == theirs.first, "\(JSONValue.object(request).line)")
                let details =
                    (theirs.last?.stringValue?.string).flatMap { try? JSONValue(parsing: $0.utf8).objectValue } ?? [:]
                #expect(
                    ours.details.keys.map(\.string) == details.keys.map(\.string),
                    "\(JSONValue.object(request).line)"
                )
                for member in details.members where Self.common.contains(member.key.string) {
                    #expect(ours.details[member.key] == member.value, "\(JSONValue.object(request).line)")
                }
            } catch {
                guard case .raised = answer else {
                    Issue.record("\(JSONValue.object(request).line): \(error), but Python: \(answer)")
                    continue
                }
            }
        }
    }

    @Test func `a question has the end of the output, and the settings of its kind`() async throws {
        let commands = Answering(.success(CommandResult(output: #"{"verdict": "yes"}"#, exitCode: 0, duration: 7)))
        let evaluator = Evaluator(commands: commands, model: ["env", "claude"])
        var llm = LLMSettings()
        llm.model = "opus"
        llm.timeout = 5
        var definition = EvaluatorDefinition(type: "llm_structured")
        definition.prompt = "Is ${context.what} done?"
        let context = InterpolationContext(context: ["what": "it"])
        let output = String(repeating: "é", count: 5000)
        let explicit = try await evaluator.evaluate(definition, output: output, exitCode: 0, in: context, llm: llm)
        let implicit = try await evaluator.evaluateByDefault(.prompt, output: "x", exitCode: 0, llm: llm)
        #expect(explicit.details["llm_latency_ms"] == 7)
        #expect(explicit.details["llm_model"] == "sonnet")
        #expect(implicit.details["llm_model"] == "opus")
        #expect(commands.commands.map(\.timeout) == [1800, 5])
        let arguments = try #require(commands.commands.first?.arguments)
        #expect(arguments.starts(with: ["env", "claude", "-p"]))
        let end = String(repeating: "é", count: 4000)
        #expect(arguments[3] == "Is it done?\n\n<action_output>\n\(end)\n</action_output>")
        llm.enabled = false
        let disabled = try await evaluator.evaluateByDefault(.prompt, output: "x", exitCode: 0, llm: llm)
        #expect(disabled == .modelsDisabled)
        #expect(commands.commands.count == 2)
    }

    @Test func `changes that stay the same are a stall after so many times, and each run counts anew`() async throws {
        func changes(_ text: String) -> Result<CommandResult, CommandError> {
            .success(CommandResult(output: text, exitCode: 0, duration: 1))
        }
        let commands = Answering(
            changes(" a"),
            changes(" a"),
            changes(" a"),
            changes(" b"),
            changes(" b"),
            .success(CommandResult(output: "", errorOutput: "no repository", exitCode: 129, duration: 1)),
            .failure(Self.missing),
            changes(" b"),
            changes(" b")
        )
        let evaluator = Evaluator(commands: commands)
        var definition = EvaluatorDefinition(type: "diff_stall")
        definition.maxStall = 2
        definition.scope = ["src", "lib"]
        var seen: [String] = []
        for _ in 0..<8 {
            let evaluation = try await evaluator.evaluate(
                definition,
                output: "",
                exitCode: 0,
                in: InterpolationContext(),
                llm: LLMSettings()
            )
            seen.append(evaluation.verdict + " " + JSONValue.object(evaluation.details).line)
        }
        #expect(
            seen == [
                #"yes {"stall_count": 0, "max_stall": 2, "diff_changed": true}"#,
                #"yes {"stall_count": 1, "max_stall": 2, "diff_changed": false}"#,
                #"no {"stall_count": 2, "max_stall": 2, "diff_changed": false}"#,
                #"yes {"stall_count": 0, "max_stall": 2, "diff_changed": true}"#,
                #"yes {"stall_count": 1, "max_stall": 2, "diff_changed": false}"#,
                #"error {"error": "git diff failed: no repository"}"#,
                #"error {"error": "git not found in PATH"}"#,
                #"no {"stall_count": 2, "max_stall": 2, "diff_changed": false}"#,
            ]
        )
        #expect(commands.commands[0].arguments == ["git", "diff", "--stat", "--", "src", "lib"])
        let next = try await Evaluator(commands: commands).evaluate(
            definition,
            output: "",
            exitCode: 0,
            in: InterpolationContext(),
            llm: LLMSettings()
        )
        #expect(next.details["diff_changed"] == true)
    }
}
