import Glibc
import TestSupport
import Testing

@testable import loopsync

/// The examples of every help text, run as a person would type them, on a directory that a real executor filled.
@Suite
struct ExampleTests {
    private let lab: LoopLab

    init() throws {
        lab = try LoopLab(.a)
        try lab.define(
            "nightly",
            "initial: a\nstates:\n  a: {action: 'true', on_success: d, on_failure: d}\n  d: {terminal: true}"
        )
        for name in ["Sync/loops", "src/app/.loops", ".config/fish/completions", ".config/loopsync"] {
            try Disk.makeDirectories(lab.directory.path("home/\(name)"))
        }
        for name in ["bash-completion/completions", "zsh/site-functions"] {
            try Disk.makeDirectories(lab.directory.path("home/.local/share/\(name)"))
        }
        let config = lab.directory.path("home/src/app")
        try Disk.write(
            "version: 1\nwatch: [\(config)/.loops]\n",
            to: lab.directory.path("home/.config/loopsync/config.yaml")
        )
        try Disk.makeDirectories("\(lab.project)/Config")
        try Disk.write("version: 1\n", to: "\(lab.project)/Config/loopsync.yaml")
        // What the examples pipe to, and what manages services.
        try lab.provide("jq", "#!/bin/sh\nexec cat\n")
        try lab.provide("systemctl", "#!/bin/sh\nexit 0\n")
    }

    private func type(_ line: String) throws -> Subprocess.Finished {
        let program = try BuiltProduct.loopsync().dropLast("/loopsync".count)
        var variables = lab.environment
        variables["LOOPSYNC_SYNC"] = lab.directory.path("home/Sync/loops")
        variables["PATH"] = "\(lab.directory.path("bin")):\(program):/usr/bin:/bin"
        return try Subprocess.run(["/bin/sh", "-c", "set -e; \(line)"], in: lab.project, environment: variables)
    }

    /// The examples of a help text that end by themselves.
    private func examples(of discussion: String) -> [String] {
        // A line goes on behind a backslash, as for a shell.
        let lines = discussion.replacing("\\\n", with: "").split(separator: "\n")
        guard let start = lines.firstIndex(where: { $0.hasPrefix("Example") }) else { return [] }
        let indented = lines[(start + 1)...].prefix { $0.hasPrefix("  ") }.map { $0.drop { $0 == " " } }
        return indented.map(String.init).filter { line in
            let isAgent = line.hasPrefix("loopsync --") && !line.contains("--once") && !line.contains("--background")
            return !isAgent && !line.contains("--follow")
        }
    }

    @Test func `every example of every help works as it stands`() throws {
        // Two runs of 2025 and one of 2026, as the examples have them, then one of today by the executor; all mirrored.
        for day in [-1, 0, 365] {
            try SyntheticRun(loop: "nightly", start: 1_763_928_900 + day * 86_400).write(toRunning: lab.running)
            #expect(try type("loopsync archive && rm .loops/.running/nightly.*").succeeded)
        }
        #expect(try lab.run("run", "nightly").succeeded)
        #expect(try type("loopsync archive").succeeded)
        // Those of 2025 go, so that there is something to bring back; the other stays whatever the clock says.
        #expect(try type("loopsync pin nightly/2026-11-23T201500").succeeded)
        try Disk.write(
            "version: 1\nretention: {keep_last: 1, keep_min: 0, min_age: 0s}\n",
            to: "\(lab.project)/loopsync.yaml"
        )
        #expect(try type("loopsync prune").succeeded)
        try Disk.remove("\(lab.project)/loopsync.yaml")
        let pristine = lab.directory.path("pristine")
        #expect(try type("cp -a \(lab.project) \(pristine)").succeeded)
        var count = 0
        for verb in ManualPage.discussions {
            // What an example changed is another's no more; the files of this one may be made over.
            #expect(
                try Subprocess.run(
                    ["/bin/sh", "-c", "rm -rf project && cp -a pristine project"],
                    in: lab.directory.path
                ).succeeded
            )
            let needsOwnFile = verb.text.contains("config init --user")
            if needsOwnFile { #expect(try type("rm -f ~/.config/loopsync/config.yaml").succeeded) }
            for line in examples(of: verb.text) {
                let done = try type(line)
                let tells = ["status", "service status", "doctor"].contains(verb.title)
                #expect(done.succeeded || (tells && done.termination == .exited(3)), "\(line)\n\(done)")
                count += 1
            }
            #expect(try type("loopsync stop").succeeded)
        }
        #expect(count > 30)
    }
}
