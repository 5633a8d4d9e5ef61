extension Corpus {
    /// Time-outs of actions where A keeps them too: the output is closed.
    static let timeLimits: [LoopCase] = [
        LoopCase(
            "a time-out after the output is closed",
            chain: ["action: 'echo hi; exec >&- 2>&-; sleep 3', timeout: 1, capture: x"]
        ),
        LoopCase(
            "a default time-out",
            chain: ["action: 'echo hi; exec >&- 2>&-; sleep 3', capture: x"],
            "default_timeout: 1"
        ),
        LoopCase(
            "a state's time-out goes before the default",
            chain: ["action: 'echo hi; exec >&- 2>&-; sleep 1.2', timeout: 3"],
            "default_timeout: 1"
        ),
        LoopCase(
            "a time-out before a successor",
            "initial: a\nstates:\n  a: {action: 'exec >&- 2>&-; sleep 3', timeout: 1, next: b}\n  b: {terminal: true}\n"
        ),
    ]

    private static let twice = """
        initial: a
        states:
          a: {action: "echo begun", capture: x, on_yes: b}
          b: {action: "if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: part two'; fi", on_yes: c}
          c: {action: "echo '${captured.x.output}' '${prev.state}' ${state.iteration}", on_yes: done}
          done: {terminal: true}
        """

    private static let resume = [["run", "loop"], ["resume", "loop"]]

    /// Runs that are gone on with.
    static let resumes: [LoopCase] = [
        LoopCase("after a handoff", twice).with { $0.commands = resume },
        LoopCase("after a handoff, twice", twice).with { $0.commands = resume + [["resume", "loop"]] },
        LoopCase("nothing to resume", twice).refused.with { $0.commands = [["resume", "loop"]] },
        LoopCase("a run that has ended", twice).with {
            $0.files["go"] = ""
            $0.commands = resume
        },
        LoopCase(
            "with retries",
            """
            initial: a
            states:
              a:
                action: "echo >> n; case $(wc -l < n) in 3) echo 'CONTEXT_HANDOFF: x';; esac; exit 1"
                max_retries: 4
                on_retry_exhausted: done
                on_no: a
              done: {terminal: true}
            """
        ).with { $0.commands = resume },
        LoopCase("the cap counts over all parts", "max_iterations: 3\n" + twice).with { $0.commands = resume },
        LoopCase(
            "with context that is given again",
            """
            initial: a
            states:
              a: {action: "if [ -e go ]; then echo on; else touch go; echo 'CONTEXT_HANDOFF: x'; fi", on_yes: b}
              b: {action: "echo ${context.k}", on_yes: done}
              done: {terminal: true}
            """
        ).with { $0.commands = [["run", "loop", "--context", "k=1"], ["resume", "loop", "--context", "k=2"]] },
        LoopCase("with a delay", twice).with {
            $0.commands = [["run", "loop"], ["resume", "loop", "--delay", "0.1"]]
        },
        LoopCase(
            "a handoff without a payload",
            twice.replacing("CONTEXT_HANDOFF: part two", with: "CONTEXT_HANDOFF: -")
        )
        .with { $0.commands = resume },
        LoopCase("the state's status is none that can be resumed", "max_iterations: 1\n" + twice).with {
            $0.commands = resume
        },
        LoopCase("the definition has gone", twice).refused.with { $0.commands = [["resume", "nothing"]] },
    ]
}
