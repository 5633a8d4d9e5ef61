import Glibc
import LoopModel
import TestSupport
import Testing

/// `history` through the real program, on real executors' runs, whatever became of the catalogue in between.
@Suite
struct CatalogueTests {
    /// A project in which an executor ran a loop and loopsync archived what was there.
    private func project(_ executor: Executor, runs: Int = 2) throws -> LoopLab {
        let lab = try LoopLab(executor)
        try lab.define("count", "initial: a\nstates:\n  a: {action: \"echo hi\", next: done}\n  done: {terminal: true}")
        for _ in 0..<runs {
            // Two runs of one second would want one name.
            let second = time(nil)
            _ = eventually { time(nil) > second }
            try lab.run("run", "count", "-q")
        }
        #expect(try lab.loopsync("archive").succeeded)
        return lab
    }

    private func catalogue(_ lab: LoopLab) -> String { "\(lab.loops)/.loopsync/catalogue.sqlite" }

    /// What `history` says, and the same without a catalogue, of which it must differ in nothing.
    private func history(_ lab: LoopLab, _ arguments: String...) throws -> Subprocess.Finished {
        let aside = "\(lab.loops)/.loopsync-aside"
        let environment = lab.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
        func run() throws -> Subprocess.Finished {
            try Subprocess.run(
                [try BuiltProduct.loopsync(), "history", "--json"] + arguments,
                in: lab.project,
                environment: environment
            )
        }
        let with = try run()
        try Disk.move("\(lab.loops)/.loopsync", to: aside)
        let without = try run()
        try Disk.move(aside, to: "\(lab.loops)/.loopsync")
        // Where the mirror is, is in `.loopsync` too.
        func withoutMirror(_ text: String) -> [Substring] {
            text.split(separator: "\n").filter { !$0.contains("\"mirrored\": ") }
        }
        #expect(withoutMirror(with.output) == withoutMirror(without.output))
        #expect(with.termination == without.termination)
        return with
    }

    private func count(_ answer: Subprocess.Finished) throws -> Int? {
        try JSONValue(parsing: Array(answer.output.utf8)).objectValue?["runs"]?.arrayValue?.count
    }

