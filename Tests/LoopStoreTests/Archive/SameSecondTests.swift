import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("runs of one second")
struct SameSecondTests {
    /// Runs that start within one second, as executors make them.
    private func runs(_ count: Int, _ executor: Executor) -> [SyntheticRun] {
        (0..<count).map { index in
            SyntheticRun(microseconds: 100_000 + index, executor: executor, output: "run \(index)")
        }
    }

    @Test func `nested, the run that its executor will archive gets the name and the others step aside`() throws {
        let lab = try ArchiveLab()
        var expected: [[UInt8]] = []
        for (index, run) in runs(4, .a).enumerated() {
            try run.write(toRunning: lab.running)
            let done = try lab.archived(lab.source(run))
            #expect(done.place == run.place)
            #expect(done.moved == (index == 0 ? [] : ["\(run.place) -> \(run.place)-\(index + 1)"]))
            expected.append(run.events)
        }
        let found = ["", "-2", "-3", "-4"].map { lab.tree["\(SyntheticRun().place)\($0)/events.jsonl"] }
        #expect(found == [expected[3], expected[0], expected[1], expected[2]])
        #expect(try lab.checkSums() == [])
    }

    /// The one name spells what the other has to be encoded to.
    @Test(arguments: [Executor.a, .b])
    func `two loops that share a directory keep their runs apart`(_ executor: Executor) throws {
        let lab = try ArchiveLab()
        let runs = ["a/b", "a%2Fb"].map { SyntheticRun(loop: $0, executor: executor, output: $0) }
        for run in runs + runs { try lab.archived(lab.pinned(run)) }
        let events = lab.tree.files.filter { $0.hasSuffix("/events.jsonl") }.compactMap { lab.tree[$0] }
        #expect(Set(events) == Set(runs.map(\.events)))
        #expect(events.count == 2)
    }

    @Test func `flat, the other steps aside to the nearest earlier second that is free`() throws {
        let lab = try ArchiveLab()
        let two = runs(2, .b)
        let name = { (seconds: Int) in SyntheticRun(start: SyntheticRun().start - seconds, executor: .b) }
        try two[0].write(toRunning: lab.running)
        #expect(try lab.archived(lab.source(two[0])).place == two[0].place)
        // One second earlier another run stands, and two seconds earlier one in `.running` will.
        var earlier = name(1)
        earlier.output = "other"
        try earlier.write(toHistory: lab.history)
        try two[1].write(toRunning: lab.running)
        let done = try lab.archived(lab.source(two[1]), starts: [RunID(startedAt: JSONString(name(2).startedAt))])
        #expect(done.place == two[0].place)
        #expect(done.moved == ["\(two[0].place) -> \(name(3).place)"])
        #expect(lab.tree["\(name(3).place)/events.jsonl"] == two[0].events)
        #expect(lab.tree["\(two[1].place)/events.jsonl"] == two[1].events)
        #expect(lab.tree["\(earlier.place)/events.jsonl"] == earlier.events)
    }

