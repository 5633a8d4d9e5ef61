import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("archives that contradict the run")
struct ContradictionTests {
    private let run = SyntheticRun(states: 3, executor: .b)

    private func archive(_ lab: ArchiveLab, theirs: [UInt8], ours: [UInt8]? = nil) throws -> ArchiveLab.Archived {
        try run.write(toHistory: lab.history)
        try Disk.write(theirs, to: "\(lab.history)/\(run.place)/events.jsonl")
        try run.write(toRunning: lab.running)
        if let ours { try Disk.write(ours, to: "\(lab.running)/\(run.stem).events.jsonl") }
        return try lab.archived(lab.source(run))
    }

    @Test func `what holds less of the events gives way, whichever part of them it is`() throws {
        let pieces = run.eventLines.map { Array(($0 + "\n").utf8) }
        for theirs in [[], Array(run.events.dropLast(7)), Array(pieces[0]), Array(pieces.suffix(4).joined())] {
            let lab = try ArchiveLab()
            #expect(try archive(lab, theirs: theirs) == .init(place: run.place, change: .extended))
            #expect(lab.tree["\(run.place)/events.jsonl"] == run.events)
            #expect(lab.tree.files.count == 3)
        }
    }

    @Test func `what holds more of the events stays`() throws {
        let lab = try ArchiveLab()
        let more = run.events + Array("{\"event\": \"ab_summary\"}\n".utf8)
        #expect(try archive(lab, theirs: more) == .init(place: run.place, change: .adopted))
        #expect(lab.tree["\(run.place)/events.jsonl"] == more)
    }

    @Test func `an archive of only the middle file of a run whose files were swept is a piece of it`() throws {
        let lab = try ArchiveLab()
        let lines = run.eventLines.map { Array(($0 + "\n").utf8) }
        try run.write(toRunning: lab.running)
        try run.write(toHistory: lab.history)
        let parts = [lines[..<5], lines[5..<9], lines[9...]].map { Array($0.joined()) }
        for (index, part) in parts.enumerated() { try Disk.write(part, to: "\(lab.running)/part\(index)") }
        try Disk.write(parts[1], to: "\(lab.history)/\(run.place)/events.jsonl")
        let source = try lab.source(run, events: ["part0", "part1", "part2"])
        #expect(try lab.archived(source) == .init(place: run.place, change: .extended))
        #expect(lab.tree["\(run.place)/events.jsonl"] == run.events)
        #expect(lab.tree.files.count == 3)
    }

    @Test func `events that contradict are kept beside, equal ones once, and reported once`() throws {
        let lab = try ArchiveLab()
        let theirs = Array((run.eventLines[0] + "\n{\"event\": \"other\"}\n").utf8)
        let done = try archive(lab, theirs: theirs)
        #expect(done.change == .extended)
        #expect(done.conflicts.count == 1)
        #expect(lab.tree["\(run.place)/events.jsonl"] == run.events)
        #expect(lab.tree["\(run.place)/events.conflict-1.jsonl"] == theirs)
        #expect(try lab.archived(lab.source(run)) == .init(place: run.place, change: .unchanged))

        // The same again, and then another one.
        try Disk.write(theirs, to: "\(lab.history)/\(run.place)/events.jsonl")
        #expect(try lab.archived(lab.source(run)).conflicts == [])
        let third = theirs + Array("{}\n".utf8)
        try Disk.write(third, to: "\(lab.history)/\(run.place)/events.jsonl")
        #expect(try lab.archived(lab.source(run)).conflicts.count == 1)
        #expect(lab.tree["\(run.place)/events.jsonl"] == run.events)
        #expect(lab.tree["\(run.place)/events.conflict-1.jsonl"] == theirs)
        #expect(lab.tree["\(run.place)/events.conflict-2.jsonl"] == third)
        #expect(lab.tree.files.count == 5)
        #expect(try lab.checkSums() == [])
    }

    @Test func `of two states the one written later wins, whatever its length`() throws {
        for (archivedLater, short) in [(true, true), (true, false), (false, true), (false, false)] {
            let lab = try ArchiveLab()
            var later = run
            later.status = "user_stopped"
            later.states = short ? 4 : 40
            try run.write(toRunning: lab.running)
            try run.write(toHistory: lab.history)
            let (place, file) = ("\(lab.history)/\(run.place)/state.json", "\(lab.running)/\(run.stem).state.json")
            try Disk.write(later.state, to: archivedLater ? place : file)
            try lab.archived(lab.source(run))
            #expect(Disk.read(place) == later.state)
        }
    }

    @Test func `a late stop that saved the state of the run before does not win by its youth`() throws {
        let lab = try ArchiveLab()
        var before = run
        before.start -= 600
        before.states = 700
        try run.write(toRunning: lab.running)
        try run.write(toHistory: lab.history)
        try Disk.write(before.state, to: "\(lab.history)/\(run.place)/state.json")
        try lab.archived(lab.source(run))
        #expect(lab.tree["\(run.place)/state.json"] == run.state)
    }

