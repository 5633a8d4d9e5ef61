import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

/// Runs that cannot be read, and failures that stay: all other runs are mirrored, and nobody is told that all is well.
@Suite struct UnreadableRunTests {
    private typealias Lab = ArchiveMirrorLab

    /// Sums that are too large to be read, which fails for the superuser too.
    private func spoil(_ directory: String) throws {
        let sums = "\(directory)/SHA256SUMS"
        #expect(truncate(sums, SumsFile.limit + 1) == 0)
    }

    @Test func `a run that cannot be read keeps no other from the mirror, and is tried again when it can be`() throws {
        let lab = try Lab()
        let place = try lab.archive(Lab.run(0))
        for number in 1..<4 { try lab.archive(Lab.run(number)) }
        try spoil("\(lab.history)/\(place)")
        #expect(lab.work().count == 3)
        #expect(lab.mirror.failures.keys.sorted() == [place])
        #expect(lab.mirror.isSettled && !lab.mirror.isUpToDate)
        #expect(lab.mirror.nextWork(now: lab.base.now) == nil)
        try lab.seal("\(place)")
        lab.mirror.rescan()
        #expect(lab.work().count == 1)
        #expect(lab.mirror.isUpToDate && lab.isSame)
    }

    @Test func `a copy that cannot be read counts as mirrored no more`() throws {
        let lab = try Lab()
        let place = try lab.archive(Lab.run(0))
        lab.work()
        let sums = try lab.sums("\(place)")
        #expect(lab.mirror.isMirrored(place, sums: sums))
        try spoil("\(lab.copies)/\(place)")
        #expect(try lab.mirror.plan(in: lab.root).unreadable.keys.sorted() == [place])
        lab.mirror.rescan()
        #expect(lab.work().isEmpty)
        #expect(!lab.mirror.isMirrored(place, sums: sums))
        #expect(lab.mirror.failures[place] != nil)
    }

    @Test func `runs of a loop that cannot be looked into did not vanish, and somebody hears of it`() throws {
        let lab = try Lab()
        let place = try lab.archive(Lab.run(0))
        try lab.archive(Lab.run(1, loop: "other"))
        lab.work()
        let faults = Faults()
        faults.refuseLooks { _, path in path.hasSuffix("/.history/demo") ? .access : nil }
        let mirror = ArchiveMirror(
            loops: LoopsDirectory(root: FaultyDirectory(try lab.base.directory(lab.base.loopsPath), faults)),
            scratch: MirrorScratch(machine: "m", process: 3),
            filter: .all,
            deletions: .keep
        )
        lab.mirror = mirror
        lab.work()
        let hidden = RunPlace(flat: FileName(literal: "demo"))
        #expect(mirror.failures.keys.sorted() == [hidden, place].sorted())
        #expect(mirror.failures[hidden]?.hasSuffix("/.history/demo: Permission denied") == true)
        #expect(mirror.takeNotices().isEmpty)
    }

    @Test func `another process's lock on the mirror is waited for and not asked for in a circle`() throws {
        let lab = try Lab()
        try lab.archive(Lab.run(0))
        let lock = try lab.base.loops().own().createFile(FileName(literal: "mirror.lock"), mode: 0o600)
        #expect(try lock.tryLock())
        lab.work()
        // Two to compare; the rest is as often as the lab tries.
        #expect(lab.outcomes.count < 30)
        #expect(lab.mirror.nextDeadline(now: lab.base.now) == lab.base.now + .seconds(60))
    }
}
