import LoopModel
import SyncCore
import TestSupport
import Testing

@Suite struct KeepRuleTests {
    @Test func `without a rule everything is kept, whatever its age`() {
        let runs = (1...40).map { run(ago: .days($0 * 100)) }
        let plan = RetentionPolicy().plan(runs: runs, in: at())
        #expect(plan.going.isEmpty)
        #expect(plan.lines.last == "keep: no rule: everything is kept")
    }

    @Test func `a count of 0 is a rule that keeps none`() {
        let runs = (1...5).map { run(ago: .days($0)) }
        let plan = bare(KeepRules(last: .exactly(0))).plan(runs: runs, in: at())
        #expect(
            plan.lines == [
                "keep: newest, newest completed",
                "remove: no rule keeps it (last 0 reached)",
                "remove: no rule keeps it (last 0 reached)",
                "remove: no rule keeps it (last 0 reached)",
                "remove: no rule keeps it (last 0 reached)",
            ]
        )
    }

    @Test func `the last runs are counted per loop`() {
        let runs = ["a", "b"].flatMap { loop in (1...4).map { run(loop, ago: .days($0)) } }
        let plan = bare(KeepRules(last: .exactly(2))).plan(runs: runs, in: at())
        #expect(
            plan.lines == [
                "keep: newest, newest completed, last 1/2",
                "keep: last 2/2",
                "remove: no rule keeps it (last 2 reached)",
                "remove: no rule keeps it (last 2 reached)",
            ] + [
                "keep: newest, newest completed, last 1/2",
                "keep: last 2/2",
                "remove: no rule keeps it (last 2 reached)",
                "remove: no rule keeps it (last 2 reached)",
            ]
        )
    }

    @Test func `a window counts from now and leaves its far edge out`() {
        let runs = [
            run(ago: .days(1)), run(ago: .days(14) - .milliseconds(1)), run(ago: .days(14)), run(ago: .days(15)),
        ]
        let plan = bare(KeepRules(within: .days(14))).plan(runs: runs, in: at())
        #expect(
            plan.lines == [
                "keep: newest, newest completed, within 14d",
                "keep: within 14d",
                "remove: no rule keeps it (within 14d passed)",
                "remove: no rule keeps it (within 14d passed)",
            ]
        )
    }

    @Test func `a period keeps its newest run and empty periods use no place`() {
        let runs = [
            run(ago: .hours(1)), run(ago: .hours(2)), run(ago: .days(3)), run(ago: .days(9)), run(ago: .days(10)),
        ]
        let plan = bare(KeepRules(periods: [.daily: .exactly(3)])).plan(runs: runs, in: at())
        #expect(
            plan.lines == [
                "keep: newest, newest completed, daily 2026-11-24 1/3",
                "remove: no rule keeps it (daily 2026-11-24 held by 2026-11-24T110000)",
                "keep: daily 2026-11-21 2/3",
                "keep: daily 2026-11-15 3/3",
                "remove: no rule keeps it (daily 3 reached)",
            ]
        )
    }

    @Test func `a run may take a place of several rules`() {
        let runs = [run(ago: .hours(1)), run(ago: .days(30)), run(ago: .days(400))]
        let rules = KeepRules(last: .exactly(1), periods: [.monthly: .all, .yearly: .exactly(1)])
        #expect(
            bare(rules).plan(runs: runs, in: at()).lines == [
                "keep: newest, newest completed, last 1/1, monthly 2026-11 1/all, yearly 2026 1/1",
                "keep: monthly 2026-10 2/all",
                "keep: monthly 2025-10 3/all",
            ]
        )
    }

    @Test func `rules of a status count among its runs alone and add to the others`() {
        let runs = [
            run(ago: .days(1)), run(ago: .days(2), .failed), run(ago: .days(3)), run(ago: .days(4), .failed),
            run(ago: .days(5), .failed),
        ]
        let policy = bare(KeepRules(last: .exactly(1))) {
            $0.retention.statuses = [.failed: KeepRules(last: .exactly(2))]
        }
        #expect(
            policy.plan(runs: runs, in: at()).lines == [
                "keep: newest, newest completed, last 1/1",
                "keep: failed last 1/2",
                "remove: no rule keeps it (last 1 reached)",
                "keep: failed last 2/2",
                "remove: no rule keeps it (last 1 reached, failed last 2 reached)",
            ]
        )
    }

    @Test func `with rules for one status alone nothing is said about the others`() {
        let runs = [run(ago: .days(1)), run(ago: .days(2)), run(ago: .days(3), .failed), run(ago: .days(4), .failed)]
        let policy = bare { $0.retention.statuses = [.failed: KeepRules(last: .exactly(1))] }
        #expect(
            policy.plan(runs: runs, in: at()).lines == [
                "keep: newest, newest completed, no rule: everything is kept",
                "keep: no rule: everything is kept",
                "keep: failed last 1/1",
                "remove: no rule keeps it (failed last 1 reached)",
            ]
        )
    }

    @Test func `the first loop that matches replaces the general rules`() {
        let runs = ["nightly-a", "build"].flatMap { loop in (1...3).map { run(loop, ago: .days($0)) } }
        let policy = bare(KeepRules(last: .exactly(1))) {
            $0.overrides = [
                LoopRetentionOverride(match: Glob("nightly-*"), retention: LoopRetention()),
                LoopRetentionOverride(
                    match: Glob("*-a"),
                    retention: LoopRetention(keep: KeepRules(last: .exactly(0)))
                ),
            ]
        }
        let plan = policy.plan(runs: runs, in: at())
        #expect(plan.kept.map(\.loop) == ["build", "nightly-a", "nightly-a", "nightly-a"])
    }

    @Test func `pinned and future runs take no place of a rule`() {
        var pinned = run(ago: .hours(3))
        pinned.isPinned = true
        let runs = [run(ago: .hours(-5)), run(ago: .hours(2)), pinned, run(ago: .hours(4)), run(ago: .hours(5))]
        let plan = bare(KeepRules(last: .exactly(2), periods: [.hourly: .exactly(2)])).plan(runs: runs, in: at())
        #expect(
            plan.lines == [
                "keep: dated in the future",
                "keep: newest, newest completed, last 1/2, hourly 2026-11-24T10Z 1/2",
                "keep: pinned",
                "keep: last 2/2, hourly 2026-11-24T08Z 2/2",
                "remove: no rule keeps it (last 2 reached, hourly 2 reached)",
            ]
        )
    }

    @Test func `the order of the input has no say`() {
        let runs = (0..<20).map { run($0 % 2 == 0 ? "a" : "b", ago: .hours($0 / 3), name: "n\($0)") }
        let policy = bare(KeepRules(last: .exactly(4)))
        let plan = policy.plan(runs: runs, in: at())
        var generator = SplitMix(seed: 7)
        for _ in 0..<20 {
            #expect(policy.plan(runs: runs.shuffled(using: &generator), in: at()) == plan)
        }
    }
}
