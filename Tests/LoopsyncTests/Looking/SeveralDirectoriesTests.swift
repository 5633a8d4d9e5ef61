import Glibc
import LoopModel
import TestSupport
import Testing

/// What looks at runs or finds them by name, where the configuration watches several directories.
@Suite
struct SeveralDirectoriesTests {
    private let here: LoopLab
    private let there: LoopLab
    private var missing: String { here.directory.path("later/.loops") }

    init() throws {
        here = try LoopLab(.a)
        there = try LoopLab(.b)
        for (lab, name) in [(here, "near"), (there, "far")] {
            try lab.define(
                name,
                "initial: a\nstates:\n  a: {action: 'true', on_success: d, on_failure: d}\n  d: {terminal: true}"
            )
            #expect(try lab.run("run", name).succeeded)
            #expect(try lab.loopsync("archive").succeeded)
        }
        try Disk.makeDirectories(here.directory.path("home/.config/loopsync"))
        try Disk.write(
            "version: 1\nwatch: [\(there.loops), \(missing), \(here.loops)]\n",
            to: here.directory.path("home/.config/loopsync/config.yaml")
        )
    }

    private func document(_ arguments: String...) throws -> JSONObject {
        let run = try Subprocess.run(
            [try BuiltProduct.loopsync()] + arguments + ["--json"],
            in: here.project,
            environment: here.environment
        )
        return try #require(try JSONValue(parsing: run.output.utf8).objectValue)
    }

    @Test func `history has the runs of all directories, newest first, and each is found by its name`() throws {
        let lines = try here.loopsync("history").output.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(lines.map { $0[1] } == ["far", "near"])
        #expect(lines.map { $0.last } == [Substring(there.loops), ".loops"])
        #expect(
            try here.loopsync("history", "--limit", "1", "--format", "{loop} {loops}").output == "far \(there.loops)\n"
        )
        #expect(try here.loopsync("--loops", ".loops", "history", "--format", "{loop}").output == "near\n")

        let document = try document("history")
        #expect(document["loops"] == ".loops")
        #expect(document["directories"]?.arrayValue?.count == 2)
        for run in document["runs"]?.arrayValue?.compactMap(\.objectValue) ?? [] {
            #expect(Disk.exists("\(run["directory"]?.stringValue?.string ?? "")/events.jsonl"))
        }

