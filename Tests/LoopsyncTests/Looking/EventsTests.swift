import Glibc
import LoopModel
import TestSupport
import Testing

@testable import loopsync

/// `events` through the real program.
@Suite
struct EventsTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try ToldRun.archive(in: project)
        try ToldRun.archive(in: project, second: 100, loop: "other", verdicts: ["yes"])
    }

    private func rows(_ arguments: String...) throws -> [[Substring]] {
        let run = try CommandRun(["events"] + arguments, in: project.path)
        #expect(run.status == 0)
        return run.output.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    }

    @Test func `in a pipe each event is a row of time, loop, name and what happened`() throws {
        let rows = try rows("fix", "--type", "*e*", "--type", "route")
        #expect(rows.allSatisfy { $0.count == 4 && $0[1] == "fix" })
        let told = rows.map { "\($0[2]) \($0[3])" }
        #expect(told.contains("state_enter check (1)"))
        #expect(told.contains("action_complete exit 2 in 1s"))
        #expect(told.contains("evaluate no (exit_code)"))
        #expect(told.contains("route check → mend"))
        #expect(told.last == "loop_complete in done after 3 (terminal)")
        #expect(!told.contains { $0.hasPrefix("action_output") })
        #expect(rows[0][0] == "2026-01-31T12:00:00.010000+00:00")
    }

    @Test func `types are given with commas too, and one that no event has is told`() throws {
        let both = try project.run("events", "fix", "--type", "state_enter,route")
        #expect(both.status == 0 && both.errorOutput == "")
        #expect(
            Set(both.output.split(separator: "\n").map { $0.split(separator: "\t")[2] }) == ["state_enter", "route"]
        )
        let mistyped = try project.run("events", "fix", "--type", "state_entr,route")
        #expect(mistyped.status == 0 && !mistyped.output.isEmpty)
        #expect(mistyped.errorOutput == "loopsync: no event of type 'state_entr'. Did you mean state_enter?\n")
        #expect(try project.run("events", "fix", "--type", "state_entr", "-q").errorOutput == "")
    }

    @Test func `what was met or is usual is no mistake while events may come`() {
        var types = EventTypes(["state_*,nonsense", "route"])
        #expect(types.want("state_enter") && !types.want("evaluate"))
        #expect(
            types.mistakes(isGoingOn: true) == ["no event of type 'nonsense'; those here are evaluate, state_enter"]
        )
        #expect(types.mistakes(isGoingOn: false).count == 2)
        #expect(EventTypes(["route"]).mistakes(isGoingOn: false) == [])
    }

    @Test func `the newest run is meant without an argument, the last lines alone with --lines`() throws {
        #expect(try rows().first?[3] == "other")
        #expect(try rows("-n", "1", "fix/2026-01-31T120000").map { $0[2] } == ["loop_complete"])
    }

    @Test func `as JSON the lines are the file's own, on a terminal they are harmless`() throws {
        let file = try #require(Disk.text(project.loops(".history/fix/2026-01-31T120000/events.jsonl")))
        #expect(try project.run("events", "fix", "--json").output == file)
        let raw = file.replacing(#"\u009b"#, with: "\u{9B}")
        try Disk.write(raw, to: project.loops(".history/fix/2026-01-31T120000/events.jsonl"))
        for arguments in [["events", "fix", "--json"], ["events", "fix"]] {
            let shown = try TerminalRun.output(arguments, in: project.path, columns: 70)
            #expect(shown.contains("loop_complete"))
            for harm in ToldRun.harmful { #expect(!shown.contains(harm)) }
        }
    }

    @Test func `lines that are no event are counted and left out`() throws {
        let path = project.loops(".history/fix/2026-01-31T120000/events.jsonl")
        try Disk.write("torn\n" + (Disk.text(path) ?? ""), to: path)
        let run = try project.run("events", "fix", "--json")
        #expect(run.output.hasPrefix(#"{"event": "loop_start""#))
        #expect(run.errorOutput == "loopsync: left out 1 line without an event\n")
    }

    @Test func `an unknown loop or run is an error`() throws {
        #expect(try project.run("events", "nobody").status == 1)
        #expect(try project.run("events", "fix@first").status == 64)
    }
}

/// `events --follow`, beside executors that overwrite and an agent that archives.
@Suite
struct EventsFollowTests {
    @Test(arguments: Executor.allCases)
    func `following misses no line and repeats none, from run to run`(executor: Executor) throws {
        let lab = try LoopLab(executor)
        try lab.define("quick", "initial: a\nstates:\n  a:\n    action: seq 20\n    next: b\n  b:\n    terminal: true")
        try lab.define("beside", "initial: a\nstates:\n  a:\n    terminal: true")
        try lab.run("run", "quick")
        let agent = try lab.agent(mirroring: false)
        defer { agent.process.signal(SIGTERM) }
        let follower = try Subprocess(
            [try BuiltProduct.loopsync(), "events", "quick", "--follow", "--json"],
            in: lab.project,
            environment: ["PATH": "/usr/bin:/bin", "TZ": "UTC"]
        )
        defer { follower.signal(SIGKILL) }
        #expect(eventually { follower.output.contains("loop_complete") })
        for loop in ["quick", "quick", "beside", "quick"] { try lab.run("run", loop) }
        let starts = { follower.output.split(separator: "\n").count { $0.contains(#""event": "loop_complete""#) } }
        #expect(eventually { starts() >= 4 })
        try lab.loopsync("archive")
        let archived = try eventually("all runs are archived") {
            let runs = try JSONValue(parsing: lab.loopsync("history", "quick", "--json").output.utf8)
            let paths = runs.objectValue?["runs"]?.arrayValue?.compactMap {
                $0.objectValue?["path"]?.stringValue?.string
            }
            return paths?.count == 4 ? paths : nil
        }
        let files = archived.reversed().map { Disk.text("\(lab.loops)/\($0)/events.jsonl") ?? "" }
        #expect(follower.output == files.joined())
    }

    @Test func `following one run ends with it`() throws {
        let lab = try LoopLab(.a)
        try lab.define("slow", TwoStates.yaml)
        let run = try lab.start("run", "slow")
        defer { run.signalGroup(SIGKILL) }
        #expect(
            try eventually { try lab.loopsync("events", "slow", "--type", "action_output").output.contains("hello") }
        )
        let id = try #require(
            try JSONValue(parsing: lab.loopsync("show", "slow@latest", "--json").output.utf8).objectValue?["id"]?
                .stringValue
        )
        let follower = try Subprocess(
            [try BuiltProduct.loopsync(), "events", id.string, "--follow", "--type", "*_*"],
            in: lab.project,
            environment: ["PATH": "/usr/bin:/bin", "TZ": "UTC"]
        )
        #expect(eventually { follower.output.contains("hello") })
        try Disk.write("", to: "\(lab.project)/go")
        #expect(try follower.wait() == .exited(0))
        #expect(follower.output.split(separator: "\n").last?.contains("in done after") == true)
    }
}
