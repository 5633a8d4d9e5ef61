import Glibc
import LoopModel
import TestSupport
import Testing

/// What shells complete, and the manual page.
@Suite
struct CompletionTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try project.archive("fix/2025-11-23T201500", loop: "fix", second: 0, status: "completed")
        try project.archive("2025-11-24T201500-night-ly", loop: "night-ly", second: 86_400, status: "failed")
        try project.archive("-rf/2025-11-23T201500", loop: "-rf", second: 0, status: "completed")
        try project.archive("a b$(c)/2025-11-23T201500", loop: "a b$(c)", second: 0, status: "completed")
    }

    /// What bash offers for the last of the words.
    private func complete(_ words: String...) throws -> [String] {
        let script = try CommandRun(["completions", "bash"]).output
        try Disk.write(script, to: project.place.path("completions"))
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let program = try BuiltProduct.loopsync().dropLast("/loopsync".count)
        try Disk.write(
            """
            PATH=\(program):$PATH
            . '\(project.place.path("completions"))'
            COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1); COMP_LINE='\(words.joined(separator: " ").replacing(" @", with: "@").replacing("@ ", with: "@"))'; COMP_POINT=${#COMP_LINE}
            word=${COMP_WORDS[$COMP_CWORD]}; [ "$word" != @ ] || word=
            $(complete -p loopsync | awk '{ print $5 }') loopsync "$word" "${COMP_WORDS[$COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """,
            to: project.place.path("try")
        )
        let answer = try Subprocess.run(["/bin/bash", project.place.path("try")], in: project.path)
        #expect(answer.succeeded, "\(answer)")
        return answer.output.split(separator: "\n").map(String.init)
    }

    @Test func `bash offers verbs, options, loops and runs, and nothing that a shell would run`() throws {
        let verbs = try complete("loopsync", "")
        for verb in ["archive", "policy", "doctor", "service", "stop", "completions"] { #expect(verbs.contains(verb)) }
        #expect(
            try complete("loopsync", "service", "").filter { !$0.hasPrefix("-") } == ["install", "remove", "status"]
        )
        #expect(try complete("loopsync", "archive", "--dry").contains("--dry-run"))
        #expect(try complete("loopsync", "archive", "") == ["fix", "night-ly"])
        #expect(
            try complete("loopsync", "pin", "") == [
                "fix@latest", "night-ly@latest", "night-ly/2025-11-24T201500", "fix/2025-11-23T201500",
            ]
        )
        #expect(try complete("loopsync", "policy", "explain", "").first == "fix@latest")
        #expect(try complete("loopsync", "completions", "") == ["bash", "zsh", "fish"])
        #expect(try complete("loopsync", "history", "--status", "time") == ["timed_out"])
        #expect(
            try complete("loopsync", "events", "--type", "loop_") == ["loop_start", "loop_resume", "loop_complete"]
        )
    }

    @Test func `runs of other watched directories are offered where they can be named`() throws {
        let other = try ArchivedProject()
        try other.archive("far/2025-11-25T201500", loop: "far", second: 172_800, status: "completed")
        let file = project.place.path("several.yaml")
        try Disk.write("version: 1\nwatch: [\(other.path)/.loops]\n", to: file)
        #expect(try complete("loopsync", "--config", file, "pin", "far") == ["far@latest", "far/2025-11-25T201500"])
        #expect(try complete("loopsync", "--config", file, "stats", "f") == ["far", "fix"])
        #expect(try complete("loopsync", "--config", file, "archive", "f") == ["fix"])
    }

    @Test func `bash completes behind an @, where it begins a new word`() throws {
        #expect(try complete("loopsync", "pin", "fix", "@") == ["latest"])
        #expect(try complete("loopsync", "pin", "fix", "@", "la") == ["latest"])
        #expect(try complete("loopsync", "diff", "fix", "@", "latest", "night-ly", "@", "lat") == ["latest"])
        #expect(try complete("loopsync", "diff", "fix", "@", "latest", "night-ly/") == ["night-ly/2025-11-24T201500"])
    }

    /// Types the beginning of a line into a real shell and presses the tabulator.
    ///
    /// - Parameters:
    ///   - name: the shell.
    ///   - command: how it is started.
    ///   - file: what it reads first, with `setup` in it.
    private func shell(
        _ name: String,
        _ command: String,
        reading file: String,
        _ setup: String,
        completes beginning: String,
        to whole: String
    ) throws {
        let script = project.place.path(name == "zsh" ? "functions/_loopsync" : "script")
        try Disk.makeDirectories(project.place.path("functions"))
        try Disk.write(try CommandRun(["completions", name]).output, to: script)
        try Disk.write(setup, to: project.place.path(file))
        let programs = try BuiltProduct.loopsync().dropLast("/loopsync".count)
        let start = "exec env PATH='\(programs):/usr/bin:/bin' \(command)"
        let terminal = try Tmux(columns: 100, rows: 24, in: project.path, shell: start)
        func shows(_ line: String) throws {
            let came = try eventually { try terminal.screen().last.map(String.init) == line }
            let screen = try terminal.screen().joined(separator: "\n")
            #expect(came, "\(line) is not the last line of:\n\(screen)")
        }
        try shows("ready>")
        try terminal.begin(beginning)
        try terminal.press("Tab")
        try shows("ready> \(whole)")
    }

    private static let isBash = Tmux.isInstalled && access("/bin/bash", X_OK) == 0
    private static let isZsh = Tmux.isInstalled && access("/usr/bin/zsh", X_OK) == 0
    private static let isFish = Tmux.isInstalled && access("/usr/bin/fish", X_OK) == 0

    @Test(.enabled(if: isBash, "tmux or bash is not installed"), arguments: ["fix@", "fix@la"])
    func `a real bash completes a run`(beginning: String) throws {
        let place = project.place.path("")
        try shell(
            "bash",
            "bash --noprofile --rcfile '\(place)/rc' -i",
            reading: "rc",
            "PS1='ready> '\n. '\(place)/script'\n",
            completes: "loopsync show \(beginning)",
            to: "loopsync show fix@latest"
        )
    }

    @Test(.enabled(if: isZsh, "tmux or zsh is not installed"), arguments: ["fix@", "fix/2025"])
    func `a real zsh completes a run`(beginning: String) throws {
        let place = project.place.path("")
        try shell(
            "zsh",
            "ZDOTDIR='\(place)' zsh -i",
            reading: ".zshrc",
            "PS1='ready> '\nfpath+='\(place)/functions'\nautoload -Uz compinit && compinit -u -d '\(place)/dump'\n",
            completes: "loopsync show \(beginning)",
            to: beginning == "fix@" ? "loopsync show fix@latest" : "loopsync show fix/2025-11-23T201500"
        )
    }

    @Test(.enabled(if: isFish, "tmux or fish is not installed"), arguments: ["fix@", "fix/2025"])
    func `a real fish completes a run`(beginning: String) throws {
        let place = project.place.path("")
        try shell(
            "fish",
            "fish --no-config --init-command \"source '\(place)/init'\"",
            reading: "init",
            "function fish_prompt; echo -n 'ready> '; end\nfunction fish_greeting; end\nsource '\(place)/script'\n",
            completes: "loopsync show \(beginning)",
            to: beginning == "fix@" ? "loopsync show fix@latest" : "loopsync show fix/2025-11-23T201500"
        )
    }

    @Test func `the directory is the one that the command line names`() throws {
        try Disk.makeDirectories(project.place.path("p/other/.history/away/2025-11-23T201500"))
        #expect(try complete("loopsync", "history", "--loops", "other", "") == ["away"])
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `every shell has a script that asks this program`(shell: String) throws {
        let script = try CommandRun(["completions", shell])
        #expect(script.status == 0)
        #expect(script.output.contains("---completion"))
    }

    @Test func `the manual page has every verb, and nothing that roff stumbles over`() throws {
        let page = try CommandRun(["--man"])
        #expect(page.status == 0)
        for verb in ["archive", "config init", "policy explain", "service install", "stop", "completions"] {
            #expect(page.output.contains("\n.SS \(verb)\n"), "\(verb)")
        }
        let requests = page.output.split(separator: "\n").filter { $0.hasPrefix(".") }.map { $0.prefix { $0 != " " } }
        #expect(Set(requests).subtracting([".TH", ".SH", ".SS", ".PP", ".nf", ".fi"]).isEmpty)
        #expect(!page.output.split(separator: "\n").contains { $0.hasPrefix("'") })
    }
}
