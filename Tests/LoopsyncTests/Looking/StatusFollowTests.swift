import Glibc
import LoopModel
import TestSupport
import Testing

/// `status`, once and live.
@Suite
struct StatusFollowTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try ToldRun.archive(in: project)
        try Disk.makeDirectories(project.loops(".running"))
    }

    private func writeState(_ stem: String, status: String, events: [String]) throws {
        let start = "2026-01-31T12:00:00+00:00"
        try Disk.write(
            """
            {"loop_name": "\(stem)", "current_state": "check", "iteration": 2, "captured": {}, "prev_result": null,
            "last_result": null, "started_at": "\(start)", "updated_at": "\(start)", "status": "\(status)"}
            """,
            to: project.loops(".running/\(stem).state.json")
        )
        let lines = events.map { #"{"event": "\#($0)", "ts": "\#(start)", "loop": "\#(stem)"}"# + "\n" }
        try Disk.write(lines.joined(), to: project.loops(".running/\(stem).events.jsonl"))
    }

    @Test func `status tells parked, abandoned and ended runs apart`() throws {
        try writeState("a", status: "awaiting_continuation", events: ["loop_start", "handoff_detected"])
        try writeState("b", status: "running", events: ["loop_start", "route"])
        try writeState("c", status: "completed", events: ["loop_start", "loop_complete"])
        let run = try project.run("status")
        #expect(run.status == 0)
        #expect(run.output.contains("a: parked at check, state 2, handoff_detected "))
        #expect(run.output.contains("b: abandoned at check, state 2, route "))
        #expect(run.output.contains("c: completed in check, state 2, loop_complete "))
        let document = try JSONValue(parsing: project.run("status", "--json").output.utf8).objectValue
        let live = document?["live"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(live.map { $0["phase"] } == ["parked", "abandoned", "ended"])
        #expect(live.map { $0["last_event"] } == ["handoff_detected", "route", "loop_complete"])
    }

    @Test func `status tells what the next prune would remove`() throws {
        for second in 1...6 { try ToldRun.archive(in: project, second: Int64(second) * 1000) }
        try project.configure("retention:\n  keep_last: 3\n")
        let sync = project.place.path("sync")
        try Disk.makeDirectories(sync)
        let agent = try AgentProcess(watching: [project.loops("")], sync: sync, in: project.place.path)
        defer { agent.process.signal(SIGTERM) }
        let document = try JSONValue(parsing: project.run("status", "--json").output.utf8).objectValue
        #expect(document?["prune"]?.objectValue?["removing"]?.integerValue != nil)
        #expect(try project.run("status").output.contains("remove"))
    }

    @Test(.enabled(if: Tmux.isInstalled, "tmux is not installed"))
    func `the live view redraws in place, follows the window's size, and gives the terminal back`() throws {
        let terminal = try Tmux(columns: 80, rows: 24, in: project.path)
        try terminal.type("'\(try BuiltProduct.loopsync())' status --follow; echo ended with $?")
        #expect(try eventually { try terminal.screen().contains { $0.contains("no agent watches .loops") } })
        #expect(try terminal.state() == "1 0")

        try writeState("count", status: "running", events: ["loop_start", "route"])
        #expect(try eventually { try terminal.screen().contains { $0.contains("count: abandoned at check") } })
        #expect(try terminal.screen().count { $0.contains("no agent watches") } == 1)

        let name = String(repeating: "long-", count: 30)
        try writeState(name, status: "running", events: ["loop_start", "route"])
        try terminal.resize(columns: 50, rows: 10)
        #expect(try eventually { try terminal.screen().contains { $0.contains("long-") && $0.hasSuffix("…") } })
        #expect(try terminal.screen().allSatisfy { $0.count <= 50 })

        try terminal.press("C-c")
        #expect(try eventually { try terminal.screen().contains { $0.contains("ended with 0") } })
        #expect(try terminal.state() == "0 1")
        #expect(try terminal.screen().contains { $0.contains("count: abandoned at check") })
        try terminal.type("stty -a | grep -wo -e '-echo' -e '-icanon'; echo checked")
        #expect(try eventually { try terminal.screen().contains { $0 == "checked" } })
        #expect(try !terminal.screen().contains { $0 == "-echo" || $0 == "-icanon" })
    }

    @Test(.enabled(if: Tmux.isInstalled, "tmux is not installed"), arguments: ["q", "kill"])
    func `q and a signal end the live view as well`(way: String) throws {
        let terminal = try Tmux(columns: 80, rows: 24, in: project.path)
        try terminal.type("echo $$ > shell; '\(try BuiltProduct.loopsync())' status --follow; echo ended with $?")
        #expect(try eventually { try terminal.state() == "1 0" })
        if way == "q" {
            try terminal.press("q")
        } else {
            let shell = (Disk.text("\(project.path)/shell") ?? "").filter(\.isNumber)
            let children = Disk.text("/proc/\(shell)/task/\(shell)/children") ?? ""
            let child = try #require(Int32(children.filter(\.isNumber)))
            kill(child, SIGTERM)
        }
        #expect(try eventually { try terminal.state() == "0 1" })
        #expect(try eventually { try terminal.screen().contains { $0.contains("ended with 0") } })
    }

    @Test func `in a pipe what changed comes as a document each`() throws {
        let follower = try Subprocess(
            [try BuiltProduct.loopsync(), "status", "--follow", "--json"],
            in: project.path,
            environment: ["PATH": "/usr/bin:/bin", "TZ": "UTC"]
        )
        defer { follower.signal(SIGKILL) }
        #expect(eventually { follower.output.hasSuffix("\n") })
        try writeState("count", status: "running", events: ["loop_start"])
        #expect(eventually { follower.output.contains("\"abandoned\"") })
        let lines = follower.output.split(separator: "\n")
        #expect(lines.allSatisfy { (try? JSONValue(parsing: $0.utf8).objectValue?["loops"]) == ".loops" })
        #expect(lines.count == 2 || lines.count == 3)
    }
}
