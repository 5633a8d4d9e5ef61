extension Corpus {
    private static let diff = "action: 'true', evaluate: {type: diff_stall}"
    private static let tool = "action: 'server/tool', action_type: mcp_tool"

    private static func mcp(_ name: String, _ script: String) -> LoopCase {
        LoopCase(name, chain: [tool + ", params: {q: 1}, capture: x"]).program("mcp-call", script)
    }

    /// `git diff` and MCP tools.
    static let toolEvaluators: [LoopCase] = [
        LoopCase("a diff that stands still, moves, and stands still", chain: Array(repeating: diff, count: 6))
            .program(
                "git",
                "printf '<%s>' \"$@\" >> calls; echo >> n; case $(wc -l < n) in 1|2|3) echo one;; 4|5) echo two;; esac\n"
            ),
        LoopCase(
            "a diff of a scope, and more patience",
            chain: Array(
                repeating: "action: 'true', evaluate: {type: diff_stall, scope: [src, docs], max_stall: 2}",
                count: 4
            )
        ).program("git", "printf '<%s>' \"$@\" >> calls; echo same\n"),
        LoopCase("two scopes have two memories", chain: [diff, "evaluate: {type: diff_stall, scope: [a]}", diff, diff])
            .program("git", "echo same\n"),
        LoopCase("git fails", chain: [diff]).program("git", "echo 'fatal: not a repository' >&2; exit 128\n"),
        LoopCase("there is no git", chain: [diff]).with { $0.isBare = true },
        LoopCase("no changes at all", chain: [diff, diff]).program("git", "exit 0\n"),
        mcp(
            "a tool that succeeds",
            "printf '<%s>' \"$@\" >> calls; echo '{\"isError\": false, \"content\": [{\"text\": \"é\"}]}'\n"
        ),
        mcp("a tool that says it failed", "echo '{\"isError\": true}'; exit 0\n"),
        mcp("a tool that fails without saying so", "echo '{\"x\": 1.0}'; exit 2\n"),
        mcp("a tool that says nothing", "exit 0\n"),
        mcp("a tool that fails and says nothing", "exit 1\n"),
        mcp("a tool that is not there", "exit 127\n"),
        mcp("a tool that timed out by itself", "exit 124\n"),
        mcp("a tool that writes no JSON", "echo not json; exit 0\n"),
        mcp("a tool that writes a list", "echo '[1, 2]'\n"),
        LoopCase("a shell command judged as a tool", chain: ["action: 'echo {}', evaluate: {type: mcp_result}"]),
        LoopCase(
            "verdicts of a tool lead on",
            """
            initial: a
            states:
              a: {action: s/t, action_type: mcp_tool, route: {success: done, tool_error: b, _: b}}
              b: {action: s/u, action_type: mcp_tool, on_yes: done, on_error: done}
              done: {terminal: true}
            """
        ).program("mcp-call", "exit 1\n"),
    ]

    private static func model(_ name: String, _ reply: String, _ evaluate: String = "type: llm_structured") -> LoopCase
    {
        LoopCase(name, chain: ["action: 'echo seen', evaluate: {\(evaluate)}"])
            .program("claude", "printf '<%s>\\n' \"$@\" >> calls\n" + reply + "\n").inOwnWords
    }

    private static func says(_ json: String) -> String { "cat <<'E'\n\(json)\nE" }

    /// Verdicts of a model.
    static let modelEvaluators: [LoopCase] = [
        model(
            "a structured verdict",
            says(#"{"structured_output": {"verdict": "yes", "confidence": 0.9, "reason": "it works"}}"#)
        ),
        model("a verdict as a result", says(#"{"result": {"verdict": "no", "confidence": 1, "reason": "é"}}"#)),
        model("a verdict as text in a result", says(#"{"result": "{\"verdict\": \"partial\", \"confidence\": 0.4}"}"#)),
        model("an envelope that is the verdict", says(#"{"verdict": "blocked", "reason": "no key"}"#)),
        model("the last line counts", says("talk\nmore talk\n{\"result\": {\"verdict\": \"yes\"}}\n")),
        model("no verdict", says(#"{"structured_output": {"confidence": 0.2}}"#)),
        model(
            "an uncertain verdict",
            says(#"{"structured_output": {"verdict": "yes", "confidence": 0.3, "reason": "perhaps"}}"#),
            "type: llm_structured, uncertain_suffix: true, min_confidence: 0.6"
        ),
        model(
            "a question and a schema of its own",
            says(#"{"structured_output": {"verdict": "ripe", "confidence": "0.75", "reason": "soft"}}"#),
            "type: llm_structured, prompt: 'Is ${state.name} ripe?', schema: {type: object, properties: {verdict: {type: string}}}"
        ).with { $0.unlike = [] },
        model(
            "a question whose template fails",
            says(#"{"structured_output": {"verdict": "yes"}}"#),
            "type: llm_structured, prompt: 'Is ${captured.x.y} ripe?'"
        ),
        model("a reply that is an error", says(#"{"is_error": true, "result": "overloaded"}"#)),
        model("retries exhausted at the model", says(#"{"subtype": "error_max_structured_output_retries"}"#)),
        model("a reply that is no JSON", says("I think so")),
        model("no reply", "exit 0"),
        model("the model's program fails", "echo 'no credit' >&2; exit 1"),
        model("the result is text", says(#"{"result": "just text"}"#)),
        LoopCase("the model's program is missing", chain: ["action: 'echo x', evaluate: {type: llm_structured}"]).with {
            $0.isBare = true
        }.inOwnWords,
        LoopCase(
            "a prompt is judged by the model",
            chain: ["action: 'Fix it', action_type: prompt"],
            "llm: {model: opus, timeout: 60}"
        )
        .program(
            "claude",
            "printf '<%s>\\n' \"$@\" >> calls; case \"$*\" in *json-schema*) "
                + "echo '{\"structured_output\": {\"verdict\": \"yes\", \"confidence\": 0.8}}';; *) echo did it;; esac\n"
        ).inOwnWords,
        LoopCase(
            "no model is allowed",
            chain: ["action: 'echo x', evaluate: {type: llm_structured}"],
            "llm: {enabled: false}"
        ),
        LoopCase(
            "a long text is cut for the model",
            chain: ["action: 'seq 3000', evaluate: {type: llm_structured, prompt: 'Is it long?'}"]
        ).program(
            "claude",
            "printf '%s' \"$2\" | wc -c >> calls; echo '{\"verdict\": \"yes\", \"reason\": \"long\"}'\n"
        ),
    ]
}
