import LoopModel
import LoopStore
import TestSupport
import Testing

/// `verify --repair` brings back what is whole elsewhere, and never overwrites the only good copy.
@Suite("repairing archived runs")
struct RepairTests {
    private let lab: ArchiveLab
    private let run = SyntheticRun(states: 1, executor: .b, output: "x")
    private let place: RunPlace
    private let sums: [UInt8]
    private let whole: TreeSnapshot
    private var directory: String { "\(lab.history)/\(place)" }

    init() throws {
        lab = try ArchiveLab()
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        place = RunPlace(flat: try #require(FileName(run.place)))
        sums = try #require(Disk.read("\(lab.history)/\(place)/SHA256SUMS"))
        whole = lab.tree
    }

    private func mirror(events: [UInt8]? = nil, state: [UInt8]? = nil, hasSums: Bool = true) throws -> RunAlternative {
        func content(_ bytes: [UInt8]) -> [SourceContent] { [.bytes(bytes, modified: 0, mode: 0o644)] }
        return RunAlternative(
            name: "the mirror",
            files: [.events: content(events ?? run.events), .state: content(state ?? run.state)],
            sums: hasSums ? try SumsFile(parsing: sums) : nil
        )
    }

    @discardableResult
    private func repair(_ alternatives: [RunAlternative], _ faults: Faults? = nil) throws -> RunVerdict? {
        let loops = try lab.open(faults)
        guard let history = try loops.history() else { return nil }
        return try RunVerifier(loops: loops, process: 1).repair(place, in: history, from: alternatives)
    }

    /// Makes the change look like decay: every file is older than the sums.
    private func decay() throws {
        let run = try #require(try PosixDirectory.open(path: directory))
        let bytes = try #require(Disk.read("\(directory)/SHA256SUMS"))
        func changed(_ name: FileName) throws -> Int64 { try run.status(of: name)?.changed ?? .min }
        let youngest = max(try changed(.events), try changed(.state))
        // The kernel's clock for it ticks every few milliseconds.
        let isYounger = try eventually(every: 1) {
            try Disk.write(bytes, to: "\(directory)/SHA256SUMS")
            return try changed(.sums) > youngest
        }
        #expect(isYounger)
    }

    private func flipped(_ bytes: [UInt8], _ bit: Int = 333) -> [UInt8] {
        var bytes = bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }

    @Test(arguments: ["events.jsonl", "state.json", "SHA256SUMS"])
    func `any flipped bit is mended from a whole copy, byte for byte`(_ file: String) throws {
        let bits = try #require(whole["\(place)/\(file)"]).count * 8
        let mirror = try mirror()
        var wrong: [Int] = []
        for bit in Sampling.cases(bits, every: 211) {
            try Disk.flip(bit: bit, of: "\(directory)/\(file)")
            try decay()
            let verdict = try repair([mirror])
            // A wrong digest of a file that the mirror has too is only stale, which the first look mends.
            if verdict != .sound, !verdict.isAdopted(equalTo: "the mirror") { wrong.append(bit) }
            if lab.tree != whole { wrong.append(bit) }
        }
        #expect(wrong == [], "of \(bits) bits of \(file)")
        #expect(lab.stagingIsEmpty)
    }

    @Test func `lost files and lost sums come back together`() throws {
        for lost in [["events.jsonl"], ["events.jsonl", "state.json"], ["SHA256SUMS"], ["state.json", "SHA256SUMS"]] {
            for file in lost { try Disk.remove("\(directory)/\(file)") }
            #expect(try repair([mirror()]) == .sound, "\(lost)")
            #expect(lab.tree == whole, "\(lost): \(whole.differences(to: lab.tree))")
        }
    }

    @Test func `sums of another copy that name a loop definition bring nothing in`() throws {
        try Disk.remove("\(directory)/SHA256SUMS")
        var mirror = try mirror()
        let evil = Array("name: evil\n".utf8)
        mirror.files[FileName(literal: "evil.yaml")] = [.bytes(evil, modified: 0, mode: 0o644)]
        mirror.sums?.checksums[FileName(literal: "evil.yaml")] = Checksum(of: evil)
        mirror.sums?.checksums[.events] = Checksum(of: [1])
        // The files that are here are proven by the same copy's bytes, and its sums count for nothing.
        #expect(try repair([mirror]) == .sound)
        #expect(lab.tree == whole)
    }

    @Test(arguments: ["", "nonsense", "\n"])
    func `sums that are none are written anew where all files are proven`(_ text: String) throws {
        try Disk.write(text, to: "\(directory)/SHA256SUMS")
        let damaged = lab.tree
        // One file without a twin proves nothing.
        let half = RunAlternative(name: "a pin", files: [.events: [.bytes(run.events, modified: 0, mode: 0o644)]])
        guard case .unreadableSums = try repair([half]) else { return #expect(Bool(false), "\(lab.tree)") }
        #expect(lab.tree == damaged)
        #expect(try repair([mirror(hasSums: false)]) == .sound)
        #expect(lab.tree == whole)
    }

    @Test func `what somebody wrote over a file after it was summed is kept beside it, once`() throws {
        // The only copy of a line, whose end is torn, so that it is damage and not growth.
        let longer = run.events + Array(#"{"event": "loop_resume"}"#.utf8) + Array("\n{\"ev".utf8)
        for _ in 0..<3 {
            try Disk.write(longer, to: "\(directory)/events.jsonl")
            #expect(try repair([mirror()]) == .sound)
            #expect(lab.tree["\(place)/events.jsonl"] == run.events)
            #expect(lab.tree["\(place)/events.conflict-1.jsonl"] == longer)
            #expect(lab.tree.files.count == 4)
        }
        #expect(try lab.checkSums() == [])
    }

    @Test func `both sides damaged differently, each file comes from where it is whole`() throws {
        try Disk.write(flipped(run.events), to: "\(directory)/events.jsonl")
        try decay()
        #expect(try repair([mirror(state: flipped(run.state))]) == .sound)
        #expect(lab.tree == whole)
    }

    @Test func `where one file is whole nowhere, nothing is touched`() throws {
        try Disk.write(flipped(run.events), to: "\(directory)/events.jsonl")
        try Disk.write(flipped(run.state), to: "\(directory)/state.json")
        let damaged = lab.tree
        for mirror in [try mirror(state: flipped(run.state, 80)), try mirror(events: flipped(run.events, 80))] {
            guard case .damaged(let files) = try repair([mirror]) else { return #expect(Bool(false)) }
            #expect(files.count == 2)
            #expect(lab.tree == damaged)
        }
        #expect(lab.stagingIsEmpty)
    }

    @Test func `killed at any operation, the good bytes are somewhere and the next repair ends it`() throws {
        var calls = 0
        for operation in 0..<200 {
            try Disk.write(flipped(run.events), to: "\(directory)/events.jsonl")
            try decay()
            let faults = Faults()
            faults.kill(after: operation)
            let verdict = try? repair([mirror()], faults)
            let events = lab.tree["\(place)/events.jsonl"]
            #expect(events == run.events || events == flipped(run.events), "after \(operation) operations")
            #expect(lab.tree["\(place)/state.json"] == run.state)
            try Disk.remove("\(lab.loops)/.loopsync/staging")
            #expect(try repair([mirror()]) == .sound)
            #expect(lab.tree == whole)
            calls = operation
            if verdict == .sound, !faults.isStopped { break }
        }
        #expect(calls > 10 && calls < 199, "operations of a repair")
    }
}
