import Glibc
import LoopModel
import TestSupport
import Testing

/// `show` through the real program.
@Suite
struct ShowTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try ToldRun.archive(in: project)
    }

    @Test func `show tells a run from its begin to its end`() throws {
        let shown = try project.run("show", "fix@latest", "--tail", "2")
        #expect(shown.status == 0)
        let size = try #require(shown.output.firstMatch(of: /120000, ([0-9.]+[BKM])/)?.output.1)
        #expect(
            shown.output == """
                fix/2026-01-31T120000  completed
                  began     2026-01-31 12:00:00 UTC
                  ended     2026-01-31 12:01:02 UTC
                  took      1m2s, 3 states
                  end       in done (terminal)
                  kept      .history/fix/2026-01-31T120000, \(size)

                  AT  STATE  TOOK  EXIT  VERDICT  THEN
                10ms  check    1s     2  no       mend
                  1s  mend     1m     0           check
                1m1s  check    1s     0  yes      done

                STATE  VISITS  TOOK  VERDICTS
                mend        1    1m
                check       2    2s  1 no, 1 yes

                captured
                  log = one ⏎ two
                  \\x1b[31mred\\x1b]0;title\\x07\\xc2\\x9b2J\\xe2\\x80\\xaegnp.exe = 7

                output (last 2 of 4 lines)
                  │ b
                  │ \\x1b[31mred\\x1b]0;title\\x07\\xc2\\x9b2J\\xe2\\x80\\xaegnp.exe

                """
        )
    }

    @Test func `on a terminal nothing is wider than it, time has bars, and the run's own escapes are harmless`() throws
    {
        let shown = try TerminalRun.output(["show", "fix@latest"], in: project.path, columns: 60)
        #expect(shown.contains("█"))
        for harm in ToldRun.harmful { #expect(!shown.contains(harm)) }
        let plain = try TerminalRun.output(["show", "fix@latest", "--color", "never"], in: project.path, columns: 60)
        #expect(!plain.contains("\u{1B}"))
        #expect(plain.split(separator: "\n").allSatisfy { $0.count <= 60 })
        let dumb = try TerminalRun.output(
            ["show", "fix@latest"],
            in: project.path,
            columns: 60,
            environment: ["TERM": "dumb"]
        )
        #expect(dumb == plain)
    }

    @Test func `a long run is shown by its ends, and whole where that is asked for`() throws {
        try ToldRun.archive(in: project, second: 100, verdicts: Array(repeating: "no", count: 40), status: "failed")
        let cut = try project.run("show", "fix@latest")
        #expect(cut.output.contains("… 45 more: --all"))
        #expect(cut.output.contains("in check (max_iterations)"))
        let whole = try project.run("show", "fix@latest", "--all")
        #expect(whole.output.split(separator: "\n").count == cut.output.split(separator: "\n").count + 44)
    }

    @Test func `as JSON it has the sums, each visit and the captures as they are`() throws {
        let shown = try JSONValue(parsing: project.run("show", "--json", "2026-01").output.utf8).objectValue
        let states = shown?["states"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(states.map { $0["state"] } == ["check", "mend"])
        #expect(states.map { $0["seconds"] } == [2.012, 60.011])
        #expect(states.first?["verdicts"] == ["no": 1, "yes": 1])
        #expect(shown?["visits"]?.arrayValue?.count == 3)
        #expect(shown?["end"]?.objectValue?["terminated_by"] == "terminal")
        #expect(shown?["captured"]?.objectValue?["log"]?.objectValue?["output"] == "one\ntwo")
        #expect(shown?["output_lines"] == 4)
        #expect(shown?["seconds"]?.numberValue?.double == 62.033)
    }

    @Test func `a run that was killed is told up to where it died`() throws {
        try ToldRun.archive(in: project, second: 200, verdicts: ["no"], status: "running", isKilled: true)
        let shown = try project.run("show", "fix@latest").output
        #expect(shown.contains("none is told of: it was killed"))
    }

    @Test func `a mistyped loop is answered with the one that may be meant`() throws {
        let answer = try project.run("show", "fxi@latest")
        #expect(answer.status == 1)
        #expect(answer.errorOutput.contains("no run 'fxi@latest'"))
        #expect(answer.errorOutput.contains("Did you mean fix@latest?"))
    }

    @Test(arguments: Executor.allCases)
    func `what executors write is told, live and archived`(executor: Executor) throws {
        let lab = try LoopLab(executor)
        try lab.define("slow", TwoStates.yaml)
        let run = try lab.start("run", "slow")
        defer { run.signalGroup(SIGKILL) }
        let live = try eventually("the run is in its second state") {
            let shown = try lab.loopsync("show", "slow@latest", "--json")
            let document = try? JSONValue(parsing: shown.output.utf8).objectValue
            return (document?["visits"]?.arrayValue?.count ?? 0) >= 2 ? document : nil
        }
        #expect(live["pid"]?.integerValue == Int(run.pid))
        #expect(live["end"] == .null)
        try Disk.write("", to: "\(lab.project)/go")
        try run.wait()
        try lab.loopsync("archive")
        let shown = try lab.loopsync("show", "slow@latest").output
        #expect(shown.contains("completed"))
        #expect(shown.contains("in done (terminal)"))
        #expect(shown.contains("│ hello"))
        #expect(shown.contains("kept      .history/"))
        #expect(shown.contains("said = hello"))
    }
}

/// A loop that waits in its second state for a file `go`.
enum TwoStates {
    static let yaml = """
        initial: hello
        states:
          hello:
            action: echo hello
            capture: said
            next: wait
          wait:
            action: until [ -e go ]; do sleep 0.02; done
            next: done
          done:
            terminal: true
        """
}
