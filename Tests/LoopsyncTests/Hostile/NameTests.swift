import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

extension HostileTests {
    /// Names that mean something to a shell, a terminal or a kernel.
    @Suite
    struct NameTests {
        private let place: HostilePlace

        init() throws {
            place = try HostilePlace()
        }

        /// Loops by the name in their files; each is a plain path component of at most 255 bytes.
        static let loops: [String] = [
            "-rf", "--config", "--", "-", "~", "$HOME", "`id`", "*", "a;b", "%2e%2e", "\u{202e}dne", "caf\u{e9}",
            "\u{1b}[2J\u{1b}]0;title\u{7}", "new\nline", "tab\tand\rreturn", String(repeating: "n", count: 200),
            String(repeating: "\u{1F4A9}", count: 50), ".hidden", "SHA256SUMS", "state.json", ".keep", ".history",
        ]

        private func run(_ loop: String, _ number: Int) -> SyntheticRun {
            SyntheticRun(loop: loop, start: 1_780_000_000 + number * 86_400)
        }

        /// The files of a run whose loop has any name, as JSON wants it.
        private func files(_ loop: String, _ number: Int) -> (events: [UInt8], state: [UInt8]) {
            let run = run("NAME", number)
            let quoted = JSONValue.string(JSONString(loop)).serialized()
            func named(_ bytes: [UInt8]) -> [UInt8] {
                Array(
                    String(decoding: bytes, as: UTF8.self).replacing(
                        #""NAME""#,
                        with: String(decoding: quoted, as: UTF8.self)
                    ).utf8
                )
            }
            return (named(run.events), named(run.state))
        }

        @Test func `every name goes the whole way, and nothing raw reaches the terminal`() throws {
            for (number, loop) in Self.loops.enumerated() {
                let files = files(loop, number)
                try Disk.write(files.events, to: "\(place.running)/run\(number).events.jsonl")
                try Disk.write(files.state, to: "\(place.running)/run\(number).state.json")
            }
            // And one whose other texts are meant for a terminal.
            let odd = String(decoding: SyntheticRun(loop: "odd").state, as: UTF8.self)
            try Disk.write(SyntheticRun(loop: "odd").events, to: "\(place.running)/odd.events.jsonl")
            try Disk.write(
                odd.replacing("completed", with: #"\u001b[31mdone\u0007"#).replacing("done", with: #"\u009b2J"#),
                to: "\(place.running)/odd.state.json"
            )
            var runs: [CommandRun] = []
            for verb in ["archive", "mirror", "verify", "status", "history", "stats", "report"] {
                let run = try place.loopsync(verb)
                #expect(run.status == 0, "\(verb): \(run)")
                runs.append(run)
            }
            for name in Disk.names(in: place.running) { try Disk.remove("\(place.running)/\(name)") }
            for history in [place.history, "\(place.mirror)/.history"] {
                let tree = TreeSnapshot(of: history)
                for (number, loop) in Self.loops.enumerated() {
                    let files = files(loop, number)
                    let found = tree.files.filter { tree[$0] == files.events || tree[$0] == files.state }
                    #expect(found.count == 2, "\(loop.debugDescription) in \(history)")
                }
            }
            let config = place.directory.path("prune.yaml")
            try Disk.write(
                "version: 1\nretention: {keep_last: 0, keep_min: 0, min_age: 1h, max_age: 1d, max_delete_fraction: 1}\n",
                to: config
            )
            runs.append(try place.loopsync("prune", "-n", config: config))
            for loop in Self.loops {
                // A name is no option where `--` says so, and nothing else is pinned for it.
                runs.append(try place.loopsync("pin", "--", "\(loop)@latest"))
                guard !loop.hasPrefix("-") else { continue }
                for verb in ["show", "events"] {
                    let run = try place.loopsync(verb, "\(loop)@latest")
                    #expect(run.status == 0, "\(verb): \(run)")
                    runs.append(run)
                }
            }
            for (index, run) in runs.enumerated() {
                let raw = (run.output + run.errorOutput).unicodeScalars.filter { scalar in
                    let category = scalar.properties.generalCategory
                    return (category == .control && scalar != "\n" && scalar != "\t") || category == .format
                }
                #expect(raw.isEmpty, "\(index): \(run.output.debugDescription)")
            }
            #expect(runs.last { $0.output.contains("\u{1b}") } == nil)
        }

        @Test func `an agent far below, where whole paths are longer than the kernel takes`() throws {
            // The watched directory itself is named by a path that still fits.
            var project = place.directory.path("deep")
            while project.utf8.count < 3700 { project += "/" + String(repeating: "d", count: 200) }
            try Disk.makeDirectories("\(project)/.loops/.running")
            let stem = String(repeating: "s", count: 255 - ".events.jsonl".utf8.count)
            let below = String(repeating: "b", count: 250)
            let run = SyntheticRun(loop: "far", start: 1_780_000_000)
            let running = try #require(try PosixDirectory.open(path: "\(project)/.loops/.running"))
            let inner = try running.ensureDirectory(try #require(FileName(below)))
            for (kind, bytes) in [("events.jsonl", run.events), ("state.json", run.state)] {
                let name = try #require(FileName("\(stem).\(kind)"))
                try inner.createFile(name, mode: 0o644).write(bytes, at: 0)
            }
            #expect("\(project)/.loops/.running/\(below)/\(stem).events.jsonl".utf8.count > 4096)
            let agent = try AgentProcess(
                watching: ["\(project)/.loops"],
                sync: place.sync,
                in: place.directory.path("home")
            )
            let mirrored = eventually(within: .seconds(60), every: 50) {
                TreeSnapshot(of: place.sync).files.contains { $0.hasSuffix("/.history/\(run.place)/events.jsonl") }
            }
            #expect(mirrored, "\(agent.errorOutput)")
            let history = try #require(try PosixDirectory.open(path: "\(project)/.loops/.history"))
            let parts = try run.place.split(separator: "/").map { try #require(FileName(String($0))) }
            let archived = try history.subdirectory(parts[0])?.subdirectory(parts[1])
            #expect(try archived?.contents(of: .events, limit: 1 << 20) == run.events)
            #expect(!agent.errorOutput.contains("too long"), "\(agent.errorOutput)")
            try agent.terminate()
        }

        @Test func `a directory that goes deeper than anybody can name is removed from the trash`() throws {
            let run = run("demo", 0)
            for number in 0..<3 { try place.write(self.run("demo", number)) }
            #expect(try place.loopsync("archive").status == 0)
            try place.leaveRunning()
            let levels = 3_000
            let name = FileName(literal: "d")
            var deepest: any Directory = try #require(try PosixDirectory.open(path: "\(place.history)/\(run.place)"))
            for _ in 0..<levels { deepest = try deepest.ensureDirectory(name) }
            try deepest.createFile(FileName(literal: "bottom"), mode: 0o600).close()
            let config = try place.policy()
            #expect(try place.loopsync("archive").status == 0)
            #expect(try place.loopsync("mirror").status == 0)
            #expect(try place.loopsync("prune", config: config).status == 0)
            #expect(!Disk.exists("\(place.history)/\(run.place)"))
            // Far less than one descriptor and one kilobyte of stack for each level.
            let emptied = try CommandRun(
                ["prune", "--empty-trash", "--config", config],
                in: place.project,
                under: ["/bin/sh", "-c", "ulimit -n 200; ulimit -s 1024; exec \"$@\"", "sh"]
            )
            #expect(emptied.status == 0, "\(emptied)")
            #expect(TreeSnapshot(of: "\(place.own)/trash").files == [])
        }
    }
}
