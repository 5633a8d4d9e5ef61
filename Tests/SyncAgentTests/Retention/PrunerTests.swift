import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

@Suite struct PrunerTests {
    @Test func `a removed run lies whole in the trash, with its reasons`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<4).map { try lab.archive(lab.run($0)) }
            let outcome = try lab.prune()
            #expect(outcome.prune.removed.map(\.run.place.description) == runs.prefix(2).map(\.place))
            #expect(outcome.failures.isEmpty)
            #expect(try lab.history == runs.suffix(2).map(\.place))
            let entry = try #require(try lab.trash.entries().first)
            #expect(entry.record.reasons == ["no rule keeps it (last 2 reached)"])
            #expect(entry.record.place.description == runs[0].place)
            let trashed = lab.path(".loopsync/trash/2026-11-18/demo/\(runs[0].runID)")
            #expect(Disk.read("\(trashed)/events.jsonl") == runs[0].events)
            #expect(Disk.read("\(trashed)/state.json") == runs[0].state)
            #expect(try PruneLog(try lab.loops).pruned().map(\.place.description) == runs.prefix(2).map(\.place))
            #expect(try lab.prune().prune == PruneOutcome())
        }
    }

    @Test func `both layouts are pruned and no loop's directory ever goes`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            lab.policy.retention = LoopRetention(maxAge: .seconds(3600))
            let nested = try lab.archive(lab.run(0, loop: "old"))
            try lab.archive(lab.run(5, loop: "old", executor: .b))
            try lab.archive(lab.run(6, loop: "old", executor: .b))
            let outcome = try lab.prune()
            #expect(outcome.prune.removed.count == 2)
            #expect(try lab.history == [lab.run(6, loop: "old", executor: .b).place])
            #expect(Disk.exists(lab.path(".history/old")) && !Disk.exists(lab.path(".history/\(nested.place)")))
        }
    }

    @Test func `a plan alone changes nothing at all`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            for hour in 0..<5 { try lab.archive(lab.run(hour)) }
            let before = TreeSnapshot(of: directory.path(".loops"))
            var inventory = RetentionInventory()
            let prepared = try lab.pass().plan(&inventory, at: lab.reading())
            #expect(prepared.plan.removals.count == 3)
            #expect(TreeSnapshot(of: directory.path(".loops")).differences(to: before).isEmpty)
        }
    }

    private func skipping(_ change: (RetentionLab, SyntheticRun) throws -> Void) throws -> [String] {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            var inventory = RetentionInventory()
            let pass = try lab.pass()
            let prepared = try pass.plan(&inventory, at: lab.reading())
            #expect(prepared.plan.removals.count == 1)
            try change(lab, runs[0])
            let outcome = pass.carryOut(prepared).prune
            #expect(outcome.removed.isEmpty && outcome.failures.isEmpty)
            return outcome.skipped.map(\.reason)
        }
    }

    @Test func `what changed since the plan stays`() throws {
        #expect(
            try skipping { lab, run in try Disk.write("", to: lab.path(".history/\(run.place)/.keep")) }
                == ["it was pinned meanwhile"]
        )
        #expect(
            try skipping { lab, run in
                try Disk.append(
                    #"{"event": "loop_resume", "ts": "2026-11-19T00:00:00+00:00"}"#,
                    to: lab.path(".history/\(run.place)/events.jsonl")
                )
            } == ["it changed meanwhile"]
        )
        #expect(
            try skipping { lab, run in try Disk.write("x", to: lab.path(".history/\(run.place)/SHA256SUMS")) }
                == ["it changed meanwhile"]
        )
        #expect(
            try skipping { lab, run in try Disk.remove(lab.path(".history/\(run.place)")) } == ["it is gone"]
        )
        #expect(
            try skipping { lab, run in try run.write(toRunning: lab.path(".running")) }
                == ["a file of it is in .running"]
        )
        #expect(
            try skipping { lab, run in
                // Another run of the same loop and second: an executor would archive it over this one.
                let other = SyntheticRun(start: run.start, microseconds: 7, output: "other")
                try Disk.makeDirectories(lab.path(".running/sub"))
                try Disk.write(other.state(entered: 1), to: lab.path(".running/sub/x.state.json"))
            } == ["a file of it is in .running"]
        )
    }

    @Test func `a directory that cannot be read stops everything, since nobody knows what runs`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            for hour in 0..<5 { try lab.archive(lab.run(hour)) }
            try Disk.write("", to: lab.path(".running"))
            #expect(throws: PosixError.self) { try lab.prune() }
            #expect(try lab.history.count == 5)
        }
    }

    @Test func `a removal that fails stops its cap and no newer run goes instead`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            lab.policy.retention = LoopRetention(maxRuns: 2)
            let runs = try (0..<5).map { try lab.archive(lab.run($0)) }
            for hour in 0..<4 { try lab.archive(lab.run(hour, loop: "other")) }
            let stubborn = runs[1].runID
            lab.faults.refuse { call, path in
                call == "rename" && path.hasSuffix(".history/demo/\(stubborn)") ? .access : nil
            }
            let outcome = try lab.prune().prune
            #expect(outcome.removed.map(\.run.place.description).filter { $0.hasPrefix("demo") } == [runs[0].place])
            #expect(outcome.removed.count == 3)
            let failure = try #require(outcome.failures.first)
            #expect(failure.stopped == 1)
            #expect(failure.description.hasPrefix("cannot remove demo/\(stubborn): rename "))
            #expect(
                failure.description.hasSuffix(
                    "Permission denied; 1 further runs over the same limit stay too, until this one can go"
                )
            )
            #expect(try lab.history.filter { $0.hasPrefix("demo") } == runs.suffix(4).map(\.place))
            // No note is left behind for a run that did not go.
            #expect(Disk.names(in: lab.path(".loopsync/trash/2026-11-18/demo")).count == 2)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cap that stops costs no search for each run that stays with it`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            lab.policy.retention = LoopRetention(maxRuns: 1)
            let runs = (0...20_000).map { number in
                RetentionRun(
                    place: RunPlace(loop: FileName(literal: "demo"), run: FileName(literal: "run")),
                    loop: "demo",
                    runID: RunID(startedAt: Timestamp(seconds: Int64(number))),
                    status: .completed,
                    endedAt: Timestamp(seconds: Int64(number)),
                    startedAt: nil,
                    size: 1
                )
            }
            let plan = lab.policy.plan(runs: runs, in: .init(now: RetentionLab.now, zone: .utc))
            try Disk.remove(lab.path(".history"))
            try Disk.write("", to: lab.path(".history"))
            let outcome = Pruner(try lab.loops).carryOut(plan)
            #expect(outcome.failures.map(\.stopped) == [19_999])
        }
    }

    @Test func `runs that no rule keeps go for themselves`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<5).map { try lab.archive(lab.run($0)) }
            let stubborn = runs[1].runID
            lab.faults.refuse { call, path in call == "rename" && path.hasSuffix("/\(stubborn)") ? .busy : nil }
            let outcome = try lab.prune().prune
            #expect(outcome.removed.map(\.run.place.description) == [runs[0].place, runs[2].place])
            #expect(outcome.failures.count == 1)
        }
    }

    @Test func `a run that the mirror lacks stays, also when it lost it after the plan`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            let runs = try (0..<4).map { try lab.archive(lab.run($0)) }
            var asked = 0
            lab.isMirrored = { run in
                asked += 1
                // All are there when the plan is made; then one is lost.
                return asked <= 4 || run.place.description != runs[0].place
            }
            let outcome = try lab.prune().prune
            #expect(outcome.skipped.map(\.description) == ["kept \(runs[0].place): the mirror does not hold it"])
            #expect(outcome.removed.count == 1)
            lab.isMirrored = { _ in false }
            #expect(try lab.prune().prune == PruneOutcome())
        }
    }

    @Test func `a loop that is held back stays, and so does the trash, until a person says so`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            for hour in 0..<3 { try lab.archive(lab.run(hour, loop: "small")) }
            try lab.prune()
            #expect(try lab.trash.entries().count == 1)
            for hour in 0..<30 { try lab.archive(lab.run(hour)) }
            lab.policy.retention.keep.last = .exactly(3)
            let later = RetentionLab.now + .seconds(30 * 86_400)
            #expect(try lab.prune(at: later).prune == PruneOutcome())
            #expect(try lab.prune(at: later + .seconds(3600)).prune == PruneOutcome())
            #expect(try lab.trash.entries().count == 1)
            let forced = try lab.prune(at: later + .seconds(7200), isForced: true)
            #expect(forced.prune.removed.count == 27)
            #expect(forced.emptied.count == 1)
            #expect(RetentionState.load(try lab.loops).policy == lab.policy.fingerprint)
        }
    }

    @Test func `a changed policy waits for a person also when the mirror was away at its first plan`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            for hour in 0..<30 { try lab.archive(lab.run(hour)) }
            let later = RetentionLab.now + .seconds(86_400)
            lab.isMirrored = { _ in false }
            try lab.prune(at: later)
            lab.isMirrored = { _ in true }
            #expect(try lab.prune(at: later).prune == PruneOutcome())
            #expect(try lab.history.count == 30)
        }
    }

    @Test func `a jump of the clock waits for a person also when a prune of other loops saw it first`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            lab.policy.retention.keep = KeepRules(within: .seconds(30 * 86_400))
            for hour in 0..<30 { try lab.archive(lab.run(hour)) }
            var reading = lab.reading(RetentionLab.now + .seconds(86_400))
            try lab.prune(at: reading)
            reading.wall = reading.wall + .seconds(400 * 86_400)
            try lab.prune(at: reading, loops: [Glob("nosuch*")])
            #expect(try lab.prune(at: reading).prune == PruneOutcome())
            #expect(try lab.history.count == 30)
        }
    }

    @Test func `a prune of some loops leaves no trace that looks like a loss`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            for hour in 0..<6 { try lab.archive(lab.run(hour)) }
            try lab.prune(at: lab.reading(), loops: [Glob("demo")])
            var inventory = RetentionInventory()
            #expect(try lab.pass().plan(&inventory, at: lab.reading()).plan.triggers == [.policyChanged])
        }
    }

    @Test func `a plan that holds no more removes no further run and settles nothing`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            for hour in 0..<5 { try lab.archive(lab.run(hour)) }
            var inventory = RetentionInventory()
            let pass = try lab.pass()
            var asked = 0
            let outcome = pass.carryOut(try pass.plan(&inventory, at: lab.reading())) {
                asked += 1
                return asked > 1
            }
            #expect(outcome.prune.removed.count == 1)
            #expect(outcome.prune.isCutShort)
            #expect(try lab.history.count == 4)
            let memory = RetentionState.load(try lab.loops)
            #expect(memory.policy == nil)
            #expect(memory.counts == ["demo": 4])
        }
    }

    @Test func `pressure on the disk empties the trash first and then moves the oldest`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            let runs = try (0..<6).map { try lab.archive(lab.run($0)) }
            try lab.prune()
            #expect(try lab.trash.entries().count == 4)
            lab.policy.minFreeSpace = 1 << 40
            lab.faults.setFreeBytes(0)
            let outcome = try lab.prune()
            #expect(outcome.emptied.count == 4)
            // The newest stays whatever the disk says.
            #expect(outcome.prune.removed.map(\.run.place.description) == [runs[4].place])
            #expect(try lab.history == [runs[5].place])
        }
    }

    @Test func `an inventory reads again what changed and forgets what went`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            var inventory = RetentionInventory(isRemembering: true)
            let first = try inventory.map(try lab.loops, \.place.description).answers
            #expect(first == runs.map(\.place))
            try Disk.append(
                #"{"event": "x", "ts": "2030-01-01T00:00:00+00:00"}"# + "\n",
                to: lab.path(".history/\(runs[0].place)/events.jsonl")
            )
            try Disk.remove(lab.path(".history/\(runs[1].place)"))
            let remembered = try inventory.map(try lab.loops, isRefreshing: false, \.place.description).answers
            #expect(Set(remembered) == Set(first))
            let found = try inventory.map(try lab.loops) { $0 }.answers
            #expect(found.map(\.place.description) == [runs[0].place, runs[2].place])
            #expect(found.first?.endedAt == Timestamp(iso: "2030-01-01T00:00:00+00:00"))
        }
    }
}
