import LoopModel
import SyncCore
import Testing

@Suite struct ProtectionTests {
    /// A policy that would take everything it may.
    private let greedy = bare(KeepRules(last: .exactly(0))) {
        $0.retention.maxAge = .zero
        $0.maxTotalSize = 0
        $0.minFreeSpace = .max
    }

    private func lines(_ change: (inout RetentionRun) -> Void, _ policy: RetentionPolicy? = nil) -> String? {
        var changed = run(ago: .days(5), name: "changed")
        change(&changed)
        var now = at()
        now.hasMirror = true
        now.freeBytes = 0
        return (policy ?? greedy).plan(runs: [run(ago: .days(1)), changed], in: now).lines.last
    }

    @Test func `nothing overrides a protection`() {
        #expect(lines { _ in } == "remove: no rule keeps it (last 0 reached)")
        #expect(lines { $0.isPinned = true } == "keep: pinned")
        #expect(lines { $0.isInRunning = true } == "keep: still in .running")
        #expect(
            lines { $0.isCanonicalForRunning = true } == "keep: the executor would archive a run in .running here"
        )
        #expect(lines { $0.isMirrored = false } == "keep: not yet verified in the mirror")
        #expect(lines { $0.isRun = false } == "keep: not a run")
        #expect(lines { ($0.endedAt, $0.startedAt) = (nil, nil) } == "keep: its time is unknown")
    }

    @Test func `a missing mirror copy protects only where it is asked for`() {
        var lax = greedy
        lax.requireMirrored = false
        #expect(lines({ $0.isMirrored = false }, lax)?.hasPrefix("remove") == true)
        var missing = run(ago: .days(5))
        missing.isMirrored = false
        #expect(greedy.plan(runs: [run(ago: .days(1)), missing], in: at()).going == [missing])
    }

    @Test func `the newest run, the newest completed one and the newest few stay`() {
        var policy = greedy
        policy.keepMin = .exactly(2)
        policy.minAge = .hours(30)
        let runs = [
            run(ago: .hours(24), .failed), run(ago: .days(2), .failed), run(ago: .days(3)), run(ago: .days(4)),
        ]
        var now = at()
        now.freeBytes = 0
        #expect(
            policy.plan(runs: runs, in: now).lines == [
                "keep: newest, newest 1/2, younger than 30h",
                "keep: newest 2/2",
                "keep: newest completed",
                "remove: no rule keeps it (last 0 reached)",
            ]
        )
    }

    @Test func `a run dated in the future never stands for the newest`() {
        let future = run(ago: .days(-400))
        let runs = [future, run(ago: .days(3)), run(ago: .days(4))]
        let plan = greedy.plan(runs: runs, in: at())
        #expect(
            plan.lines == [
                "keep: dated in the future",
                "keep: newest, newest completed",
                "remove: no rule keeps it (last 0 reached)",
            ]
        )
    }

    @Test func `clocks that differ by minutes do not date a run in the future`() {
        let plan = greedy.plan(runs: [run(ago: .seconds(-299)), run(ago: .days(1))], in: at())
        #expect(plan.lines.first == "keep: newest, newest completed")
        #expect(plan.going.count == 1)
    }

    @Test func `only the loops that were asked for lose runs`() {
        let runs = ["a", "b"].flatMap { loop in (1...3).map { run(loop, ago: .days($0)) } }
        var now = at()
        now.loops = [Glob("b")]
        let plan = greedy.plan(runs: runs, in: now)
        #expect(plan.decisions.allSatisfy { $0.run.loop == "b" })
        #expect(plan.going.count == 2)
    }
}
