import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("setting a run's files aside")
struct SetAsideTests {
    private let lab: ArchiveLab
    private let persistence: StatePersistence
    private let run = SyntheticRun()

    init() throws {
        lab = try ArchiveLab()
        persistence = StatePersistence(loopName: JSONString(run.loop), loopsDirectory: lab.loops)
    }

    private var names: [String] { Disk.names(in: lab.running).sorted() }

    /// Does what the next run's start does after a kill between the two renames: the events have gone, the state has not.
    private func moveEventsOnly() throws -> String {
        try run.write(toRunning: lab.running)
        let stem = try #require(try persistence.setAside()).description
        try Disk.move("\(lab.running)/\(stem).state.json", to: "\(lab.running)/\(run.loop).state.json")
        return stem
    }

    @Test func `gives both files one stem with the start in it, and leaves nothing where there is nothing`() throws {
        #expect(try persistence.setAside() == nil)
        try run.write(toRunning: lab.running)
        let stem = try #require(try persistence.setAside()).description
        #expect(stem.hasPrefix("\(run.loop)-2026"))
        #expect(names == ["\(stem).events.jsonl", "\(stem).state.json"])
        #expect(Disk.read("\(lab.running)/\(stem).events.jsonl") == run.events)
        #expect(Disk.read("\(lab.running)/\(stem).state.json") == run.state)
    }

    @Test func `puts a state beside its events where its executor was killed between the two renames`() throws {
        let stem = try moveEventsOnly()
        #expect(try persistence.setAside()?.description == stem)
        #expect(names == ["\(stem).events.jsonl", "\(stem).state.json"])
    }

    @Test func `puts no state beside the events of another run of its second`() throws {
        let stem = try moveEventsOnly()
        let later = SyntheticRun(microseconds: 900_000)
        try Disk.write(later.state, to: "\(lab.running)/\(run.loop).state.json")
        let other = try #require(try persistence.setAside()).description
        #expect(other != stem)
        #expect(names == ["\(other).state.json", "\(stem).events.jsonl"].sorted())
    }

    @Test func `takes the next second where two runs of one have the same name`() throws {
        try run.write(toRunning: lab.running)
        let first = try #require(try persistence.setAside()).description
        try SyntheticRun(microseconds: 900_000).write(toRunning: lab.running)
        let second = try #require(try persistence.setAside()).description
        #expect(first != second)
        #expect(names.count == 4)
        #expect(Disk.read("\(lab.running)/\(first).events.jsonl") == run.events)
    }
}
