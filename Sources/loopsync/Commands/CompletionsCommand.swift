import ArgumentParser
import LoopModel

/// `loopsync completions`: what makes a shell complete verbs, options, loops and runs.
struct CompletionsCommand: Verb {
    static let configuration = verb(
        "completions",
        "bash|zsh|fish",
        abstract: "Print the completion script of a shell.",
        discussion: """
            It completes verbs, options, loops and run ids of the directory at hand.
            Config/install puts all three where the shells look for them; zsh looks there
            if .zshrc has, before compinit: fpath+=~/.local/share/zsh/site-functions

            JSON: shell, script.

            Examples:
              loopsync completions bash \\
                >~/.local/share/bash-completion/completions/loopsync
              loopsync completions zsh >~/.local/share/zsh/site-functions/_loopsync
              loopsync completions fish >~/.config/fish/completions/loopsync.fish
            """
    )

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var completed: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "shell"))
    var shell: Shell

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        let generated = Loopsync.completionScript(for: shell.completed)
        let script = shell == .bash ? BashCompletion.mended(generated) : generated
        if global.json {
            try Output.document(["shell": .string(JSONString(shell.rawValue)), "script": .string(JSONString(script))])
        } else {
            try Output.data(script.hasSuffix("\n") ? script : script + "\n")
        }
        return .done
    }
}
