import LoopModel
import SyncCore
import Testing

@Suite struct CapTests {
    @Test func `age wins over every rule`() {
        let policy = bare(KeepRules(periods: [.yearly: .all])) { $0.retention.maxAge = .days(730) }
        let runs = [run(ago: .days(1)), run(ago: .days(400)), run(ago: .days(800))]
        #expect(
            policy.plan(runs: runs, in: at()).lines == [
                "keep: newest, newest completed, yearly 2026 1/all",
                "keep: yearly 2025 2/all",
                "remove: yearly 2024 3/all, older than max_age 2y",
            ]
        )
    }

    @Test func `a cap without a rule takes the oldest and keeps the rest`() {
        let policy = bare { $0.retention.maxRuns = 3 }
        let runs = (1...5).map { run(ago: .days($0)) }
        let plan = policy.plan(runs: runs, in: at())
        #expect(plan.going == Array(runs.suffix(2)))
        #expect(plan.lines.last == "remove: no rule: everything is kept, over max_runs 3")
    }

    @Test func `successes go before failures and everything else between`() {
        let policy = bare { $0.retention.maxRuns = 2 }
        let runs = [
            run(ago: .days(1)), run(ago: .days(2)), run(ago: .days(3), .interrupted), run(ago: .days(4), .failed),
            run(ago: .days(5), nil), run(ago: .days(6), .timedOut), run(ago: .days(7)),
        ]
        let plan = policy.plan(runs: runs, in: at())
        #expect(plan.removals.map(\.run) == [runs[6], runs[1], runs[4], runs[2], runs[5]])
        #expect(plan.kept == [runs[0], runs[3]])
    }

    @Test func `the total size counts what is protected and takes what is not`() {
        var pinned = run(ago: .days(9), size: 700)
        pinned.isPinned = true
        let runs =
            [run(ago: .days(1), size: 100), run("b", ago: .days(2), size: 100), pinned]
            + (3...6).map { run(ago: .days($0), size: 50) }
        let plan = bare { $0.maxTotalSize = 960 }.plan(runs: runs, in: at())
        // 1100 bytes in all; three of the four small ones bring it to 950.
        #expect(plan.removals.map(\.run) == [runs[6], runs[5], runs[4]])
        #expect(plan.removals.allSatisfy { $0.verdict == .remove(.maxTotalSize) })
    }

    @Test func `the trash and what goes there count as free space`() {
        let runs = (1...6).map { run(ago: .days($0), size: 100) }
        let policy = bare(KeepRules(last: .exactly(5))) { $0.minFreeSpace = 1000 }
        var now = at()
        now.freeBytes = 600
        now.trashedBytes = 100
        let plan = policy.plan(runs: runs, in: now)
        #expect(plan.removals.map(\.verdict) == [.remove(.rules), .remove(.minFreeSpace), .remove(.minFreeSpace)])
        now.trashedBytes += 300
        #expect(policy.plan(runs: plan.kept, in: now).going.isEmpty)
    }

    @Test func `free space that cannot be told removes nothing`() {
        let runs = (1...6).map { run(ago: .days($0)) }
        #expect(bare { $0.minFreeSpace = .max }.plan(runs: runs, in: at()).going.isEmpty)
    }

    @Test func `sizes that a cap names twice are taken once`() {
        let policy = bare { ($0.maxTotalSize, $0.retention.maxAge) = (200, .days(3)) }
        let runs = (1...4).map { run(ago: .days($0), size: 100) }
        let plan = policy.plan(runs: runs, in: at())
        #expect(plan.removals.map(\.verdict) == [.remove(.maxAge("build")), .remove(.maxAge("build"))])
    }
}
