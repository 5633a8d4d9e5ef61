import Logging
import LoopModel
import SyncCore
import TestSupport
import Testing

@testable import SyncAgent

@Suite struct PruneWorkTests {
    /// Work over five old runs by a policy that keeps two.
    private func work(_ lab: RetentionLab) throws -> HistoryWork {
        var configuration = Configuration()
        configuration.retention = lab.policy
        return HistoryWork(
            keeper: RunKeeper(loops: try lab.loops),
            configuration: configuration,
            zone: .utc,
            owner: .current(loopsPath: lab.path("")),
            environment: .system(process: 1),
            clocks: ClockReading.now
        )
    }

    private func archive(_ lab: RetentionLab) throws {
        for number in 0..<5 { try lab.archive(SyntheticRun(start: 1_700_000_000 + number * 3600)) }
    }

    @Test func `work by settings that hold no more removes nothing`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            try archive(lab)
            let old = try work(lab)
            old.end()
            #expect(old.prune(isRefreshing: true).pruned == 0)
            #expect(old.adopt(isWanted: { false }, clock: SystemClock.now).0.lines.isEmpty)
            #expect(try lab.history.count == 5)
            #expect(try work(lab).prune(isRefreshing: true).pruned == 3)
        }
    }

    @Test func `what goes from the trash for good is told`() throws {
        try TemporaryDirectory.with { directory in
            var lab = try RetentionLab(directory)
            try archive(lab)
            lab.policy.trashFor = .zero
            let lines = try work(lab).prune(isRefreshing: true).lines.map(\.text)
            #expect(lines.count { $0.hasPrefix("pruned demo/") } == 3)
            #expect(lines.count { $0.hasPrefix("deleted for good: demo/") } == 3)
        }
    }

    @Test func `a schedule tells what the work of earlier settings did and asks for nothing more because of it`() throws
    {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let (old, new) = (try work(lab), try work(lab))
            var asked: [HistorySchedule.Piece] = []
            let schedule = HistorySchedule(
                work: new,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                isLive: false,
                submit: { piece, _ in asked.append(piece) },
                at: SystemClock.now()
            )
            schedule.archived()
            #expect(asked == [.adopt, .mirror, .prune(isRefreshing: true), .catalogue])
            var report = HistoryWork.Report()
            report.pruned = 1
            report.problems = ["prune demo": "held back"]
            schedule.hear(.prune(isRefreshing: false), report, of: old, next: nil)
            #expect(schedule.pruned == 1)
            #expect(schedule.problems.isEmpty && asked.count == 4)
            schedule.hear(.prune(isRefreshing: true), report, of: new, next: nil)
            #expect(schedule.problems == report.problems)
            #expect(asked.last == .prune(isRefreshing: false))
        }
    }

    @Test func `after a pass that took its time the next one waits for its rest, however many runs end`() throws {
        try TemporaryDirectory.with { directory in
            let work = try work(try RetentionLab(directory))
            var passes = 0
            let start = SystemClock.now()
            let schedule = HistorySchedule(
                work: work,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                isLive: false,
                submit: { piece, _ in if case .prune = piece { passes += 1 } },
                at: start
            )
            schedule.hear(.prune(isRefreshing: true), HistoryWork.Report(), of: work, next: start.steady + 60_000)
            for _ in 0..<5 { schedule.archived() }
            #expect(passes == 1)
            #expect(schedule.nextDeadline == start.steady + 60_000)
            var later = start
            later.steady += 60_000
            schedule.attend(at: later)
            #expect(passes == 2)
            schedule.hear(.prune(isRefreshing: false), HistoryWork.Report(), of: work, next: nil)
            #expect(passes == 2)
            schedule.archived()
            #expect(passes == 3)
        }
    }
}
