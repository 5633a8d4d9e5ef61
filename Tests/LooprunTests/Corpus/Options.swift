extension Corpus {
    private static let echo = """
        context: {x: from the file, input: none}
        initial: a
        states:
          a: {action: "echo '${context.x}' '${context.input}'", on_yes: b}
          b: {action: "/say it", action_type: prompt, on_yes: c, on_error: c, on_no: c}
          c: {terminal: true}
        """

    private static let spin =
        "initial: a\nmax_iterations: 4\nstates:\n  a: {on_yes: a, on_no: b}\n  b: {terminal: true}\n"

    /// What the command line says.
    static let options: [LoopCase] = [
        LoopCase("-n lowers the cap", spin).run("-n", "2"),
        LoopCase("-n raises the cap", spin).run("-n", "6"),
        LoopCase("-n 0 is no cap of its own", spin).run("-n", "0"),
        LoopCase("a delay", spin).run("-n", "2", "--delay", "0.1"),
        LoopCase("--no-llm", echo).program("claude", "echo said").run("--no-llm"),
        LoopCase("an input", echo).program("claude", "echo said").run("it is cold", "--no-llm"),
        LoopCase("context over the file's", echo).program("claude", "echo said")
            .run("--no-llm", "--context", "x=1=2", "--context", "  y =  spaces  "),
        LoopCase("context over the input", echo).program("claude", "echo said")
            .run("one", "--no-llm", "--context", "input=two"),
        LoopCase("an empty input", echo).program("claude", "echo said").run("", "--no-llm"),
        LoopCase(
            "context that is needed and missing",
            "initial: a\nstates:\n  a: {action: 'echo ${context.k.l}', on_yes: b}\n  b: {terminal: true}\n"
        ).refused,
        LoopCase(
            "needed context is given",
            "initial: a\nstates:\n  a: {action: 'echo ${context.k}', on_yes: b}\n  b: {terminal: true}\n"
        )
        .run("--context", "k=v"),
        LoopCase("a loop that is not there", spin).refused.with { $0.commands = [["run", "nothing"]] },
    ]
}
