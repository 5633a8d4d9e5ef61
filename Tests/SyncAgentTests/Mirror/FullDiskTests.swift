import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

/// A sync directory on a disk that takes no more: what is tried again there leaves nothing behind.
@Suite struct FullDiskTests {
    private typealias Lab = ArchiveMirrorLab

    private let lab: Lab
    private let faults = Faults()

    init() throws {
        lab = try Lab()
        lab.root = FaultyDirectory(lab.root, faults)
    }

    /// Everything that is staged in the mirror, of all processes.
    private var staged: [String] {
        let scratch = lab.base.mirrorPath + "/.loopsync-tmp"
        return Disk.names(in: scratch).flatMap { Disk.names(in: "\(scratch)/\($0)") }
    }

    private func work(attempts: Int) {
        for _ in 0..<attempts {
            lab.base.now = lab.base.now + .seconds(61)
            lab.work()
        }
    }

    @Test(arguments: [("write", "events.jsonl"), ("create", "SHA256SUMS"), ("mkdir", ".history/demo"), ("fsync", "")])
    func `attempts that fail leave nothing, and the run comes when there is room`(_ refused: (String, String)) throws {
        try lab.archive(Lab.run(0))
        let (call, end) = refused
        faults.refuse { $0 == call && $1.hasSuffix(end) ? .noSpace : nil }
        work(attempts: 5)
        #expect(lab.outcomes.count > 0 && !lab.mirror.isUpToDate)
        #expect(staged.isEmpty)
        faults.refuse { _, _ in nil }
        work(attempts: 1)
        #expect(lab.mirror.isUpToDate && lab.isSame && staged.isEmpty)
    }

    @Test func `a copy that cannot be replaced stays as it was, also where directories cannot change places`() throws {
        let place = try lab.archive(Lab.run(0))
        lab.work()
        let before = TreeSnapshot(of: lab.copies)
        let exchanges = Faults { operation in
            if operation.rename == .exchanging { return .fail(.invalid) }
            let isPublishing = operation.call == "rename" && operation.path.hasSuffix("/run-2")
            return isPublishing ? .fail(.noSpace) : .proceed
        }
        lab.root = FaultyDirectory(try lab.base.directory(lab.base.mirrorPath), exchanges)
        try lab.archive(Lab.run(0, states: 5))
        lab.mirror.archived(place)
        lab.work()
        #expect(TreeSnapshot(of: lab.copies) == before)
        #expect(staged.isEmpty)
        work(attempts: 1)
        #expect(lab.isSame && staged.isEmpty)
    }

    @Test func `what an earlier mirror of the same process could not remove goes before the first run`() throws {
        try lab.archive(Lab.run(0))
        faults.refuse { call, path in
            call == "write" && path.hasSuffix("events.jsonl") || call == "rmdir" ? .inputOutput : nil
        }
        work(attempts: 3)
        #expect(!staged.isEmpty)
        let left = try #require(Disk.names(in: lab.base.mirrorPath + "/.loopsync-tmp").first)
        lab.mirror = ArchiveMirror(
            loops: try lab.base.loops(),
            scratch: MirrorScratch(machine: "m", process: 1),
            filter: .all,
            deletions: .keep
        )
        faults.refuse { _, _ in nil }
        lab.work()
        #expect(lab.isSame)
        #expect(Disk.names(in: lab.base.mirrorPath + "/.loopsync-tmp") == [left] && staged.isEmpty)
    }
}
