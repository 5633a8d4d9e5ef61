import LoopModel
import SyncCore
import TestSupport
import Testing

private struct Scenario {
    var runs: [RetentionRun] = []
    var policy: RetentionPolicy
    var circumstances: RetentionCircumstances
}

extension SplitMix {
    private mutating func chance(_ part: Int) -> Bool {
        Int.random(in: 0..<part, using: &self) == 0
    }

    private mutating func count() -> RetentionCount {
        chance(5) ? .all : .exactly(Int.random(in: 0...6, using: &self))
    }

    private mutating func rules() -> KeepRules {
        var rules = KeepRules()
        if chance(2) { rules.last = count() }
        if chance(3) { rules.within = .days(Int.random(in: 0...60, using: &self)) }
        for period in CalendarPeriod.allCases where chance(4) { rules.periods[period] = count() }
        return rules
    }

    private mutating func retention() -> LoopRetention {
        var retention = LoopRetention(keep: rules())
        if chance(3) { retention.statuses[.failed] = rules() }
        if chance(4) { retention.maxAge = .days(Int.random(in: 1...900, using: &self)) }
        if chance(4) { retention.maxRuns = Int.random(in: 0...20, using: &self) }
        return retention
    }

    fileprivate mutating func scenario() -> Scenario {
        var policy = RetentionPolicy(
            minAge: .hours(Int.random(in: 0...2, using: &self)),
            keepMin: count(),
            requireMirrored: chance(2),
            retention: retention()
        )
        if chance(3) { policy.overrides = [LoopRetentionOverride(match: Glob("b*"), retention: retention())] }
        if chance(4) { policy.maxTotalSize = Int64.random(in: 0...4000, using: &self) }
        if chance(4) { policy.minFreeSpace = Int64.random(in: 0...4000, using: &self) }
        // Around changes of the clock, a leap day and the end of a year, where calendars break.
        let anchors = ["2026-03-29T01:00:00", "2026-10-25T01:00:00", "2024-02-29T12:00:00", "2027-01-01T00:00:00"]
        let anchor = anchors.randomElement(using: &self).flatMap { Timestamp(iso: JSONString($0)) } ?? noon
        var scenario = Scenario(policy: policy, circumstances: at(anchor, zone: chance(2) ? rome : .utc))
        scenario.circumstances.hasMirror = chance(2)
        if chance(2) { scenario.circumstances.freeBytes = Int64.random(in: 0...3000, using: &self) }
        let spread = [3_600, 86_400, 86_400 * 30, 86_400 * 1000].randomElement(using: &self) ?? 3_600
        for number in 0..<Int.random(in: 0...60, using: &self) {
            // Many equal times, and a few in the future.
            let age = Duration.seconds(Int.random(in: -spread / 20...spread, using: &self) / 600 * 600)
            let statuses: [RunStatus?] = [.completed, .completed, .failed, .timedOut, .interrupted, .running, nil]
            var run = run(
                ["a", "b", "bb"].randomElement(using: &self) ?? "a",
                at: anchor - age,
                statuses.randomElement(using: &self) ?? nil,
                size: Int64.random(in: 0...200, using: &self),
                name: "n\(number)"
            )
            run.isPinned = chance(10)
            run.isInRunning = chance(15)
            run.isCanonicalForRunning = chance(20)
            run.isMirrored = !chance(5)
            run.isRun = !chance(20)
            if chance(20) { (run.endedAt, run.startedAt) = (nil, nil) }
            scenario.runs.append(run)
        }
        return scenario
    }
}

@Suite struct RetentionPropertyTests {
    private func each(_ seeds: Range<UInt64>, _ check: (Scenario) -> Void) {
        for seed in seeds {
            var generator = SplitMix(seed: seed)
            check(generator.scenario())
        }
    }

    @Test func `the plan of what a plan keeps is empty`() {
        each(0..<1000) { scenario in
            let plan = scenario.policy.plan(runs: scenario.runs, in: scenario.circumstances)
            var after = scenario.circumstances
            after.trashedBytes += plan.removals.reduce(into: 0) { $0 += $1.run.size }
            let again = scenario.policy.plan(runs: plan.kept, in: after)
            #expect(again.going.isEmpty, "\(scenario.policy)")
        }
    }

