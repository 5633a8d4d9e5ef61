import LoopModel
import SyncCore
import Testing

@Suite struct ValveTests {
    private let policy = bare(KeepRules(last: .exactly(5)))
    private let clock = ClockReading(wall: noon, sinceBoot: .days(3), bootID: "x")

    private func plan(_ count: Int, _ triggers: [RetentionTrigger], isForced: Bool = false) -> RetentionPlan {
        var now = at()
        now.triggers = triggers
        now.isForced = isForced
        return policy.plan(runs: (0..<count).map { run(ago: .hours($0)) }, in: now)
    }

    @Test func `more than half and more than 20 runs of a loop wait for a person`() {
        let held = plan(30, [.policyChanged])
        #expect(held.heldBack == [.init(loop: "build", removing: 25, runs: 30)])
        #expect(held.removals.isEmpty)
        #expect(
            held.lines.last == "hold: no rule keeps it (last 5 reached), held back: 25 of 30 runs would go at once"
        )
    }

    @Test func `20 runs, half the runs, or no trigger at all hold nothing back`() {
        #expect(plan(25, [.policyChanged]).removals.count == 20)
        #expect(plan(26, [.policyChanged]).removals.isEmpty)
        #expect(plan(300, []).removals.count == 295)
        let half = bare(KeepRules(last: .exactly(50)))
        var now = at()
        now.triggers = [.clockJumped]
        #expect(half.plan(runs: (0..<100).map { run(ago: .hours($0)) }, in: now).removals.count == 50)
        #expect(half.plan(runs: (0..<101).map { run(ago: .hours($0)) }, in: now).removals.isEmpty)
    }

    @Test func `a person's word lets it go`() {
        #expect(plan(30, [.policyChanged], isForced: true).removals.count == 25)
    }

    @Test func `one loop waits while the others go on`() {
        var now = at()
        now.triggers = [.historyShrank]
        let runs = (0..<40).map { run("many", ago: .hours($0)) } + (0..<10).map { run("few", ago: .hours($0)) }
        let plan = policy.plan(runs: runs, in: now)
        #expect(plan.heldBack.map(\.loop) == ["many"])
        #expect(plan.removals.map(\.run.loop) == Array(repeating: "few", count: 5))
    }

    @Test(arguments: [0, 1, 2])
    func `what stays only until the mirror holds it counts for the valve`(part: Int) {
        var now = at()
        now.triggers = [.policyChanged]
        now.hasMirror = true
        // None, half or all of them are in the mirror.
        let runs = (0..<50).map { index in
            var run = run(ago: .hours(index))
            run.isMirrored = index % 2 < part
            return run
        }
        let held = policy.plan(runs: runs, in: now)
        #expect(held.heldBack == [.init(loop: "build", removing: 45, runs: 50)])
        #expect(held.removals.isEmpty)
        let report = RetentionReport(held, policy: policy, zone: .utc)
        #expect(report.summary(removed: []).contains("held back: build: 45 of 50 runs would go at once"))
        // What is held back settles nothing: the trigger is still there when the mirror is.
        let memory = RetentionMemory().after(held, of: policy, remaining: RetentionMemory.counts(of: runs), at: clock)
        #expect(triggers(memory, runs: runs) == [.policyChanged])
        now.isForced = true
        let forced = policy.plan(runs: runs, in: now)
        #expect(forced.removals.count + forced.awaitingMirror == 45)
    }

    @Test func `a pass over some loops settles no trigger`() {
        let before = RetentionMemory(policy: policy.fingerprint, clock: clock, counts: ["build": 30, "other": 9])
        let jump = ClockReading(wall: noon + .days(400), sinceBoot: .days(3), bootID: "x")
        let runs = (0..<30).map { run(ago: .hours($0)) }
        let found = before.triggers(for: policy, runs: runs, at: jump)
        #expect(found == [.clockJumped, .historyShrank])
        var now = at(jump.wall)
        now.triggers = found
        now.loops = [Glob("nosuch*")]
        let partial = policy.plan(runs: runs, in: now)
        #expect(partial.heldBack.isEmpty)
        let memory = before.after(
            partial,
            of: policy,
            remaining: RetentionMemory.counts(of: runs),
            at: jump,
            isWhole: false
        )
        #expect(memory.triggers(for: policy, runs: runs, at: jump) == found)
        #expect(memory.holdsTrash(for: .days(7), at: jump))
    }

    private func triggers(
        _ memory: RetentionMemory,
        _ reading: ClockReading? = nil,
        runs: [RetentionRun]? = nil
    ) -> [RetentionTrigger] {
        memory.triggers(for: policy, runs: runs ?? (0..<9).map { run(ago: .hours($0)) }, at: reading ?? clock)
    }

    @Test func `a policy that was never carried out here is a changed one, and then no more`() {
        #expect(triggers(RetentionMemory()) == [.policyChanged])
        let runs = (0..<9).map { run(ago: .hours($0)) }
        let done = policy.plan(runs: runs, in: at())
        let memory = RetentionMemory().after(
            done,
            of: policy,
            remaining: RetentionMemory.counts(of: done.kept),
            at: clock
        )
        #expect(triggers(memory) == [])
        #expect(memory.triggers(for: bare(), runs: runs, at: clock) == [.policyChanged])
    }

    @Test func `a trigger stays until nothing is held back any more`() {
        let runs = (0..<30).map { run(ago: .hours($0)) }
        var now = at()
        now.triggers = [.policyChanged, .clockJumped]
        let held = policy.plan(runs: runs, in: now)
        let memory = RetentionMemory().after(held, of: policy, remaining: RetentionMemory.counts(of: runs), at: clock)
        #expect(triggers(memory, runs: runs) == [.policyChanged, .clockJumped])
        now.isForced = true
        let forced = policy.plan(runs: runs, in: now)
        #expect(
            triggers(
                memory.after(forced, of: policy, remaining: RetentionMemory.counts(of: forced.kept), at: clock),
                runs: forced.kept
            ) == []
        )
    }

    @Test func `the wall clock is held against the time since the machine started`() {
        let memory = RetentionMemory(policy: policy.fingerprint, clock: clock)
        func later(wall: Duration, boot: Duration, bootID: String = "x") -> [RetentionTrigger] {
            triggers(memory, ClockReading(wall: noon + wall, sinceBoot: .days(3) + boot, bootID: bootID))
        }
        #expect(later(wall: .hours(5), boot: .hours(5)) == [])
        #expect(later(wall: .hours(2), boot: .minutes(61)) == [])
        #expect(later(wall: .hours(2), boot: .minutes(59)) == [.clockJumped])
        #expect(later(wall: .days(400), boot: .hours(1)) == [.clockJumped])
        // After a restart only a clock that went back is certain.
        #expect(later(wall: .days(400), boot: .zero, bootID: "y") == [])
        #expect(later(wall: .hours(-2), boot: .zero, bootID: "y") == [.clockJumped])
    }

    @Test func `after a jump ahead the time in the trash counts anew`() {
        let week = Duration.days(7)
        let before = RetentionMemory(policy: policy.fingerprint, clock: clock)
        let jump = ClockReading(wall: noon + .days(400), sinceBoot: .days(3) + .hours(1), bootID: "x")
        #expect(before.holdsTrash(for: week, at: jump))
        #expect(!before.holdsTrash(for: week, at: ClockReading(wall: noon, sinceBoot: .days(3), bootID: "x")))
        let after = before.after(policy.plan(runs: [], in: at(jump.wall)), of: policy, remaining: [:], at: jump)
        func later(_ duration: Duration) -> ClockReading {
            ClockReading(wall: jump.wall + duration, sinceBoot: jump.sinceBoot + duration, bootID: "x")
        }
        #expect(after.holdsTrash(for: week, at: later(.days(6))))
        #expect(!after.holdsTrash(for: week, at: later(.days(7))))
        // The clock was set right again: what was in the trash has its own time back.
        let back = ClockReading(wall: noon + .hours(2), sinceBoot: jump.sinceBoot + .hours(1), bootID: "x")
        #expect(!after.holdsTrash(for: week, at: back))
        let corrected = after.after(policy.plan(runs: [], in: at(back.wall)), of: policy, remaining: [:], at: back)
        #expect(corrected.jumpedAhead == nil)
    }

    @Test func `now before the newest run is a jump, and so is a history that shrank`() {
        let memory = RetentionMemory(policy: policy.fingerprint, clock: clock, counts: ["build": 9, "gone": 1])
        #expect(triggers(memory, runs: [run(ago: .hours(-2))]) == [.clockJumped, .historyShrank])
        #expect(triggers(memory) == [.historyShrank])
        #expect(triggers(RetentionMemory(policy: policy.fingerprint, counts: ["build": 9])) == [])
    }

    @Test func `the memory reads what it wrote and takes anything else for nothing`() throws {
        let memory = RetentionMemory(
            policy: policy.fingerprint,
            clock: clock,
            counts: ["b": 2, "a\u{7}": 1],
            pending: [.clockJumped],
            jumpedAhead: noon
        )
        #expect(RetentionMemory(json: try JSONValue(parsing: memory.json.serialized())) == memory)
        for other in [JSONValue.null, [1], ["version": 2, "policy": "x"], ["version": "1"]] {
            #expect(RetentionMemory(json: other) == RetentionMemory())
        }
    }

    @Test func `whatever has a say in a plan changes the fingerprint`() {
        var seen: Set<String> = [RetentionPolicy().fingerprint]
        let changes: [(inout RetentionPolicy) -> Void] = [
            { $0.timeZone = "UTC" }, { $0.minAge = .zero }, { $0.keepMin = .all }, { $0.requireMirrored = false },
            { $0.maxDeleteFraction = 1 }, { $0.maxTotalSize = 5 }, { $0.minFreeSpace = 5 },
            { $0.retention.keep.last = .exactly(0) }, { $0.retention.keep.within = .zero },
            { $0.retention.keep.periods[.weekly] = .all }, { $0.retention.maxAge = .days(1) },
            { $0.retention.maxRuns = 1 }, { $0.retention.statuses[.failed] = KeepRules(last: .all) },
            { $0.overrides = [LoopRetentionOverride(match: Glob("a"), retention: LoopRetention(maxRuns: 1))] },
        ]
        for change in changes {
            var policy = RetentionPolicy()
            change(&policy)
            #expect(seen.insert(policy.fingerprint).inserted, "\(policy)")
        }
        var unrelated = RetentionPolicy()
        unrelated.trashFor = nil
        #expect(seen.contains(unrelated.fingerprint))
    }
}

extension Duration {
    fileprivate static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
}