    @Test(arguments: Executor.allCases)
    func `history is the same with a catalogue, without one, and after each thing that happens to a history`(
        executor: Executor
    ) throws {
        let lab = try project(executor)
        #expect(try count(history(lab)) == 2)
        #expect(Disk.status(catalogue(lab))?.mode == 0o600)
        #expect(try count(history(lab, "--limit", "1")) == 1)

        // The executor ends another run and archives it, or loopsync does.
        try lab.run("run", "count", "-q")
        #expect(try lab.loopsync("archive").succeeded)
        #expect(try count(history(lab)) == 3)
        #expect(try count(history(lab, "--limit", "2")) == 2)

        let runs = try runs(lab)
        try Disk.append(#"{"event": "late", "ts": "2099-01-01T00:00:00+00:00"}"# + "\n", to: "\(runs[2])/events.jsonl")
        #expect(try history(lab).output.contains("2099-01-01"))
        #expect(try lab.loopsync("pin", "count@latest").succeeded)
        #expect(try history(lab).output.contains(#""pinned": true"#))
        try Disk.remove(runs[0])
        #expect(try count(history(lab, "--limit", "5")) == 2)
        try Disk.makeDirectories("\(lab.history)/moved")
        try Disk.move(runs[1], to: "\(lab.history)/moved/2030-01-01T000000")
        #expect(try history(lab, "--limit", "5").output.contains("moved/2030-01-01T000000"))
        // Another version sweeps into its own layout.
        try Disk.move("\(lab.history)/moved/2030-01-01T000000", to: "\(lab.history)/2030-01-01T000000-count")
        #expect(try history(lab, "--limit", "5").output.contains("2030-01-01T000000-count"))
    }

    /// The run directories, oldest first.
    private func runs(_ lab: LoopLab) throws -> [String] {
        let document = try JSONValue(parsing: Array(history(lab).output.utf8))
        let runs = try #require(document.objectValue?["runs"]?.arrayValue)
        return runs.reversed().compactMap { $0.objectValue?["path"]?.stringValue.map { "\(lab.loops)/\($0.string)" } }
    }

    @Test func `a catalogue that is deleted, damaged or newer is built again with one line, and history is right`()
        throws
    {
        let lab = try project(.a)
        _ = try history(lab)
        try Disk.remove(catalogue(lab))
        #expect(try history(lab).errorOutput == "")
        let whole = try #require(Disk.read(catalogue(lab)))
        var newer = whole
        newer[63] = 99
        let damages = [
            Array("no database at all, but long enough to be taken for one".utf8), Array(whole.prefix(5000)), newer,
        ]
        for damage in damages {
            try Disk.write(damage, to: catalogue(lab))
            let answer = try history(lab)
            #expect(try count(answer) == 2)
            #expect(answer.errorOutput.split(separator: "\n").count == 1)
            #expect(answer.errorOutput.contains("catalogue"))
            #expect(try history(lab).errorOutput == "", "the second time it is sound")
        }
        // Pages in the middle: what is read of it is right, or the whole is built again.
        var torn = whole
        for index in stride(from: 8192, to: torn.count, by: 7) { torn[index] = 0x5A }
        try Disk.write(torn, to: catalogue(lab))
        #expect(try count(history(lab)) == 2)
        #expect(try history(lab).errorOutput == "")
    }

    @Test func `rebuild makes a catalogue where there is none, check finds it sound, and damage is told with 3`() throws
    {
        let lab = try project(.a, runs: 1)
        try Disk.remove("\(lab.loops)/.loopsync")
        #expect(try lab.loopsync("catalogue", "check").errorOutput.contains("loopsync catalogue rebuild"))
        #expect(!Disk.exists("\(lab.loops)/.loopsync"), "who only looks makes no directory")
        #expect(try lab.loopsync("catalogue", "rebuild", "--json").output.contains(#""runs": 1"#))
        // What the executor copied a moment ago is read again until it is surely whole.
        let check = try lab.loopsync("catalogue", "check")
        #expect(check.succeeded && check.output.hasSuffix("read again, 0 gone\n"))
        var torn = try #require(Disk.read(catalogue(lab)))
        for index in 4200..<torn.count { torn[index] = 0x5A }
        try Disk.write(torn, to: catalogue(lab))
        #expect(try lab.loopsync("catalogue", "check").termination != .exited(1))
        #expect(try lab.loopsync("catalogue", "check").succeeded)
        #expect(try count(history(lab)) == 1)
    }

    @Test func `an agent builds the catalogue by itself and takes over what it archives`() throws {
        let lab = try project(.b, runs: 1)
        try Disk.remove("\(lab.loops)/.loopsync")
        let agent = try lab.agent()
        defer { try? agent.kill9() }
        #expect(eventually { Disk.exists(catalogue(lab)) })
        try lab.run("run", "count", "-q")
        #expect(try eventually { try count(lab.loopsync("history", "--json")) == 2 })
        #expect(try agent.terminate() == .exited(0))
        #expect(try count(history(lab)) == 2)
    }

    @Test func `a link in the catalogue's place leads nowhere`() throws {
        let lab = try project(.a)
        let victim = lab.directory.path("victim")
        try Disk.write("mine", to: victim)
        try? Disk.remove(catalogue(lab))
        #expect(symlink(victim, catalogue(lab)) == 0)
        #expect(try history(lab).errorOutput.contains("is built again"))
        #expect(Disk.text(victim) == "mine")
    }

    @Test func `while another process holds the catalogue, history answers at once from the files`() throws {
        let lab = try project(.a)
        _ = try history(lab)
        let holder = try Subprocess(
            [
                Executor.a.python, "-c",
                """
                import sqlite3, sys, time
                db = sqlite3.connect(sys.argv[1], isolation_level=None)
                db.execute("PRAGMA locking_mode = EXCLUSIVE")
                db.execute("BEGIN EXCLUSIVE")
                open(sys.argv[2], "w").close()
                time.sleep(600)
                """,
                catalogue(lab), lab.directory.path("held"),
            ]
        )
        defer { holder.signal(SIGKILL) }
        #expect(eventually { Disk.exists(lab.directory.path("held")) })
        try Disk.write("", to: "\(runsByName(lab)[0])/.keep")
        let answer = try lab.loopsync("history", "--json")
        #expect(answer.succeeded)
        #expect(answer.output.contains(#""pinned": true"#))
        #expect(answer.errorOutput.contains("catalogue") && answer.errorOutput.split(separator: "\n").count == 1)
    }

    private func runsByName(_ lab: LoopLab) -> [String] {
        Disk.names(in: "\(lab.history)/count").map { "\(lab.history)/count/\($0)" }
    }

    @Test func `a mirror with nothing to do reads no file of a run`() throws {
        let lab = try project(.b, runs: 1)
        #expect(try lab.loopsync("mirror", "--sync", lab.sync).output.contains("mirrored"))
        let traced = try Subprocess.run(
            [
                "/usr/bin/strace", "-f", "-e", "trace=openat,open", "-o", lab.directory.path("trace"),
                try BuiltProduct.loopsync(), "mirror", "--sync", lab.sync,
            ],
            in: lab.project,
            environment: ["PATH": "/usr/bin:/bin", "HOME": lab.directory.path("home"), "LANG": "C.UTF-8", "TZ": "UTC"]
        )
        #expect(traced.succeeded && traced.output == "")
        let trace = try #require(Disk.text(lab.directory.path("trace")))
        for name in ["SHA256SUMS", "events.jsonl", "state.json"] { #expect(!trace.contains(name), "\(name)") }

        // What somebody does to the mirror, or to the history, is found all the same.
        let copy = "\(lab.mirror)/.history/\(Disk.names(in: "\(lab.mirror)/.history")[0])"
        try Disk.write("spoilt", to: "\(copy)/state.json")
        #expect(try lab.loopsync("mirror", "--sync", lab.sync).output.contains("mirrored"))
        try Disk.remove(copy)
        #expect(try lab.loopsync("mirror", "--sync", lab.sync).output.contains("mirrored"))
        #expect(try lab.loopsync("mirror", "--sync", lab.sync).output == "")
    }
}
