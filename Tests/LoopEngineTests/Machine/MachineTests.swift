import LoopEngine
import LoopModel
import TestSupport
import Testing

@Suite("the machine", .timeLimit(.minutes(1)))
struct MachineTests {
    @Test(arguments: [
        ("echo x LOOP_STOP:", TerminationReason.signal, "b"), ("echo 'FATAL_ERROR: no'", .error, "a"),
        (#"printf 'LOOP_STOP:\nFATAL_ERROR: x\nCONTEXT_HANDOFF:\n\n go on '"#, .handoff, "a"),
        ("echo FATAL_ERROR:", .terminal, "done"), ("echo FATAL_ERROR: >&2", .terminal, "done"),
    ])
    func `a line of the output can end the run`(_ action: String, _ reason: TerminationReason, _ state: String)
        async throws
    {
        let trace = try await LoopTrace(
            """
            name: s
            initial: a
            states:
              a:
                action: |
                  \(action)
                on_yes: b
              b: {next: done}
              done: {terminal: true}
            """
        )
        #expect(trace.outcome.reason == reason)
        #expect(trace.outcome.progress.currentState == state)
        if reason == .error { #expect(trace.outcome.error == "no") }
        if reason == .handoff {
            #expect(trace.outcome.continuation == "go on")
            let last = #"{"event": "handoff_detected", "state": "a", "iteration": 1, "continuation": "go on"}"#
            #expect(trace.lines.last == last)
        }
    }

    @Test func `captures reach later templates, and a missing one ends the run with its name`() async throws {
        let trace = try await LoopTrace(
            """
            name: c
            initial: a
            context: {who: you}
            states:
              a: {action: "printf '%s' ${context.who}; exit 1", capture: x, on_no: b}
              b: {action: "echo ${captured.x.output} ${captured.x.exit_code} ${prev.state} $${HOME:+h}", next: c}
              c: {action: "echo ${captured.y.output}", next: done}
              done: {terminal: true}
            """
        )
        #expect(trace.lines.contains(#"{"event": "action_output", "line": "you 1 a h"}"#))
        #expect(trace.outcome.reason == .error)
        #expect(trace.outcome.error?.contains("state c") == true)
        #expect(trace.outcome.error?.contains("'y' not found") == true)
    }

    @Test func `a loop's own time is over between two states`() async throws {
        let trace = try await LoopTrace(
            """
            name: t
            initial: a
            timeout: 1
            states:
              a: {action: sleep 1.1, next: a}
              done: {terminal: true}
            """
        )
        #expect(trace.outcome.reason == .timeout)
        #expect(trace.outcome.progress.iteration == 1)
    }

    @Test func `a time-out is exit code 124, and fires while output is open`() async throws {
        let trace = try await LoopTrace(
            """
            name: t
            initial: a
            states:
              a: {action: echo hi; sleep 60, timeout: 1, capture: c, on_error: done}
              done: {terminal: true}
            """
        )
        #expect(trace.lines[4].contains(#""exit_code": 124"#))
        let captured: JSONObject = [
            "output": "hi\n", "stderr": "Action timed out", "exit_code": 124, "duration_ms": 1000,
        ]
        #expect(trace.outcome.progress.captured["c"] == .object(captured))
        #expect(trace.outcome.reason == .terminal)
    }

    @Test func `a loop inside another gives its captures back and no events, and its output asks for nothing`()
        async throws
    {
        let child = """
            name: child
            initial: a
            context: {own: 2}
            states:
              a: {action: "echo ${context.own} ${context.given} ${context.c.exit_code}; echo LOOP_STOP:", capture: got, next: b}
              b: {action: exit 1, next: end}
              end: {terminal: true}
            """
        let trace = try await LoopTrace(
            """
            name: parent
            initial: p
            context: {given: 1, own: 1}
            states:
              p: {action: "true", capture: c, next: s}
              s: {loop: child, context_passthrough: true, on_yes: done}
              done: {terminal: true}
            """,
            subLoops: ["child": child]
        )
        #expect(trace.outcome.reason == .terminal)
        let got = trace.outcome.progress.captured["s"]?.objectValue?["got"]?.objectValue
        #expect(got?["output"] == "2 1 0\nLOOP_STOP:\n")
        #expect(trace.lines.count { $0.contains("action_start") } == 1)
        #expect(trace.outcome.progress.previousResult?["state"] == "p")
    }

    @Test func `a loop inside that is not valid goes where errors go, or ends the run`() async throws {
        let loop = { (more: String) in
            "{name: o, initial: s, states: {s: {loop: i, on_yes: done\(more)}, e: {terminal: true}, done: {terminal: true}}}"
        }
        let bad = ["i": "{name: i, initial: a, states: {b: {terminal: true}}}"]
        #expect(try await LoopTrace(loop(", on_error: e"), subLoops: bad).outcome.progress.currentState == "e")
        let trace = try await LoopTrace(loop(""), subLoops: bad)
        #expect(trace.outcome.reason == .error)
        #expect(trace.outcome.error?.contains("initial") == true)
    }

    @Test func `a loop that runs itself ends, and not in a crash`() async throws {
        let loop = "{name: l, initial: a, states: {a: {loop: l, on_yes: done, on_no: done}, done: {terminal: true}}}"
        #expect(try await LoopTrace(loop, subLoops: ["l": loop]).outcome.reason == .terminal)
    }

    @Test(arguments: [false, true])
    func `a cancelled run ends its action and enters no further state, nor does a loop inside`(_ isInside: Bool)
        async throws
    {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("ready")
            let inner = """
                name: i
                initial: a
                states:
                  a: {action: touch \(path); sleep 60, on_yes: done, on_error: b}
                  b: {action: touch \(path)-b, next: done}
                  done: {terminal: true}
                """
            let outer =
                "{name: o, initial: s, states: {s: {loop: i, on_yes: done, on_no: done}, done: {terminal: true}}}"
            let task = Task { try await LoopTrace(isInside ? outer : inner, subLoops: ["i": inner]) }
            #expect(try await cameTrue { Disk.exists(path) })
            task.cancel()
            let trace = try await task.value
            #expect(trace.outcome.reason == .signal)
            #expect(trace.outcome.progress.iteration == 1)
            #expect(trace.outcome.progress.currentState == (isInside ? "s" : "b"))
            #expect(!Disk.exists("\(path)-b"))
        }
    }

    @Test func `a handoff starts a session that is told what to resume`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("prompt")
            let yaml = """
                name: h
                initial: a
                on_handoff: spawn
                states:
                  a: {action: "echo 'CONTEXT_HANDOFF: the rest'", next: done}
                  done: {terminal: true}
                """
            var engine = Engine(try LoopDefinition.parse(Array(yaml.utf8), file: "h").loop, commands: CommandRunner()) {
                _ in
                throw TestSupportError("no sub-loop here")
            }
            engine.claude = ["bash", "-c", "printf '%s' \"$2\" > \(path).new; mv \(path).new \(path)", "claude"]
            let outcome = try await engine.run(from: engine.start()) { _, _ in }
            #expect(outcome.reason == .handoff)
            let prompt = try await value(of: "the prompt") { Disk.text(path) }
            #expect(prompt.contains("looprun resume h"))
            #expect(prompt.hasSuffix("\n\nthe rest"))
        }
    }
}