    @Test func `a plan that does not tell of what stays is the same but for that`() {
        each(2000..<2400) { scenario in
            var circumstances = scenario.circumstances
            if scenario.runs.count.isMultiple(of: 2) { circumstances.triggers = [.policyChanged] }
            var whole = scenario.policy.plan(runs: scenario.runs, in: circumstances)
            whole.decisions.removeAll { $0.verdict == .keep }
            #expect(scenario.policy.plan(runs: scenario.runs, in: circumstances, isTold: false) == whole)
        }
    }

    @Test func `every run gets one decision with a reason that points its way`() {
        each(3000..<3400) { scenario in
            let plan = scenario.policy.plan(runs: scenario.runs, in: scenario.circumstances)
            #expect(Set(plan.decisions.map(\.run)) == Set(scenario.runs))
            #expect(plan.decisions.count == scenario.runs.count)
            for decision in plan.decisions {
                let effects = Set(decision.reasons.map(effect))
                switch decision.verdict {
                case .keep: #expect(effects.isSubset(of: [.protects, .keeps]) && !effects.isEmpty)
                case .remove: #expect(effects.contains(.removes) && !effects.contains(.protects))
                case .hold: Issue.record("nothing triggers the valve here")
                }
            }
        }
    }

    @Test func `nothing that must stay is ever removed`() {
        each(4000..<4700) { scenario in
            let plan = scenario.policy.plan(runs: scenario.runs, in: scenario.circumstances)
            for run in plan.going {
                #expect(run.isRun && !run.isPinned && !run.isInRunning && !run.isCanonicalForRunning)
                #expect(!(scenario.circumstances.hasMirror && scenario.policy.requireMirrored) || run.isMirrored)
                let age = run.time.map { scenario.circumstances.now - $0 } ?? .zero
                #expect(age >= scenario.policy.minAge && run.time != nil)
            }
            for (loop, runs) in Dictionary(grouping: scenario.runs, by: \.loop) {
                let dated = runs.filter { $0.isRun && $0.time.map { $0 <= scenario.circumstances.now } ?? false }
                let kept = plan.kept.filter { $0.loop == loop }
                guard let newest = dated.compactMap(\.time).max() else { continue }
                #expect(kept.contains { $0.time == newest } || runs.contains { ($0.time ?? newest) > newest })
                if case .exactly(let least) = scenario.policy.keepMin {
                    #expect(kept.count >= min(least, dated.count))
                } else {
                    #expect(plan.going.allSatisfy { $0.loop != loop })
                }
            }
        }
    }

    @Test func `raising a number never removes more, as long as no size decides`() {
        each(6000..<6700) { scenario in
            var less = scenario
            less.policy.maxTotalSize = nil
            less.policy.minFreeSpace = nil
            less.policy.retention.maxRuns = nil
            less.policy.overrides = []
            var more = less
            more.policy.keepMin = less.policy.keepMin.raised
            more.policy.retention.keep.last = less.policy.retention.keep.last?.raised
            more.policy.retention.keep.within = less.policy.retention.keep.within.map { $0 + .days(1) }
            more.policy.retention.keep.periods = less.policy.retention.keep.periods.mapValues(\.raised)
            let before = Set(less.policy.plan(runs: less.runs, in: less.circumstances).going)
            let after = Set(more.policy.plan(runs: more.runs, in: more.circumstances).going)
            #expect(after.isSubset(of: before), "\(less.policy)")
        }
    }

    @Test func `as time passes a window alone only ever removes more`() {
        each(8000..<8300) { scenario in
            let policy = bare(KeepRules(within: .days(20)))
            var later = scenario.circumstances
            later.now = later.now + .days(3)
            let runs = scenario.runs.filter { ($0.time ?? later.now) <= scenario.circumstances.now }
            let before = Set(policy.plan(runs: runs, in: scenario.circumstances).going)
            let after = Set(policy.plan(runs: runs, in: later).going)
            #expect(before.isSubset(of: after))
        }
    }
}

/// Which way a reason points.
private enum Effect {
    case protects, keeps, removes, holds
}

private func effect(_ reason: RetentionReason) -> Effect {
    switch reason {
    case .notARun, .inRunning, .nameOfRunInRunning, .pinned, .youngerThanMinAge, .newest, .newestCompleted,
        .amongNewest,
        .inFuture, .timeUnknown, .notMirrored:
        .protects
    case .rule, .noRule: .keeps
    case .noRuleKeeps, .cap: .removes
    case .heldBack: .holds
    }
}

extension RetentionCount {
    fileprivate var raised: RetentionCount {
        switch self {
        case .exactly(let number): .exactly(number + 1)
        case .all: .all
        }
    }
}
