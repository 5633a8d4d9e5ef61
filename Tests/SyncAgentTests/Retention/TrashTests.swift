import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import Synchronization
import TestSupport
import Testing

@Suite struct TrashTests {
    private func restore(_ lab: RetentionLab, _ entry: TrashEntry) throws -> RestoreOutcome {
        let loops = try lab.loops
        return try lab.trash.restore(entry, running: try RunningRuns.read(loops), now: RetentionLab.now)
    }

    @Test func `a restored run is where it was, whole and pinned`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            try lab.prune()
            let entry = try #require(try lab.trash.entries().first)
            let outcome = try restore(lab, entry)
            #expect(outcome == .restored(entry.record.place))
            #expect(Disk.read(lab.path(".history/\(runs[0].place)/events.jsonl")) == runs[0].events)
            #expect(Disk.exists(lab.path(".history/\(runs[0].place)/.keep")))
            #expect(try lab.trash.entries().isEmpty)
            #expect(Disk.names(in: lab.path(".loopsync/trash")).isEmpty)
            #expect(try PruneLog(try lab.loops).pruned().isEmpty)
            #expect(try lab.prune().prune == PruneOutcome())
        }
    }

    @Test func `a log that has become longer than it should is read from its end, and shortened with the next line`()
        throws
    {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            try lab.prune()
            let log = lab.path(".loopsync/pruned.jsonl")
            let line = try #require(Disk.read(log))
            let long = Array(String(repeating: "x", count: 1 << 20).utf8) + [UInt8(ascii: "\n")]
            try Disk.write(line + (0..<40).flatMap { _ in long } + line, to: log)
            #expect(try PruneLog(try lab.loops).records().map(\.place.description) == [runs[0].place])
            let entry = try #require(try lab.trash.entries().first)
            #expect(try restore(lab, entry) == .restored(entry.record.place))
            #expect(try PruneLog(try lab.loops).pruned().isEmpty)
            #expect(try #require(Disk.read(log)).count < 10 << 20)
        }
    }

    @Test(arguments: [Executor.a, .b])
    func `where another run has the name, the next one is used`(executor: Executor) throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0, executor: executor)) }
            try lab.prune()
            let other = try lab.archive(lab.run(0, executor: executor, output: "another"))
            try Disk.write(
                SyntheticRun(start: other.start, microseconds: 1, executor: executor).events,
                to: lab.path(".history/\(other.place)/events.jsonl")
            )
            let entry = try #require(try lab.trash.entries().first)
            let outcome = try restore(lab, entry)
            let expected: String
            switch executor {
            case .a: expected = runs[0].place + "-2"
            case .b: expected = SyntheticRun(start: runs[0].start - 1, executor: .b).place
            }
            guard case .restored(let place) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(place.description == expected)
            #expect(Disk.read(lab.path(".history/\(expected)/events.jsonl")) == runs[0].events)
        }
    }

    @Test func `a name that an executor is going to use is left to it`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            try lab.prune()
            try SyntheticRun(start: runs[0].start, microseconds: 9).write(toRunning: lab.path(".running"))
            let entry = try #require(try lab.trash.entries().first)
            let outcome = try restore(lab, entry)
            #expect("\(outcome)".contains(runs[0].runID + "-2"))
            #expect(!Disk.exists(lab.path(".history/\(runs[0].place)")))
        }
    }

    @Test func `a run that was archived again stands once`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            try lab.prune()
            try lab.archive(runs[0])
            let entry = try #require(try lab.trash.entries().first)
            #expect(try restore(lab, entry) == .alreadyThere(entry.record.place))
            #expect(try lab.history.count == 3)
            #expect(Disk.exists(lab.path(".history/\(runs[0].place)/.keep")))
            #expect(try lab.trash.entries().count == 1)
        }
    }

    @Test func `the same run removed twice on one day lies twice in the trash`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            try lab.prune()
            try lab.archive(runs[0])
            try lab.prune()
            #expect(Disk.names(in: lab.path(".loopsync/trash/2026-11-18/demo")).count == 3)
            #expect(Set(try lab.trash.entries().map(\.record.place.description)) == [runs[0].place])
        }
    }

    @Test func `the trash is emptied by the time of removal and never by a file's time`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            for hour in 0..<4 { try lab.archive(lab.run(hour)) }
            try lab.prune()
            let week = Duration.seconds(7 * 86_400)
            #expect(try lab.prune(at: RetentionLab.now + week - .seconds(1)).emptied.isEmpty)
            #expect(try lab.prune(at: RetentionLab.now + week).emptied.count == 2)
            #expect(Disk.names(in: lab.path(".loopsync/trash")).isEmpty)
        }
    }

    @Test func `looking for what is due reads nothing of younger days`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            for hour in 0..<4 { try lab.archive(lab.run(hour)) }
            try lab.prune()
            // Were the note read, it would make the run an old one.
            let note = lab.path(".loopsync/trash/2026-11-18/demo/pruned.jsonl")
            let text = String(decoding: try #require(Disk.read(note)), as: UTF8.self)
            try Disk.write(text.replacing("\"time\": \"2026-11-18", with: "\"time\": \"2000-01-01"), to: note)
            let midnight = try #require(Timestamp(iso: "2026-11-18T00:00:00+00:00"))
            #expect(try lab.trash.entries(removedBefore: midnight.adding(seconds: -1)).isEmpty)
            #expect(try lab.trash.entries(removedBefore: midnight).count == 2)
            #expect(try lab.trash.entries().count == 2)
        }
    }

    @Test func `a clock that jumps ahead does not empty the trash`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            for hour in 0..<3 { try lab.archive(lab.run(hour)) }
            try lab.prune()
            let pass = try lab.pass()
            var inventory = RetentionInventory()
            var reading = lab.reading()
            reading.wall = reading.wall + .seconds(400 * 86_400)
            for (step, expected) in [(0, 0), (6, 0), (7, 1)] {
                var now = reading
                now.wall = now.wall + .seconds(step * 86_400)
                now.sinceBoot += .seconds(step * 86_400)
                #expect(pass.carryOut(try pass.plan(&inventory, at: now)).emptied.count == expected)
            }
        }
    }

    @Test func `without rules the trash is guarded by the same clock`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            for hour in 0..<4 { try lab.archive(lab.run(hour)) }
            try lab.prune()
            lab.policy.retention = LoopRetention()
            var reading = lab.reading()
            reading.wall = reading.wall + .seconds(30 * 86_400)
            #expect(try lab.prune(at: reading).emptied.isEmpty)
            reading.wall = reading.wall + .seconds(7 * 86_400)
            reading.sinceBoot += .seconds(7 * 86_400)
            #expect(try lab.prune(at: reading).emptied.count == 2)
        }
    }

    @Test func `the mirror's trash waits for the same clock and the same person`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            for hour in 0..<3 { try lab.archive(lab.run(hour)) }
            var inventory = RetentionInventory()
            var asked: [Timestamp] = []
            func prune(at reading: ClockReading, isRefreshing: Bool = true) throws {
                let pass = RetentionPass(
                    try lab.loops,
                    policy: lab.policy,
                    zone: .utc,
                    emptyMirrorTrash: { time in
                        asked.append(time)
                        return MirrorTrash.Emptied()
                    }
                )
                _ = pass.carryOut(try pass.plan(&inventory, at: reading, isRefreshing: isRefreshing))
            }
            let week = Duration.seconds(7 * 86_400)
            try prune(at: lab.reading())
            #expect(asked == [RetentionLab.now - week])
            try prune(at: lab.reading(), isRefreshing: false)
            #expect(asked.count == 1)
            var jump = lab.reading()
            jump.wall = jump.wall + .seconds(30 * 86_400)
            try prune(at: jump)
            lab.policy.retention = LoopRetention()
            try prune(at: jump)
            #expect(asked.count == 1)
            for hour in 0..<30 { try lab.archive(lab.run(hour, loop: "many")) }
            lab.policy.retention.keep.last = .exactly(1)
            try prune(at: lab.reading(jump.wall + week))
            #expect(asked.count == 1)
        }
    }

    @Test func `where nothing was ever removed a pass without rules writes nothing`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            lab.policy.retention = LoopRetention()
            try lab.archive(lab.run(0))
            try lab.prune()
            #expect(!Disk.exists(lab.path(".loopsync")))
            #expect(try lab.pass().isIdle())
        }
    }

    @Test func `a history on another file system has its trash there`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            try Disk.remove(lab.path(".history"))
            let elsewhere = "/dev/shm/loopsync-\(WallClock.now().microseconds)"
            try Disk.makeDirectories(elsewhere)
            defer { try? Disk.remove(elsewhere) }
            #expect(symlink(elsewhere, lab.path(".history")) == 0)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            #expect(try lab.prune().prune.removed.count == 1)
            #expect(Disk.exists("\(elsewhere)/.loopsync/trash/2026-11-18/demo/\(runs[0].runID)/events.jsonl"))
            #expect(try lab.history.count == 2)
            try RunArchiver(loops: try lab.loops, process: 1).discardStaging()
            let entry = try #require(try lab.trash.entries().first)
            #expect(try restore(lab, entry) == .restored(entry.record.place))
            #expect(try lab.history.count == 3)
        }
    }

    @Test func `a rename that the system calls a crossing of devices goes inside the history`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            for hour in 0..<3 { try lab.archive(lab.run(hour)) }
            // Only the first rename: the second one has a target inside the history.
            let renames = CallCounter()
            lab.faults.refuse { call, path in
                guard call == "rename", path.contains(".history/demo/") else { return nil }
                return renames.next() == 1 ? .crossDevice : nil
            }
            #expect(try lab.prune().prune.removed.count == 1)
            #expect(try lab.trash.entries().map(\.area) == [.insideHistory])
            #expect(try lab.history.count == 2)
        }
    }

    // MARK: Kills

    /// Every run's events, wherever it stands as a run.
    private func everywhere(_ lab: RetentionLab) throws -> [[UInt8]] {
        let trashed = try lab.trash.entries().map { entry in
            lab.path(".loopsync/trash/\(entry.description)/events.jsonl")
        }
        let archived = try lab.history.map { lab.path(".history/\($0)/events.jsonl") }
        return (trashed + archived).compactMap(Disk.read)
    }

    @Test func `killed at any call, a prune loses nothing and the next one completes it`() throws {
        var killedAt = 0
        var isThrough = false
        while !isThrough {
            try TemporaryDirectory.with { directory in
                let lab = try RetentionLab(directory)
                let runs = try (0..<4).map { try lab.archive(lab.run($0)) }
                lab.faults.kill(after: killedAt)
                _ = try? lab.prune()
                isThrough = lab.faults.calls < killedAt
                lab.faults.kill(after: .max)
                #expect(Set(try everywhere(lab)) == Set(runs.map(\.events)), "killed after \(killedAt)")
                #expect(try everywhere(lab).count == 4, "killed after \(killedAt)")
                try lab.prune()
                #expect(try lab.history == runs.suffix(2).map(\.place), "killed after \(killedAt)")
                #expect(
                    try PruneLog(try lab.loops).pruned().map(\.place.description) == runs.prefix(2).map(\.place),
                    "killed after \(killedAt)"
                )
            }
            killedAt += 1
        }
        #expect(killedAt > 20)
    }

    @Test func `killed at any call, a restore loses nothing and the next one completes it`() throws {
        var killedAt = 0
        var isThrough = false
        while !isThrough {
            try TemporaryDirectory.with { directory in
                let lab = try RetentionLab(directory)
                let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
                try lab.prune()
                let entry = try #require(try lab.trash.entries().first)
                lab.faults.kill(after: killedAt)
                _ = try? restore(lab, entry)
                isThrough = lab.faults.calls < killedAt
                lab.faults.kill(after: .max)
                #expect(try everywhere(lab).count == 3, "killed after \(killedAt)")
                if let rest = try lab.trash.entries().first { _ = try restore(lab, rest) }
                #expect(try lab.history == runs.map(\.place))
                #expect(try lab.prune().prune == PruneOutcome())
                // What a kill left of the notes goes with the next emptying.
                _ = try lab.trash.deleteAll(lab.trash.entries())
                #expect(Disk.names(in: lab.path(".loopsync/trash")).isEmpty)
            }
            killedAt += 1
        }
        #expect(killedAt > 6)
    }

    @Test func `killed at any call, a deletion leaves whole runs or none`() throws {
        var killedAt = 0
        var isThrough = false
        while !isThrough {
            try TemporaryDirectory.with { directory in
                let lab = try RetentionLab(directory)
                let runs = try (0..<4).map { try lab.archive(lab.run($0)) }
                try lab.prune()
                lab.faults.kill(after: killedAt)
                _ = try? lab.trash.deleteAll(lab.trash.entries())
                isThrough = lab.faults.calls < killedAt
                lab.faults.kill(after: .max)
                for entry in try lab.trash.entries() {
                    let events = Disk.read(lab.path(".loopsync/trash/\(entry.description)/events.jsonl"))
                    #expect(runs.contains { $0.events == events }, "killed after \(killedAt)")
                }
                let (_, failures) = try lab.trash.deleteAll(lab.trash.entries())
                #expect(failures.isEmpty)
                #expect(Disk.names(in: lab.path(".loopsync/trash")).isEmpty, "killed after \(killedAt)")
            }
            killedAt += 1
        }
        #expect(killedAt > 10)
    }
}

private final class CallCounter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
