import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

/// Whatever happens to an archived run is found and named; `LOOPSYNC_EXHAUSTIVE=1` tries every single bit and length.
@Suite("damage to archived runs")
struct DamageTests {
    private let lab: ArchiveLab
    private let run = SyntheticRun(start: 1_795_000_000, states: 1, executor: .b, output: "x")
    private let other = SyntheticRun(start: 1_795_000_060, states: 1, executor: .b, output: "y")
    private let place: RunPlace
    private static let files = ["events.jsonl", "state.json", "SHA256SUMS"]

    init() throws {
        lab = try ArchiveLab()
        for run in [run, other] {
            try run.write(toRunning: lab.running)
            try lab.archived(lab.source(run))
        }
        place = RunPlace(flat: try #require(FileName(run.place)))
    }

    private func path(_ file: String, of run: SyntheticRun? = nil) -> String {
        "\(lab.history)/\((run ?? self.run).place)/\(file)"
    }

    private func verify(_ alternatives: [RunAlternative] = []) throws -> RunVerdict? {
        try RunVerifier(loops: lab.open(), process: 1)
            .verify(place, in: lab.historyDirectory(), alternatives: alternatives, adopting: false)
    }

    /// The run as a mirror has it.
    private var mirrored: RunAlternative {
        get throws {
            let bytes = try #require(Disk.read(path("SHA256SUMS")))
            func content(_ bytes: [UInt8]) -> [SourceContent] { [.bytes(bytes, modified: 0, mode: 0o644)] }
            return RunAlternative(
                name: "the mirror",
                files: [.events: content(run.events), .state: content(run.state)],
                sums: try SumsFile(parsing: bytes)
            )
        }
    }

    /// What is expected where one file is not what it was.
    private func isNamed(_ verdict: RunVerdict?, _ file: String) -> Bool {
        switch (verdict, file) {
        case (.unreadableSums, "SHA256SUMS"), (.damaged, "SHA256SUMS"): true
        case (.damaged(let files), _): files.map(\.description) == ["\(file): changed"]
        case (.sound, _), (.adopted, _), (.unsummed, _), (.unreadableSums, _), (nil, _): false
        }
    }

    @Test(arguments: files)
    func `every flipped bit is found and named`(_ file: String) throws {
        let bits = try #require(Disk.read(path(file))).count * 8
        let mirrored = try mirrored
        var missed: [Int] = []
        for bit in Sampling.cases(bits, every: 13) {
            try Disk.flip(bit: bit, of: path(file))
            if try !isNamed(verify(), file) { missed.append(bit) }
            // A whole copy elsewhere excuses nothing but a digest that is wrong itself.
            let verdict = try verify([mirrored])
            let isExcused = file == "SHA256SUMS" && verdict.isAdopted(equalTo: "the mirror")
            if !isNamed(verdict, file), !isExcused { missed.append(bit) }
            try Disk.flip(bit: bit, of: path(file))
        }
        #expect(missed == [], "of \(bits) bits of \(file)")
        #expect(try verify() == .sound)
    }

    @Test(arguments: files)
    func `every truncation is found`(_ file: String) throws {
        let whole = try #require(Disk.read(path(file)))
        var missed: [Int] = []
        for size in Sampling.cases(whole.count, every: 3) {
            try Disk.cut(path(file), to: size)
            let verdict = try verify()
            // Sums that were cut behind a line know no more of the other file than if somebody had added it.
            let isWholeLine = file == "SHA256SUMS" && size > 0 && whole[size - 1] == 0x0A
            if isWholeLine {
                if verdict != .adopted(["state.json: an executor or a person added it"]) { missed.append(size) }
            } else if !isNamed(verdict, file) {
                missed.append(size)
            }
            try Disk.write(whole, to: path(file))
        }
        #expect(missed == [], "of \(whole.count) lengths of \(file)")
        #expect(try verify() == .sound)
    }

    @Test func `swapped files are found, of one run and of two`() throws {
        let pairs =
            [(path("events.jsonl"), path("state.json"))]
            + Self.files.map { (path($0), path($0, of: other)) }
        for (one, two) in pairs {
            try Disk.swap(one, two)
            guard case .damaged = try verify() else {
                Issue.record("\(one) and \(two): \(String(describing: try verify()))")
                continue
            }
            try Disk.swap(one, two)
        }
        #expect(try verify() == .sound)
    }

    @Test(arguments: ["events.jsonl", "state.json"])
    func `a file that is gone, or something else in its place, is found and never waited for`(_ file: String) throws {
        let name = try #require(FileName(file))
        let aside = lab.temporary.path("aside")
        try Disk.move(path(file), to: aside)
        let missing = RunVerdict.damaged([FileDamage(name: name, kind: .missing)])
        #expect(try verify() == missing)
        try #require(symlink(aside, path(file)) == 0)
        #expect(try verify() == missing)
        for make in [{ mkfifo($0, 0o600) }, { mkdir($0, 0o700) }, { mknod($0, S_IFSOCK | 0o600, 0) }] {
            try Disk.remove(path(file))
            try #require(make(path(file)) == 0)
            #expect(try verify() == missing)
        }
    }

    @Test func `whatever stands in the place of the sums is named and never waited for`() throws {
        let aside = lab.temporary.path("aside")
        try Disk.move(path("SHA256SUMS"), to: aside)
        #expect(try verify() == .unsummed)
        try #require(symlink(aside, path("SHA256SUMS")) == 0)
        #expect(try verify() == .unreadableSums(SumsFileError(line: 0, .noFile)))
        try Disk.remove(path("SHA256SUMS"))
        try #require(mkfifo(path("SHA256SUMS"), 0o600) == 0)
        #expect(try verify() == .unreadableSums(SumsFileError(line: 0, .noFile)))
        try Disk.remove(path("SHA256SUMS"))
        try Disk.write([], to: path("SHA256SUMS"))
        try Disk.cut(path("SHA256SUMS"), to: SumsFile.limit + 1)
        #expect(try verify() == .unreadableSums(SumsFileError(line: 0, .tooLarge)))
    }

    @Test func `an added file is named`() throws {
        try Disk.write("!", to: path("-rf"))
        #expect(try verify() == .adopted(["-rf: an executor or a person added it"]))
    }

    @Test func `sums of a file that never was are named`() throws {
        try Disk.append(String(repeating: "0", count: 64) + "  extra.txt\n", to: path("SHA256SUMS"))
        #expect(try verify() == .damaged([FileDamage(name: FileName(literal: "extra.txt"), kind: .missing)]))
    }

    @Test func `lost sums are missed where a copy elsewhere has some`() throws {
        let mirrored = try mirrored
        try Disk.remove(path("SHA256SUMS"))
        #expect(try verify() == .unsummed)
        #expect(try verify([mirrored]) == .unreadableSums(SumsFileError(line: 0, .missing)))
    }
}

extension RunVerdict? {
    /// Whether all reasons of an adoption are that a file equals another place's.
    func isAdopted(equalTo name: String) -> Bool {
        guard case .adopted(let reasons)? = self else { return false }
        return reasons.allSatisfy { $0.hasSuffix("equal to \(name)") }
    }
}
