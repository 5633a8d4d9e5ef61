import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

/// Whatever happens to a run's copy in the mirror is found and named, and mended from the history.
@Suite struct MirrorVerifierTests {
    private let lab: ArchiveMirrorLab
    private let run = ArchiveMirrorLab.run(0, states: 1)
    private let other = ArchiveMirrorLab.run(1, states: 1)
    private let place: RunPlace
    private let copy: String
    private let whole: TreeSnapshot
    private static let files = ["events.jsonl", "state.json", "SHA256SUMS"]

    init() throws {
        lab = try ArchiveMirrorLab()
        place = try lab.archive(run)
        try lab.archive(other)
        lab.work()
        copy = "\(lab.copies)/\(place)"
        whole = TreeSnapshot(of: lab.copies)
    }

    private var verifier: MirrorVerifier {
        get throws {
            MirrorVerifier(
                loops: try lab.base.loops(),
                root: lab.root,
                scratch: MirrorScratch(machine: "m", process: 3)
            )
        }
    }

    private func check() throws -> MirrorVerdict { try verifier.check(place) }

    private func repair() throws -> MirrorVerdict {
        var notices: [MirrorNotice] = []
        return try verifier.repair(place, notices: &notices)
    }

    private func isNamed(_ verdict: MirrorVerdict, _ file: String) -> Bool {
        switch verdict {
        case .unreadableSums: file == "SHA256SUMS"
        case .damaged(let files): files.map(\.description) == ["\(file): changed"]
        case .sound, .absent, .behind: false
        }
    }

    @Test(arguments: files)
    func `every flipped bit is found, named and mended`(_ file: String) throws {
        let bits = try #require(Disk.read("\(copy)/\(file)")).count * 8
        let verifier = try verifier
        var missed: [Int] = []
        for bit in Sampling.cases(bits, every: 13) {
            try Disk.flip(bit: bit, of: "\(copy)/\(file)")
            if try !isNamed(verifier.check(place), file) { missed.append(bit) }
            try Disk.flip(bit: bit, of: "\(copy)/\(file)")
        }
        #expect(missed == [], "of \(bits) bits of \(file)")
        for bit in Sampling.cases(bits, every: 401) {
            try Disk.flip(bit: bit, of: "\(copy)/\(file)")
            #expect(try repair() == .sound(foreign: []))
            #expect(TreeSnapshot(of: lab.copies) == whole)
        }
    }

    @Test(arguments: files)
    func `every truncation is found and mended`(_ file: String) throws {
        let count = try #require(Disk.read("\(copy)/\(file)")).count
        for size in Sampling.cases(count, every: 97) {
            try Disk.cut("\(copy)/\(file)", to: size)
            #expect(try isNamed(check(), file), "\(file) cut to \(size)")
            #expect(try repair() == .sound(foreign: []))
            #expect(TreeSnapshot(of: lab.copies) == whole)
        }
    }

    @Test(arguments: files)
    func `what is gone or is no file is found, never waited for, and mended`(_ file: String) throws {
        try Disk.remove("\(copy)/\(file)")
        for make in [{ _ in 0 }, { mkfifo($0, 0o600) }, { mkdir($0, 0o700) }, { symlink("/etc/passwd", $0) }] {
            try #require(make("\(copy)/\(file)") == 0)
            #expect(try check().isDamage)
            #expect(try repair() == .sound(foreign: []))
            #expect(whole.differences(to: TreeSnapshot(of: lab.copies)) == [])
            try Disk.remove("\(copy)/\(file)")
        }
    }

    @Test func `swapped files are found, and swapped runs are left to the next mirroring`() throws {
        try Disk.swap("\(copy)/events.jsonl", "\(copy)/state.json")
        #expect(try check().isDamage)
        #expect(try repair() == .sound(foreign: []))
        for file in Self.files {
            try Disk.swap("\(copy)/\(file)", "\(lab.copies)/\(other.place)/\(file)")
            #expect(try check().isDamage)
            try Disk.swap("\(copy)/\(file)", "\(lab.copies)/\(other.place)/\(file)")
        }
        try Disk.swap(copy, "\(lab.copies)/\(other.place)")
        #expect(try check() == .behind)
        lab.mirror.rescan()
        lab.work()
        #expect(try check() == .sound(foreign: []))
        #expect(lab.isSame)
    }

    @Test func `a reader's flip and a person's notes are no damage, an older copy is behind`() throws {
        let now = SyntheticRun.iso(Int(time(nil)), 5)
        let state = String(decoding: run.state, as: UTF8.self).split(separator: "\n").map { line in
            line.contains("updated_at")
                ? #"  "updated_at": "\#(now)","# : line.replacing("completed", with: "interrupted")
        }
        try Disk.write(state.joined(separator: "\n"), to: "\(copy)/state.json")
        try Disk.write("mine", to: "\(copy)/notes.txt")
        #expect(try check() == .sound(foreign: [FileName(literal: "notes.txt")]))
        try Disk.append("{}\n", to: "\(lab.history)/\(place)/events.jsonl")
        try lab.seal("\(place)")
        #expect(try check() == .behind)
    }

    @Test func `a damaged history is not published over a damaged copy, nor over a whole one`() throws {
        try Disk.flip(bit: 99, of: "\(lab.history)/\(place)/events.jsonl")
        #expect(try check() == .sound(foreign: []))
        #expect(try repair() == .sound(foreign: []))
        try Disk.flip(bit: 9, of: "\(copy)/state.json")
        let before = TreeSnapshot(of: lab.base.mirrorPath, skipping: [".loopsync-tmp"])
        #expect(try repair().isDamage)
        #expect(TreeSnapshot(of: lab.base.mirrorPath, skipping: [".loopsync-tmp"]) == before)
    }

    @Test func `bytes that somebody wrote into the mirror are kept where conflicts are`() throws {
        try Disk.append("the only copy of this\n", to: "\(copy)/events.jsonl")
        let theirs = try #require(Disk.read("\(copy)/events.jsonl"))
        #expect(try repair() == .sound(foreign: []))
        let kept = TreeSnapshot(of: lab.conflicts)
        #expect(kept.files.contains { kept[$0] == theirs })
    }

    @Test func `a run that only the mirror has is listed and checked by its own sums`() throws {
        try Disk.remove("\(lab.history)/\(place)")
        #expect(try verifier.others(than: [try lab.place(other.place)]).map(\.place) == [place])
        #expect(try check() == .sound(foreign: []))
        try Disk.flip(bit: 99, of: "\(copy)/events.jsonl")
        #expect(try isNamed(check(), "events.jsonl"))
        #expect(try repair().isDamage)
    }
}
