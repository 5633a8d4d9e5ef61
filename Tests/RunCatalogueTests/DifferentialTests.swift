import Glibc
import LoopModel
import LoopStore
import SyncAgent
import TestSupport
import Testing

/// What the catalogue says is what the files say, whatever became of them in between.
@Suite
struct DifferentialTests {
    @Test(arguments: UInt64(1)...12)
    func `after random changes the runs are those that reading finds`(seed: UInt64) throws {
        let lab = try CatalogueLab()
        var random = SplitMix(seed: seed)
        var tree = RandomTree(lab.history)
        for _ in 0..<12 { try tree.add(&random) }
        for step in 0..<25 {
            for _ in 0...random.below(3) { try tree.change(&random) }
            lab.tick()
            let expected = try lab.runsByReading()
            let index = try lab.index(later: step % 5 == 0 ? 0 : 3600)
            // Whoever asks first reads what changed.
            if random.below(2) == 0 {
                let found = try index.newest(nil) { _ in true }
                #expect(found?.runs == expected, "step \(step): \(tree.log.suffix(4))")
            }
            var streamed: [ArchivedRun] = []
            let unreadable = try index.forEach(by: .files) { streamed.append($0) }
            #expect(unreadable?.isEmpty == true)
            #expect(streamed == expected.sorted { $0.place < $1.place }, "step \(step): \(tree.log.suffix(4))")
            let failed = try lab.index().newest(nil) { $0.status == "failed" }
            #expect(failed?.runs == expected.filter { $0.status == "failed" })
        }
        #expect(lab.told.all == [])
    }

    @Test func `a look at directories alone sees what was made, replaced or removed in them`() throws {
        let lab = try CatalogueLab()
        let runs = (0..<4).map { SyntheticRun(loop: "demo", start: 1_795_000_000 + $0 * 3600) }
        for run in runs { try run.write(toHistory: lab.history) }
        func look() throws -> [String: ArchivedRun] {
            lab.tick()
            var found: [String: ArchivedRun] = [:]
            #expect(try lab.index().forEach(by: .directory) { found[$0.place.description] = $0 } == [])
            return found
        }
        let before = try look()
        #expect(before.count == 4)
        try Disk.write("", to: "\(lab.history)/\(runs[0].place)/.keep")
        try Disk.write(#"{"loop_name": "demo", "status": "failed"}"#, to: "\(lab.history)/new")
        try Disk.move("\(lab.history)/new", to: "\(lab.history)/\(runs[1].place)/state.json")
        try Disk.remove("\(lab.history)/\(runs[2].place)")
        let after = try look()
        #expect(after[runs[0].place]?.isPinned == true)
        #expect(after[runs[1].place] != before[runs[1].place])
        #expect(after[runs[2].place] == nil)
        #expect(after[runs[3].place] == before[runs[3].place] && after.count == 3)
    }

    @Test(arguments: UInt64(1)...8)
    func `runs that come, go and change their places are found without a look at the others`(seed: UInt64) throws {
        let lab = try CatalogueLab()
        var random = SplitMix(seed: seed)
        var tree = RandomTree(lab.history)
        for _ in 0..<20 { try tree.add(&random) }
        for step in 0..<25 {
            try tree.changePlaces(&random)
            lab.tick()
            let expected = try lab.runsByReading()
            let found = try lab.index().newest(5) { _ in true }
            #expect(found?.runs == Array(expected.prefix(5)), "step \(step): \(tree.log.suffix(3))")
            let ofOne = try lab.index().newest(3) { $0.loop == "loop-1" }
            #expect(ofOne?.runs == Array(expected.filter { $0.loop == "loop-1" }.prefix(3)))
        }
    }
}

/// A history that changes as executors, this program and people change one.
struct RandomTree {
    private let history: String
    private var count = 0
    private(set) var log: [String] = []

    init(_ history: String) {
        self.history = history
    }

    private func runs() -> [String] {
        Disk.names(in: history).flatMap { name in
            Disk.exists("\(history)/\(name)/state.json") || Disk.exists("\(history)/\(name)/events.jsonl")
                ? [name] : Disk.names(in: "\(history)/\(name)").map { "\(name)/\($0)" }
        }.filter { Disk.isDirectory("\(history)/\($0)") }
    }

    mutating func add(_ random: inout SplitMix) throws {
        count += 1
        let run = SyntheticRun(
            loop: "loop-\(random.below(3))",
            start: 1_795_000_000 + random.below(40) * 60,
            states: 1 + random.below(3),
            status: random.pick(["completed", "failed", "timed_out"]),
            executor: random.pick([.a, .b])
        )
        // Writing over a run is an edit in place.
        guard !Disk.exists("\(history)/\(run.place)") else { return }
        log.append("add \(run.place)")
        try run.write(toHistory: history)
        if random.below(2) == 0 { try Disk.write("sums \(count)", to: "\(history)/\(run.place)/SHA256SUMS") }
    }

    /// What changes the list alone.
    mutating func changePlaces(_ random: inout SplitMix) throws {
        guard random.below(3) > 0, let run = runs().isEmpty ? nil : random.pick(runs()) else {
            return try add(&random)
        }
        let path = "\(history)/\(run)"
        switch random.below(4) {
        case 0:
            log.append("remove \(run)")
            try Disk.remove(path)
        case 1:
            let other = random.pick(["2027-01-01T0000\(10 + random.below(50))-moved", "odd name", "loop-1/2027-x"])
            guard !Disk.exists("\(history)/\(other)") else { return }
            try Disk.makeDirectories("\(history)/loop-1")
            log.append("move \(run) to \(other)")
            try Disk.move(path, to: "\(history)/\(other)")
        case 2:
            let other = random.pick(runs())
            guard other != run else { return }
            log.append("exchange \(run) and \(other)")
            try Disk.move(path, to: "\(history)/.aside")
            try Disk.move("\(history)/\(other)", to: path)
            try Disk.move("\(history)/.aside", to: "\(history)/\(other)")
        default:
            log.append("an empty directory and a file")
            try Disk.makeDirectories("\(history)/loop-2/2026-12-01T0000\(10 + random.below(50))")
            try Disk.write("x", to: "\(history)/README")
        }
    }

    /// Any change.
    mutating func change(_ random: inout SplitMix) throws {
        guard random.below(2) == 0, let run = runs().isEmpty ? nil : random.pick(runs()) else {
            return try changePlaces(&random)
        }
        let path = "\(history)/\(run)"
        log.append("edit \(run)")
        switch random.below(8) {
        case 0: try Disk.write(SyntheticRun(states: 3, status: "failed").state, to: "\(path)/state.json")
        case 1:
            try Disk.append(#"{"event": "late", "ts": "2027-01-01T00:00:00+00:00"}"# + "\n", to: "\(path)/events.jsonl")
        case 2: try Disk.write("", to: "\(path)/.keep")
        case 3: try Disk.remove("\(path)/.keep")
        case 4: try Disk.write(#"{"loop_name": "to"#, to: "\(path)/state.json")
        case 5: try Disk.remove("\(path)/state.json")
        case 6:
            try Disk.remove("\(path)/state.json")
            symlink("/etc/hostname", "\(path)/state.json")
        default:
            try Disk.write(String(repeating: "long ", count: 2000), to: "\(path)/a.log")
            try Disk.write("other sums", to: "\(path)/SHA256SUMS")
        }
    }
}
