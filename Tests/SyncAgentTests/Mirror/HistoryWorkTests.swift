import Glibc
import Logging
import LoopModel
import LoopStore
import SyncCore
import TestSupport
import Testing

@testable import SyncAgent

/// What a running agent does with its history hour by hour, with the clock in the test's hands.
@Suite struct HistoryWorkTests {
    /// An agent's schedule whose pieces are done one after the other, when the test says so.
    private final class Lab {
        let base: MirrorLab
        let work: HistoryWork
        private var schedule: HistorySchedule?
        private let pieces = Pieces()
        private var steady: Int64 = 0

        init(deletions: MirrorDeletions = .keep, keepLast: Int? = nil) throws {
            base = try MirrorLab()
            var configuration = Configuration()
            configuration.mirror = MirrorSettings(to: base.syncPath, deletions: deletions)
            if let keepLast {
                configuration.retention = RetentionPolicy(
                    minAge: .zero,
                    keepMin: .exactly(0),
                    retention: LoopRetention(keep: KeepRules(last: .exactly(keepLast)))
                )
            }
            work = HistoryWork(
                keeper: RunKeeper(loops: try base.loops()),
                configuration: configuration,
                zone: .utc,
                owner: .current(loopsPath: base.loopsPath),
                environment: .system(process: getpid()),
                clocks: ClockReading.now
            )
        }

        var history: String { "\(base.loopsPath)/.history" }
        var mirror: String { "\(base.syncPath)/\(HostName.current)/app" }

        /// Archives a run that began some days after another.
        @discardableResult
        func archive(_ day: Int) throws -> String {
            let run = SyntheticRun(start: 1_700_000_000 + day * 86_400)
            try run.write(toHistory: history)
            let path = "\(history)/\(run.place)"
            try Disk.write(try SumsFile.computed(for: base.directory(path)).serialized(), to: "\(path)/SHA256SUMS")
            return run.place
        }

        func start() {
            let pieces = pieces
            schedule = HistorySchedule(
                work: work,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                isLive: false,
                submit: { piece, _ in pieces.waiting.append(piece) },
                at: Moment(wall: SystemClock.wall(), steady: steady)
            )
            finish()
        }

        /// Tells that a run stands in the history, without a change by the one who tells; whether that is news.
        func tell(_ place: String) throws -> Bool {
            let names = try place.split(separator: "/").map { try #require(FileName(Array($0.utf8))) }
            let place = names.count == 2 ? RunPlace(loop: names[0], run: names[1]) : RunPlace(flat: names[0])
            let isNews = work.took(.archived(place, change: .unchanged, conflicts: [], moved: []))
            if isNews { schedule?.mirrorSoon() }
            finish()
            return isNews
        }

        func pass(milliseconds: Int64) {
            steady += milliseconds
            schedule?.attend(at: Moment(wall: SystemClock.wall(), steady: steady))
            finish()
        }

        private func finish() {
            while !pieces.waiting.isEmpty {
                let piece = pieces.waiting.removeFirst()
                switch piece {
                case .adopt:
                    let (report, _) = work.adopt(isWanted: { false }, clock: SystemClock.now)
                    schedule?.hear(piece, report, of: work, next: nil)
                case .mirror:
                    let (report, _) = work.mirror(isWanted: { false }, clock: SystemClock.now)
                    schedule?.hear(piece, report, of: work, next: nil)
                case .prune(let isRefreshing):
                    schedule?.hear(piece, work.prune(isRefreshing: isRefreshing), of: work, next: nil)
                case .catalogue:
                    let (report, next) = work.refreshCatalogue(isWanted: { false }, clock: SystemClock.now)
                    schedule?.hear(piece, report, of: work, next: next)
                }
            }
        }
    }

    private final class Pieces {
        var waiting: [HistorySchedule.Piece] = []
    }

    @Test func `what somebody removed from the mirror is there again after an hour, and not looked for before`() throws
    {
        let lab = try Lab()
        let places = try (0..<3).map { try lab.archive($0) }
        lab.start()
        for place in places { #expect(Disk.exists("\(lab.mirror)/.history/\(place)")) }
        try Disk.remove("\(lab.mirror)/.history/\(places[1])")
        lab.pass(milliseconds: HistorySchedule.hour - 1)
        #expect(!Disk.exists("\(lab.mirror)/.history/\(places[1])"))
        lab.pass(milliseconds: 1)
        #expect(TreeSnapshot(of: lab.history) == TreeSnapshot(of: "\(lab.mirror)/.history"))
    }

    /// A one-shot archived it, or an attempt that failed after that.
    @Test
    func `a run that changed without anybody's telling is mirrored when it is met, and what is mirrored is no news`()
        throws
    {
        let lab = try Lab()
        let places = try (0..<2).map { try lab.archive($0) }
        #expect(try !lab.tell(places[0]), "before the first comparison, which sees it")
        lab.start()
        #expect(try !lab.tell(places[0]))
        let path = "\(lab.history)/\(places[0])"
        try Disk.append("{\"event\": \"more\"}\n", to: "\(path)/events.jsonl")
        try Disk.write(try SumsFile.computed(for: lab.base.directory(path)).serialized(), to: "\(path)/SHA256SUMS")
        let fresh = try lab.archive(2)
        #expect(try lab.tell(places[0]))
        #expect(try lab.tell(fresh))
        #expect(TreeSnapshot(of: lab.history) == TreeSnapshot(of: "\(lab.mirror)/.history"))
        #expect(try !lab.tell(fresh))
    }

    @Test func `a run that the mirror lost without anybody's telling is not pruned`() throws {
        let lab = try Lab(keepLast: 2)
        let places = try (0..<2).map { try lab.archive($0) }
        lab.start()
        try Disk.remove("\(lab.mirror)/.history/\(places[0])")
        try lab.archive(2)
        #expect(lab.work.prune(isRefreshing: true).pruned == 0)
        #expect(Disk.exists("\(lab.history)/\(places[0])"))
        // An hour later the mirror has it again, and then it may go.
        lab.pass(milliseconds: HistorySchedule.hour)
        #expect(!Disk.exists("\(lab.history)/\(places[0])"))
        #expect(Disk.exists("\(lab.mirror)/.history/\(places[0])"))
    }

    @Test(arguments: [MirrorDeletions.keep, .follow])
    func `where deletions follow, the mirror hears of a prune at once`(_ deletions: MirrorDeletions) throws {
        let lab = try Lab(deletions: deletions, keepLast: 1)
        let old = try lab.archive(0)
        try lab.archive(1)
        lab.start()
        #expect(!Disk.exists("\(lab.history)/\(old)"))
        #expect(Disk.exists("\(lab.mirror)/.history/\(old)") == (deletions == .keep))
    }

    @Test func `after pruning nothing in the sync directory is held open`() throws {
        let lab = try Lab(keepLast: 1)
        for day in 0..<3 { try lab.archive(day) }
        lab.start()
        try lab.archive(3)
        _ = lab.work.prune(isRefreshing: true)
        #expect(lab.base.descriptors == 0)
    }
}