        let show = try here.loopsync("show", "far@latest")
        #expect(show.succeeded, "\(show)")
        #expect(show.output.contains("\(there.loops)/.history/"))
        #expect(try here.loopsync("events", "far@latest", "--type", "loop_complete").output.contains("loop_complete"))
        #expect(try here.loopsync("diff", "near@latest", "far@latest").succeeded)
        let unknown = try here.loopsync("show", "nearer@latest")
        #expect(unknown.termination == .exited(1))
        #expect(unknown.errorOutput.contains("Did you mean near@latest?"))
    }

    @Test func `a name that several other directories have is refused with the ways to tell them apart`() throws {
        try Disk.makeDirectories(here.directory.path("later"))
        let copied = try Subprocess.run(["/bin/cp", "-a", there.loops, missing])
        #expect(copied.succeeded)
        let show = try here.loopsync("show", "far@latest")
        #expect(show.termination == .exited(1))
        #expect(show.errorOutput.contains("--loops \(there.loops): far/"))
        #expect(show.errorOutput.contains("--loops \(missing): far/"))
        #expect(try here.loopsync("show", "far@latest", "--loops", missing).succeeded)
    }

    @Test func `what is done to a run by its name is done in the directory that has it`() throws {
        let pin = try here.loopsync("pin", "far@latest")
        #expect(pin.succeeded, "\(pin)")
        #expect(try kept(in: there) == 1)
        #expect(try document("unpin", "far@latest")["loops"] == .string(JSONString(there.loops)))
        #expect(try kept(in: there) == 0)
        let both = try document("pin", "near@latest", "far@latest")["directories"]?.arrayValue ?? []
        #expect(
            both.map { $0.objectValue?["loops"] }
                == [.string(".loops"), .string(JSONString(there.loops))]
        )
        #expect(try kept(in: here) == 1 && kept(in: there) == 1)

        #expect(try here.loopsync("policy", "explain", "far@latest").output.contains("far/"))
        #expect(try here.loopsync("verify", "far@latest").succeeded)
        let run = try #require(HistoryAudit.archives(in: there.history).first)
        try Disk.write("damaged", to: "\(there.history)/\(run.place)/events.jsonl")
        #expect(try here.loopsync("verify", "far@latest", "near@latest").termination == .exited(6))
        // Without a run it is about the directory at hand.
        #expect(try here.loopsync("verify").succeeded)
        #expect(try here.loopsync("pin", "farther@latest").errorOutput.contains("no archived run 'farther@latest'"))
    }

    @Test func `a pruned run comes back to the directory that it was pruned from`() throws {
        try Disk.write(
            "version: 1\nwatch: [\(there.loops), \(here.loops)]\nretention: {min_age: 0s, keep_min: 0, keep_last: 1}\n",
            to: here.directory.path("home/.config/loopsync/config.yaml")
        )
        #expect(try there.run("run", "far").succeeded)
        #expect(try here.loopsync("archive", "--loops", there.loops).succeeded)
        #expect(try here.loopsync("prune", "--loops", there.loops).succeeded)
        #expect(HistoryAudit.archives(in: there.history).count == 1)
        let pruned = try here.loopsync("restore", "--list", "--loops", there.loops).output.split(separator: "\t")
        let restored = try here.loopsync("restore", String(try #require(pruned.first)))
        #expect(restored.succeeded, "\(restored)")
        #expect(HistoryAudit.archives(in: there.history).count == 2)
        #expect(HistoryAudit.archives(in: here.history).count == 1)
    }

    @Test func `statistics and the check of a set-up tell of each directory`() throws {
        let rows = try here.loopsync("stats").output.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(rows.map { [$0.first, $0.last] } == [["near", ".loops"], ["far", Substring(there.loops)]])
        let stats = try document("stats")["directories"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(stats.map { $0["path"] } == [".loops", .string(JSONString(there.loops))])
        #expect(try here.loopsync("stats", "far").output.split(separator: "\n").count == 1)
        #expect(try here.loopsync("stats", "fax").errorOutput.contains("Did you mean far?"))

        let doctor = try here.loopsync("doctor").output
        #expect(doctor.hasPrefix(".loops\n"))
        #expect(doctor.contains("\n\n\(there.loops)\n"))
        let findings = try document("doctor")["directories"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(findings.count == 2)
        #expect(findings.allSatisfy { $0["findings"]?.arrayValue?.isEmpty == false })
    }

    private func kept(in lab: LoopLab) throws -> Int {
        HistoryAudit.archives(in: lab.history).count { Disk.exists("\(lab.history)/\($0.place)/.keep") }
    }

    @Test func `status answers for each directory and ends as the one that stands worst`() throws {
        let idle = try here.loopsync("status")
        #expect(idle.succeeded, "\(idle)")
        #expect(idle.output.contains("no agent watches .loops"))
        #expect(idle.output.contains("no agent watches \(there.loops)"))
        #expect(idle.output.contains("nothing at \(missing) yet"))

        let agent = try here.agent()
        try there.define(
            "slow",
            "initial: a\nstates:\n  a: {action: 'sleep 60', on_success: d, on_failure: d}\n  d: {terminal: true}"
        )
        let run = try there.start("run", "slow")
        defer { run.signal(SIGINT) }
        #expect(try eventually { try here.loopsync("status").termination == .exited(3) })
        let document = try document("status")
        #expect(document["degraded"] == true)
        let directories = document["directories"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(directories.map { $0["watched"] } == [true, false, false])
        #expect(directories.map { $0["degraded"] } == [false, true, false])
        #expect(directories.map { $0["exists"] } == [true, true, false])
        let one = try here.loopsync("status", "--loops", ".loops")
        #expect(one.succeeded && !one.output.contains(there.loops))
        try agent.terminate()
    }

    @Test(.enabled(if: Tmux.isInstalled, "tmux is not installed"))
    func `the live view has all directories, and what matters most of each where they do not fit`() throws {
        let terminal = try Tmux(columns: 100, rows: 24, in: here.project)
        let home = here.directory.path("home")
        try terminal.type("HOME='\(home)' '\(try BuiltProduct.loopsync())' status --follow; echo ended with $?")
        #expect(try eventually { try terminal.screen().count { $0.hasPrefix("○ ") } == 3 })
        #expect(try terminal.screen().count { $0.contains("history") } == 2)
        try terminal.resize(columns: 100, rows: 5)
        #expect(try eventually { try terminal.screen().count { $0.contains("history") } == 0 })
        #expect(try terminal.screen().count { $0.hasPrefix("○ ") } == 3)
        try terminal.press("q")
        #expect(try eventually { try terminal.screen().contains { $0.contains("ended with 0") } })
    }
}
