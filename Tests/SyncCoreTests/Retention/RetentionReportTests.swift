import LoopModel
import SyncCore
import Testing

@Suite struct RetentionReportTests {
    private let policy = RetentionPolicy(retention: LoopRetention(keep: KeepRules(last: .exactly(2), within: .days(2))))

    private func report(_ runs: [RetentionRun], _ policy: RetentionPolicy, triggers: [RetentionTrigger] = [])
        -> RetentionReport
    {
        var now = at(zone: rome)
        now.triggers = triggers
        return RetentionReport(policy.plan(runs: runs, in: now), policy: policy, zone: rome)
    }

    private let four = [
        run(ago: .hours(1), size: 1_300_000), run(ago: .days(1), .failed, size: 8192),
        run(ago: .days(3), size: 900), run(ago: .days(40), .timedOut, size: 20 << 30),
    ]

    private func rows(_ report: RetentionReport, removed: Set<RunPlace>? = nil) -> [[String]] {
        report.rows(removed: removed).map { [$0.word, $0.run.runID.description, $0.reasons] }
    }

    @Test func `a dry run shows what would go with all its reasons`() {
        let report = report(four, policy)
        #expect(report.head == "retention: last 2, within 2d\nnow 2026-11-24 13:00:00, times in Europe/Rome")
        #expect(
            rows(report) == [["remove", "2026-10-15T120000", "no rule keeps it (within 2d passed, last 2 reached)"]]
        )
        #expect(report.rows(removed: nil)[0].run.time.map(report.local) == "2026-10-15 14:00:00")
        #expect(report.summary(removed: nil) == "would remove 1 of 4 runs, 20G after 7d in the trash")
    }

    @Test func `what could not be removed is not said to be`() {
        let report = report(four + [run(ago: .days(50), size: 1024)], policy)
        #expect(rows(report, removed: [four[3].place]).map { $0[0] } == ["remove", "stays"])
        #expect(
            report.summary(removed: [four[3].place])
                == "removed 1 of 5 runs, 20G after 7d in the trash; 1 could not be removed"
        )
    }

    @Test func `with nothing to do nothing is printed`() {
        #expect(report([run(ago: .days(1))], policy).isEmpty)
        #expect(!report(four, policy).isEmpty)
    }

    @Test func `a plan that is held back says why and what to type`() {
        let report = report((0..<60).map { run(ago: .days($0)) }, policy, triggers: [.policyChanged])
        #expect(
            report.summary(removed: []) == """
                removed 0 of 60 runs, 0B
                held back: build: 57 of 60 runs would go at once (over 50% and over 20; first plan of a changed policy)
                nothing of these loops was removed; if this is meant: loopsync prune --force
                """
        )
    }

    @Test func `names from files cannot forge lines`() {
        let text = report(
            ["a\nremove  x", "b"].flatMap { name in [8, 9].map { run(name, ago: .days($0)) } },
            bare(KeepRules(last: .exactly(1)))
        )
        .summary(removed: nil)
        #expect(text.contains("a\\x0aremove  x"))
    }

    @Test func `the same plan as JSON`() throws {
        let json = report([run(ago: .days(1)), run(ago: .days(9), nil)], bare(KeepRules(last: .exactly(1)))).json
        let rows = try #require(json.objectValue?["runs"]?.arrayValue)
        #expect(
            rows.last == [
                "verdict": "remove", "loop": "build", "run_id": "2026-11-15T120000", "place": "build/2026-11-15T120000",
                "ended_at": "2026-11-15T12:00:00+00:00", "status": .null, "size": 1_048_576,
                "reasons": [["code": "no_rule_keeps", "text": "no rule keeps it (last 1 reached)"]],
            ]
        )
        #expect(json.objectValue?["removing"] == 1)
    }
}
