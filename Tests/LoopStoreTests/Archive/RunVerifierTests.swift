import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("verifying archived runs")
struct RunVerifierTests {
    private let lab: ArchiveLab
    private let run = SyntheticRun(executor: .b)
    private let place: RunPlace
    private var directory: String { "\(lab.history)/\(place)" }

    init() throws {
        lab = try ArchiveLab()
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        place = RunPlace(flat: try #require(FileName(run.place)))
    }

    private func verify(_ alternatives: [RunAlternative] = [], adopting: Bool = true) throws -> RunVerdict? {
        try RunVerifier(loops: lab.open(), process: 1)
            .verify(place, in: lab.historyDirectory(), alternatives: alternatives, adopting: adopting)
    }

    private func alternative(_ name: FileName, _ bytes: [UInt8]) -> RunAlternative {
        RunAlternative(name: "the mirror", files: [name: [.bytes(bytes, modified: 0, mode: 0o644)]])
    }

    @Test func `a run is sound as archived, without sums it is unsummed, and a gone one is nothing`() throws {
        #expect(try verify() == .sound)
        try Disk.remove("\(directory)/SHA256SUMS")
        #expect(try verify() == .unsummed)
        try Disk.write("nonsense", to: "\(directory)/SHA256SUMS")
        #expect(try verify() == .unreadableSums(SumsFileError(line: 1, .unterminated)))
        try Disk.remove(directory)
        #expect(try verify() == nil)
    }

    @Test func `a changed byte and a missing file are damage, and nothing is written`() throws {
        var events = run.events
        events[100] ^= 1
        try Disk.write(events, to: "\(directory)/events.jsonl")
        try Disk.remove("\(directory)/state.json")
        let before = lab.tree
        #expect(
            try verify()
                == .damaged([FileDamage(name: .events, kind: .changed), FileDamage(name: .state, kind: .missing)])
        )
        #expect(lab.tree == before)
    }

    @Test func `events that grew by whole lines are adopted, torn ones are not`() throws {
        try Disk.append("{}\n{}", to: "\(directory)/events.jsonl")
        #expect(try verify() == .damaged([FileDamage(name: .events, kind: .changed)]))
        try Disk.append("\n", to: "\(directory)/events.jsonl")
        #expect(try verify(adopting: false) == .adopted(["events.jsonl: grown by whole lines"]))
        #expect(try verify() == .adopted(["events.jsonl: grown by whole lines"]))
        #expect(try verify() == .sound)
        #expect(try lab.checkSums() == [])
    }

    @Test func `a state that an executor saved anew is adopted, decay and a person's edit are not`() throws {
        var stopped = run
        stopped.status = "user_stopped"
        try Disk.write(stopped.state, to: "\(directory)/state.json")
        // The time in it is not that of the file: whoever wrote this was no executor.
        #expect(try verify() == .damaged([FileDamage(name: .state, kind: .changed)]))
        try lab.setModified("\(directory)/state.json", seconds: run.start + run.states)
        #expect(try verify() == .adopted(["state.json: saved anew by an executor"]))
        try Disk.write(stopped.state + [0x0A], to: "\(directory)/state.json")
        try lab.setModified("\(directory)/state.json", seconds: run.start + run.states)
        #expect(try verify() == .damaged([FileDamage(name: .state, kind: .changed)]))
    }

    @Test func `what equals another copy is no damage`() throws {
        var events = run.events
        events[100] ^= 1
        try Disk.write(events, to: "\(directory)/events.jsonl")
        #expect(try verify([alternative(.events, run.events)]) != .sound)
        #expect(try verify([alternative(.events, events)]) == .adopted(["events.jsonl: equal to the mirror"]))
        #expect(try verify() == .sound)
    }

    @Test func `files that an executor added are adopted`() throws {
        try Disk.write("{}", to: "\(directory)/summary.json")
        guard case .adopted = try verify() else { return #expect(Bool(false)) }
        #expect(try verify() == .sound)
    }

    @Test func `repair puts back what the sums tell of, and nothing else`() throws {
        var events = run.events
        events[100] ^= 1
        try Disk.write(events, to: "\(directory)/events.jsonl")
        try Disk.remove("\(directory)/state.json")
        try Disk.write("{}", to: "\(directory)/summary.json")
        let verifier = RunVerifier(loops: try lab.open(), process: 1)
        let before = lab.tree
        // Only half of it, or a wrong one: nothing is touched.
        for wrong in [[alternative(.events, run.events)], [alternative(.events, events), alternative(.state, [])]] {
            _ = try verifier.repair(place, in: lab.historyDirectory(), from: wrong.filter { $0.files[.state] == nil })
            #expect(lab.tree == before)
        }
        let whole = [alternative(.events, run.events), alternative(.state, run.state)]
        #expect(try verifier.repair(place, in: lab.historyDirectory(), from: whole) == .sound)
        #expect(lab.tree["\(place)/events.jsonl"] == run.events)
        #expect(lab.tree["\(place)/state.json"] == run.state)
        #expect(lab.tree["\(place)/summary.json"] == Array("{}".utf8))
        #expect(try lab.checkSums() == [])
        #expect(lab.stagingIsEmpty)
    }
}
