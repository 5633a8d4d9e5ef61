import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import Synchronization
import TestSupport
import Testing

/// One pass over the mirror: whatever is not there in the end has a row that says why.
@Suite struct MirrorPassTests {
    private let lab: ArchiveMirrorLab

    init() throws {
        lab = try ArchiveMirrorLab()
        try Disk.remove(lab.base.mirrorPath)
    }

    /// Where the mirror of this machine stands.
    private var mirrorPath: String { "\(lab.base.syncPath)/\(HostName.current)/app" }

    /// A pass whose clock goes on by a second whenever it is looked at, so that no patience takes long.
    private func pass() throws -> MirrorPass {
        let seconds = Mutex<Int64>(0)
        let start = lab.base.now
        let pass = MirrorPass(
            loops: try lab.base.loops(),
            path: lab.base.loopsPath,
            settings: MirrorSettings(to: lab.base.syncPath),
            process: 4711,
            clock: {
                let passed = seconds.withLock { count in
                    count += 1
                    return count
                }
                return Moment(wall: start.adding(seconds: passed), steady: passed * 1000)
            }
        )
        guard let pass else { throw TestSupportError("no pass") }
        return pass
    }

    private func reasons(_ rows: [MirrorPass.Row]) -> [RunPlace?: String] {
        let failed = rows.compactMap { row -> (RunPlace?, String)? in
            guard case .failed(let reason) = row.result else { return nil }
            return (row.place, reason)
        }
        return Dictionary(failed) { "\($0)\n\($1)" }
    }

    @Test func `a run that differs from its sums to the end of all patience has a row`() throws {
        let place = try lab.archive(ArchiveMirrorLab.run(0))
        try lab.archive(ArchiveMirrorLab.run(1))
        try Disk.append("torn", to: "\(lab.history)/\(place)/events.jsonl")
        let pass = try pass()
        #expect(pass.open() == nil)
        let rows = pass.run()
        #expect(rows.count == 2)
        #expect(Array(reasons(rows).keys) == [place])
        #expect(reasons(rows)[place]?.contains("differs from its SHA256SUMS") == true)
    }

    @Test func `a run that cannot be read has a row, in a dry run too, and counts as not mirrored`() throws {
        let place = try lab.archive(ArchiveMirrorLab.run(0))
        try lab.archive(ArchiveMirrorLab.run(1))
        let pass = try pass()
        #expect(pass.open() == nil)
        #expect(pass.run().count == 2)
        let history = try lab.base.directory(lab.history)
        let run = try #require(try HistoryScan.read(place, in: history))
        #expect(pass.holder()(run))
        let copy = "\(mirrorPath)/.history/\(place)/SHA256SUMS"
        #expect(truncate(copy, SumsFile.limit + 1) == 0)
        for rows in [try pass.preview(), pass.run()] {
            #expect(rows.count == 1)
            #expect(reasons(rows)[place]?.contains("SHA256SUMS") == true)
        }
        #expect(!pass.holder()(run))
    }

    @Test func `a comparison that never comes to its end has a row`() throws {
        try lab.archive(ArchiveMirrorLab.run(0))
        let pass = try pass()
        #expect(pass.open() == nil)
        try Disk.remove(mirrorPath + "/.history")
        try Disk.write("", to: mirrorPath + "/.history")
        let rows = pass.run()
        #expect(rows.count == 1)
        #expect(reasons(rows)[nil]?.contains(".history") == true)
    }
}