    @Test func `the next run's state, which its executor wrote over this run's, does not win by its youth`() throws {
        let lab = try ArchiveLab()
        var next = run
        next.start += 1
        try run.write(toRunning: lab.running)
        try run.write(toHistory: lab.history)
        let place = "\(lab.history)/\(run.place)/state.json"
        try Disk.write(next.state, to: place)
        let start = Timestamp(seconds: Int64(run.start)).adding(seconds: 1)
        try lab.archived(lab.source(run) { $0.lastStart = start.adding(seconds: -1) + .milliseconds(500) })
        #expect(Disk.read(place) == run.state)
        // A resume gives the run itself a later start, and its events tell of it.
        try Disk.write(next.state, to: place)
        try lab.archived(lab.source(run) { $0.lastStart = start.adding(seconds: 1) })
        #expect(Disk.read(place) == next.state)
    }

    @Test func `the next run's state is not taken for the one of a run that never had any`() throws {
        let lab = try ArchiveLab()
        var next = run
        next.start += 1
        try run.write(toRunning: lab.running)
        try run.write(toHistory: lab.history)
        let place = "\(lab.history)/\(run.place)"
        try Disk.write(next.state, to: "\(place)/state.json")
        let source = try lab.source(run) {
            $0.state = nil
            $0.lastStart = Timestamp(seconds: Int64(run.start)) + .milliseconds(500)
        }
        let done = try lab.archived(source)
        #expect(done.change == .extended)
        #expect(done.conflicts.count == 1)
        #expect(Disk.names(in: place).sorted() == ["SHA256SUMS", "events.jsonl", "state.conflict-1.json"])
        #expect(try lab.archived(source) == .init(place: run.place, change: .unchanged))
        // Where the archive tells more of the run than is known of it, the state may well be its own.
        try Disk.write(next.state, to: "\(place)/state.json")
        try Disk.append(#"{"event": "loop_resume"}"# + "\n", to: "\(place)/events.jsonl")
        try lab.archived(source)
        #expect(Disk.read("\(place)/state.json") == next.state)
    }

    @Test(arguments: ["", "null", "{\"loop_name\": \"demo\"", "\u{0}\u{1}", "[]"])
    func `a state that does not parse is archived as it is, with the last one that did`(broken: String) throws {
        let lab = try ArchiveLab()
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        try Disk.write(broken, to: "\(lab.running)/\(run.stem).state.json")
        // What the agent remembers, or else what is in the archive.
        for good in [run.state(entered: 2), nil] {
            let source = try lab.source(run) { $0.lastGoodState = good }
            try lab.archived(source)
            #expect(lab.tree["\(run.place)/state.json"] == Array(broken.utf8))
            #expect(lab.tree["\(run.place)/state.last-good.json"] == run.state(entered: 2))
            #expect(try lab.archived(source).change == .unchanged)
        }
        #expect(try lab.checkSums() == [])
        // It parses again: then nothing stands beside it.
        try Disk.write(run.state, to: "\(lab.running)/\(run.stem).state.json")
        try lab.archived(lab.source(run))
        #expect(lab.tree["\(run.place)/state.json"] == run.state)
        #expect(lab.tree["\(run.place)/state.last-good.json"] == nil)
    }

    @Test func `the archive's own good state stays beside one that no longer parses`() throws {
        let lab = try ArchiveLab()
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        try Disk.write("null", to: "\(lab.running)/\(run.stem).state.json")
        try lab.archived(lab.source(run))
        #expect(lab.tree["\(run.place)/state.last-good.json"] == run.state)
    }

    @Test func `a run may have no state, or no events`() throws {
        for missing in ["state.json", "events.jsonl"] {
            let lab = try ArchiveLab()
            try run.write(toRunning: lab.running)
            try Disk.remove("\(lab.running)/\(run.stem).\(missing)")
            #expect(try lab.archived(lab.source(run)).change == .created)
            #expect(lab.tree["\(run.place)/\(missing)"] == nil)
            // What was missing comes later.
            try run.write(toRunning: lab.running)
            #expect(try lab.archived(lab.source(run)) == .init(place: run.place, change: .extended))
            #expect(lab.tree["\(run.place)/state.json"] == run.state)
            #expect(lab.tree["\(run.place)/events.jsonl"] == run.events)
        }
    }

    @Test func `a log that was begun anew leaves the old one beside it`() throws {
        let lab = try ArchiveLab()
        try run.write(toRunning: lab.running)
        let name = try #require(FileName("run.log"))
        for log in ["first", "first and more", "second", "second"] {
            try Disk.write(log, to: "\(lab.running)/x.log")
            let loops = try lab.open()
            let content = try #require(try lab.content("x.log", in: loops))
            let source = try lab.source(run) { $0.siblings = [(name, content)] }
            try lab.archived(source)
        }
        #expect(lab.tree["\(run.place)/run.log"] == Array("second".utf8))
        #expect(lab.tree["\(run.place)/run.log.1"] == Array("first and more".utf8))
        #expect(lab.tree.files.count == 5)
    }
}
