import LoopModel
import TestSupport
import Testing

/// `diff` and `stats` through the real program.
@Suite
struct CompareTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try ToldRun.archive(in: project, verdicts: ["yes"])
        try ToldRun.archive(in: project, second: 1000, verdicts: ["no", "yes"])
        try ToldRun.archive(in: project, second: 2000, verdicts: ["no", "no"], status: "failed")
    }

    @Test func `diff shows the first state that went another way, and what came of it`() throws {
        let shown = try TerminalRun.output(
            ["diff", "fix@-2", "fix@latest", "--color", "never"],
            in: project.path,
            columns: 100
        )
        #expect(
            shown
                == """
                RUN                    STATUS     BEGAN                    TOOK  STATES  END
                fix/2026-01-31T121640  completed  2026-01-31 12:16:40 UTC  1m2s       3  done (terminal)
                fix/2026-01-31T123320  failed     2026-01-31 12:33:20 UTC  2m2s       4  check (max_iterations)

                the same way through 2 states, then they part (another verdict)
                   2026-01-31T121640          2026-01-31T123320
                1  check: no, exit 2 → mend   same
                2  mend, exit 0 → check       same
                3  check: yes, exit 0 → done  check: no, exit 2 → mend

                STATE  VISITS       TOOK
                mend        1  → 2    1m  → 2m
                check       2          2s  → 2s

                """.replacing("check       2          2s", with: "check       2         2s")
        )
    }

    @Test func `diff in a pipe has values alone, and says the rest beside them`() throws {
        let run = try project.run("diff", "fix@-2", "fix@latest")
        #expect(run.status == 0)
        #expect(run.errorOutput == "the same way through 2 states, then they part (another verdict)\n")
        #expect(
            run.output
                == """
                run|fix/2026-01-31T121640|completed|2026-01-31T12:16:40+00:00|1m2s|3|done (terminal)
                run|fix/2026-01-31T123320|failed|2026-01-31T12:33:20+00:00|2m2s|4|check (max_iterations)
                visit|1|check: no, exit 2 → mend|check: no, exit 2 → mend
                visit|2|mend, exit 0 → check|mend, exit 0 → check
                visit|3|check: yes, exit 0 → done|check: no, exit 2 → mend
                state|mend|1|2|1m|2m
                state|check|2|2|2s|2s

                """.replacing("|", with: "\t")
        )
    }

    @Test func `diff as JSON has both visits`() throws {
        let document = try JSONValue(parsing: project.run("diff", "fix@-3", "fix@-2", "--json").output.utf8).objectValue
        let parting = document?["parting"]?.objectValue
        #expect(parting?["index"] == 0)
        #expect(parting?["what"] == "verdict")
        #expect(parting?["left"]?.objectValue?["next"] == "done")
        #expect(parting?["right"]?.objectValue?["next"] == "mend")
        #expect(document?["left"]?.objectValue?["id"] == "2026-01-31T120000")
        #expect(document?["other_end"] == true)
    }

    @Test func `a run differs from itself in nothing`() throws {
        let run = try project.run("diff", "fix@latest", "fix@latest")
        #expect(run.errorOutput == "both went the same way through 4 states\n")
        #expect(try project.run("diff", "fix@latest").status == 64)
    }

    @Test func `stats counts a loop's runs in a row of its own`() throws {
        try ToldRun.archive(in: project, second: 3000, loop: "other", verdicts: ["yes"], status: "user_stopped")
        let rows = try project.run("stats").output
        #expect(rows == "fix\t3\t67%\t1m2s\t2m2s\t3\t✓✓✗\t▁▅█\nother\t1\t?\t1s\t1s\t1\t·\t▄\n")
        let answer = try project.run("stats", "othr")
        #expect(answer.status == 1)
        #expect(answer.errorOutput.contains("Did you mean other?"))
    }

    @Test func `stats of one loop on a terminal shows where its time goes`() throws {
        let shown = try TerminalRun.output(["stats", "fix", "--color", "never"], in: project.path, columns: 90)
        let lines = shown.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("mend ") && $0.contains(" 3 ") && $0.contains("█") })
        #expect(lines.allSatisfy { $0.count <= 90 })
    }

    @Test func `stats as JSON has spreads, states and the trend`() throws {
        let document = try JSONValue(parsing: project.run("stats", "--json", "--runs", "2").output.utf8).objectValue
        let loop = try #require(document?["loops"]?.arrayValue?.first?.objectValue)
        #expect(loop["runs"] == 2)
        #expect(loop["success_rate"] == 0.5)
        #expect(loop["failures_in_a_row"] == 1)
        #expect(loop["iterations"] == ["median": 3, "p90": 4, "max": 4])
        #expect(loop["trend"]?.arrayValue?.map { $0.objectValue?["status"] } == ["completed", "failed"])
        let states = loop["states"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(states.map { $0["state"] } == ["mend", "check"])
        #expect(states.map { $0["visits"] } == [3, 4])
    }
}
