import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

@Suite struct MirrorRestoreTests {
    private typealias Lab = ArchiveMirrorLab

    private func mirrored() throws -> (Lab, SyntheticRun, RunPlace) {
        let lab = try Lab()
        let run = Lab.run(0)
        let place = try lab.archive(run)
        lab.work()
        return (lab, run, place)
    }

    private func restore(_ place: RunPlace, _ lab: Lab) throws -> MirrorRestoreOutcome {
        MirrorRestore(into: try lab.base.loops(), process: 7).restore(place, from: lab.root, now: lab.base.now)
    }

    @Test func `a lost run comes back byte for byte, pinned`() throws {
        let (lab, _, place) = try mirrored()
        try Disk.remove(lab.history)
        #expect(try restore(place, lab) == .restored(place))
        #expect(Disk.exists("\(lab.history)/\(place)/.keep"))
        try Disk.remove("\(lab.history)/\(place)/.keep")
        #expect(lab.isSame)
        #expect(Disk.names(in: lab.base.loopsPath + "/.loopsync/staging").isEmpty)
    }

    @Test func `a pruned run that came back from the mirror counts as pruned no more`() throws {
        let (lab, _, place) = try mirrored()
        let loops = try lab.base.loops()
        let run = try #require(try HistoryScan.read(place, in: lab.base.directory(lab.history)))
        try PruneLog(loops).append(PruneRecord(.pruned, run, time: lab.base.now, reasons: []))
        try Disk.remove(lab.history)
        lab.base.now = lab.base.now + .seconds(1)
        #expect(try PruneLog(loops).pruned().map(\.place) == [place])
        #expect(try restore(place, lab) == .restored(place))
        #expect(try PruneLog(loops).pruned().isEmpty)
    }

    @Test func `a run that is there stays as it is`() throws {
        let (lab, _, place) = try mirrored()
        try Disk.append("more\n", to: "\(lab.history)/\(place)/events.jsonl")
        let before = TreeSnapshot(of: lab.history)
        #expect(try restore(place, lab) == .taken)
        #expect(TreeSnapshot(of: lab.history) == before)
    }

    @Test func `a damaged copy is not restored`() throws {
        let (lab, _, place) = try mirrored()
        try Disk.remove(lab.history)
        try Disk.append("x", to: "\(lab.copies)/\(place)/events.jsonl")
        #expect(try restore(place, lab) == .damaged(.events))
        #expect(Disk.names(in: lab.history).isEmpty)
        #expect(Disk.names(in: lab.base.loopsPath + "/.loopsync/staging").isEmpty)
    }

    @Test func `what executors would take for a loop of the project does not come from the mirror`() throws {
        let (lab, _, place) = try mirrored()
        try Disk.remove(lab.history)
        try Disk.write("name: evil\n", to: "\(lab.copies)/\(place)/evil.yaml")
        let sums = try SumsFile.computed(for: lab.base.directory("\(lab.copies)/\(place)"))
        try Disk.write(sums.serialized(), to: "\(lab.copies)/\(place)/SHA256SUMS")
        #expect(try restore(place, lab) == .foreign(FileName(literal: "evil.yaml")))
        #expect(Disk.names(in: lab.history).isEmpty)
    }

    @Test func `what the mirror lacks cannot come back`() throws {
        let (lab, _, place) = try mirrored()
        try Disk.remove(lab.history)
        try Disk.remove("\(lab.copies)/\(place)/SHA256SUMS")
        #expect(try restore(place, lab) == .absent)
    }
}