    @Test(arguments: [true, false], [nil, "", "{\n  \"loop_na"])
    func `flat, what an executor copies to the second before is never taken for this run`(
        isInRunning: Bool,
        state: String?
    ) throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun(executor: .b)
        let earlier = SyntheticRun(start: run.start - 1, executor: .b)
        try run.write(toRunning: lab.running)
        try Disk.makeDirectories("\(lab.history)/\(earlier.place)")
        if let state { try Disk.write(state, to: "\(lab.history)/\(earlier.place)/state.json") }
        // The copy is under way.
        lab.now = Timestamp(nanoseconds: try lab.historyDirectory().status().changed)
        let before = lab.tree
        guard case .wait = try lab.archive(lab.source(run, isInRunning: isInRunning)) else {
            return #expect(Bool(false))
        }
        #expect(lab.tree == before)
        // Its executor was killed.
        lab.now = lab.now.adding(seconds: 60)
        #expect(
            try lab.archived(lab.source(run, isInRunning: isInRunning)) == .init(place: run.place, change: .created)
        )
        #expect(Disk.names(in: lab.history) == [earlier.place, run.place])
        #expect(Disk.names(in: "\(lab.history)/\(earlier.place)") == (state == nil ? [] : ["state.json"]))
    }

    @Test(arguments: Executor.allCases)
    func `a run that has left .running takes a free name and never another's`(executor: Executor) throws {
        let lab = try ArchiveLab()
        let two = runs(2, executor)
        try two[0].write(toRunning: lab.running)
        try lab.archived(lab.source(two[0]))
        let done = try lab.archived(lab.pinned(two[1]))
        #expect(done.place != two[0].place)
        #expect(done.moved == [])
        #expect(lab.tree["\(two[0].place)/events.jsonl"] == two[0].events)
        #expect(lab.tree["\(done.place)/events.jsonl"] == two[1].events)
        // A run stands once, whatever its directory's name.
        #expect(try lab.archived(lab.pinned(two[1])) == .init(place: done.place, change: .unchanged))
        #expect(try lab.archived(lab.pinned(two[0])) == .init(place: two[0].place, change: .unchanged))
    }

    @Test(arguments: Executor.allCases)
    func `an archive that its executor overwrote is adopted, and the lost run archived again`(executor: Executor) throws
    {
        let lab = try ArchiveLab()
        let two = runs(2, executor)
        try lab.archived(lab.pinned(two[0]))
        try two[1].write(toRunning: lab.running)
        try lab.executorArchives(two[1])
        #expect(try lab.archived(lab.source(two[1])) == .init(place: two[1].place, change: .adopted))
        let again = try lab.archived(lab.pinned(two[0]))
        #expect(again.change == .created)
        #expect(lab.tree["\(again.place)/events.jsonl"] == two[0].events)
        #expect(lab.tree["\(two[1].place)/events.jsonl"] == two[1].events)
        #expect(try lab.checkSums() == [])
    }

    @Test(arguments: Executor.allCases)
    func `where two runs in .running have the same right to a name, neither moves the other`(executor: Executor) throws
    {
        let lab = try ArchiveLab()
        let two = runs(2, executor)
        let id = RunID(startedAt: JSONString(two[0].startedAt))
        try lab.archived(lab.pinned(two[0]))
        for _ in 0..<3 {
            for run in two {
                var source = lab.pinned(run)
                source.isInRunning = true
                #expect(try lab.archived(source, starts: [id]).moved == [])
            }
        }
        #expect(
            Set(lab.tree.files.filter { $0.hasSuffix("events.jsonl") }.map { lab.tree[$0] }) == Set(two.map(\.events))
        )
        #expect(lab.tree.files.filter { $0.hasSuffix("events.jsonl") }.count == 2)
    }

    @Test func `the canonical name is taken back when the executor put a second copy there`() throws {
        let lab = try ArchiveLab()
        let two = runs(2, .a)
        try lab.archived(lab.pinned(two[0]))
        try lab.archived(lab.pinned(two[1]))
        try Disk.write("{}", to: "\(lab.history)/\(two[1].place)-2/summary.json")
        // The first one was pruned; then the executor archives the second one itself.
        try Disk.remove("\(lab.history)/\(two[0].place)")
        try two[1].write(toRunning: lab.running)
        try lab.executorArchives(two[1])
        #expect(try lab.archived(lab.source(two[1])).place == two[1].place)
        #expect(
            lab.tree.files
                == ["SHA256SUMS", "events.jsonl", "state.json", "summary.json"].map { "\(two[1].place)/\($0)" }
        )
        #expect(try lab.checkSums() == [])
    }

    @Test func `the same run is found in the other layout and stays there`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun(executor: .a)
        try run.write(toRunning: lab.running)
        try lab.executorArchives(run)
        let source = try lab.source(run) { $0.layout = .flat }
        #expect(try lab.archived(source) == .init(place: run.place, change: .adopted))
        #expect(Disk.names(in: lab.history) == [run.loop])
    }

    @Test func `fifty runs of one second all stand, each once`() throws {
        let lab = try ArchiveLab()
        let many = runs(50, .a)
        for run in many { try lab.archived(lab.pinned(run)) }
        for run in many { #expect(try lab.archived(lab.pinned(run)).change == .unchanged) }
        let events = lab.tree.files.filter { $0.hasSuffix("events.jsonl") }.compactMap { lab.tree[$0] }
        #expect(events.count == 50)
        #expect(Set(events) == Set(many.map(\.events)))
    }

    @Test
    func `a run of A in .running keeps its name free in B's layout, where B's sweep would copy it over a run of B`()
        throws
    {
        let lab = try ArchiveLab()
        let b = SyntheticRun(microseconds: 1, executor: .b)
        let a = SyntheticRun(microseconds: 2, executor: .a)
        _ = try lab.archived(lab.pinned(b))
        try a.write(toRunning: lab.running)
        let done = try lab.archived(lab.source(a))
        #expect(done.place == a.place)
        let before = SyntheticRun(start: b.start - 1, executor: .b)
        #expect(done.moved == ["\(b.place) -> \(before.place)"])
        #expect(Disk.read("\(lab.history)/\(before.place)/events.jsonl") == b.events)
        #expect(try lab.checkSums() == [])
    }

    @Test func `a run of A that has left .running takes no name from a run of B`() throws {
        let lab = try ArchiveLab()
        let b = SyntheticRun(microseconds: 1, executor: .b)
        _ = try lab.archived(lab.pinned(b))
        let done = try lab.archived(lab.pinned(SyntheticRun(microseconds: 2, executor: .a)))
        #expect(done.moved == [])
        #expect(Disk.read("\(lab.history)/\(b.place)/events.jsonl") == b.events)
    }
}
