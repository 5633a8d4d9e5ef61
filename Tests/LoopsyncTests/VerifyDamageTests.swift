import Glibc
import LoopModel
import TestSupport
import Testing

/// `verify` and `verify --repair` of history and mirror together, through the real program.
@Suite
struct VerifyDamageTests {
    private let project: ArchivedProject
    private let sync: String
    private var run: String { project.loops(".history/count/2025-11-23T201500") }
    private var mirror: String { "\(sync)/\(HostName.current)/p" }
    private var copy: String { "\(mirror)/.history/count/2025-11-23T201500" }
    private static let files = ["events.jsonl", "state.json", "SHA256SUMS"]

    init() throws {
        project = try ArchivedProject()
        sync = project.place.path("Sync")
        try Disk.makeDirectories(sync)
        for (loop, day) in [("count", 23), ("other", 24)] {
            let run = "\(loop)/2025-11-\(day)T201500"
            try project.archive(run, loop: loop, second: Int64(day - 23) * 86400, status: "completed")
            let sums = try Subprocess.run(
                ["/bin/sh", "-c", "sha256sum events.jsonl state.json >SHA256SUMS"],
                in: project.loops(".history/\(run)")
            )
            try #require(sums.succeeded)
        }
        try #require(try project.run("mirror", "--sync", sync).status == 0)
    }

    private func verify(_ arguments: String...) throws -> CommandRun {
        try CommandRun(["verify", "--sync", sync] + arguments, in: project.path)
    }

    private var everything: TreeSnapshot {
        TreeSnapshot(of: project.place.path, skipping: [".loopsync", ".loopsync-tmp", ".conflicts"])
    }

    @Test(arguments: files)
    func `a flipped bit on either side is named and mended from the other`(_ file: String) throws {
        let whole = everything
        let bits = try #require(Disk.read("\(run)/\(file)")).count * 8
        // Each takes some processes, so that even the long form is a sample; the library's tests try every bit.
        for bit in stride(from: 0, to: bits, by: bits / (Sampling.isExhaustive ? 50 : 3) + 1) {
            try Disk.flip(bit: bit, of: "\(copy)/\(file)")
            let there = try verify()
            #expect(there.status == 6)
            #expect(there.output.hasPrefix("2025-11-23T201500\tcount\tdamaged\tin the mirror: \(file)"))
            #expect(there.errorOutput.contains("2 runs: 2 sound; in the mirror: 1 sound, 1 damaged\n"))
            #expect(there.errorOutput.contains("verify --repair"))
            #expect(try verify("--repair").status == 0)
            #expect(whole.differences(to: everything) == [])

            try Disk.flip(bit: bit, of: "\(run)/\(file)")
            let here = try verify()
            // A wrong digest of a file that the mirror has too is only stale.
            let isStale = file == "SHA256SUMS" && here.output.contains("\tadopted\t") && here.status == 0
            #expect(isStale || here.status == 6, "\(here)")
            // By its directory, since the flipped bit may be one of the loop's name.
            let isNamed = here.output.hasPrefix("2025-11-23T201500\t") && here.output.contains("\tdamaged\t")
            #expect(isStale || isNamed, "\(here)")
            #expect(try verify("--repair").status == 0)
            #expect(Disk.read("\(run)/\(file)") == whole["p/.loops/.history/count/2025-11-23T201500/\(file)"])
            // What somebody wrote, as this test did, is kept beside; to decay that does not happen.
            for kept in Disk.names(in: run) where kept.contains("conflict") { try Disk.remove("\(run)/\(kept)") }
            #expect(try verify("--repair").status == 0)
            #expect(try project.run("mirror", "--sync", sync).status == 0)
        }
    }

    @Test func `both sides damaged differently are mended from each other`() throws {
        let events = Disk.read("\(run)/events.jsonl")
        let state = Disk.read("\(run)/state.json")
        try Disk.flip(bit: 77, of: "\(run)/events.jsonl")
        try Disk.flip(bit: 77, of: "\(copy)/state.json")
        #expect(try verify().status == 6)
        let repair = try verify("--repair")
        #expect(repair.status == 0)
        let name = "2025-11-23T201500\tcount\trepaired"
        let kept = "what stood there is kept as events.conflict-1.jsonl"
        #expect(
            repair.output == """
                \(name)\tevents.jsonl: put back from the mirror; \(kept)
                \(name)\tin the mirror: replaced by what the history has

                """
        )
        #expect(repair.errorOutput.hasSuffix("2 runs: 1 sound, 1 repaired; in the mirror: 1 sound, 1 repaired\n"))
        for side in [run, copy] {
            #expect(Disk.read("\(side)/events.jsonl") == events)
            #expect(Disk.read("\(side)/state.json") == state)
        }
        // What a repair keeps in a run is the run's, and no sync client's.
        #expect(try project.run("mirror", "--sync", sync).status == 0)
        #expect(Disk.exists("\(copy)/events.conflict-1.jsonl"))
        #expect(try project.run("mirror", "--sync", sync).errorOutput == "")
    }

    @Test func `the same file damaged on both sides stays, and it is said that nothing could be done`() throws {
        try Disk.flip(bit: 77, of: "\(run)/events.jsonl")
        try Disk.flip(bit: 99, of: "\(copy)/events.jsonl")
        let damaged = everything
        let repair = try verify("--repair")
        #expect(repair.status == 6)
        #expect(repair.output.split(separator: "\n").count == 2)
        #expect(repair.errorOutput.contains("no place has the bytes"))
        #expect(damaged.differences(to: everything) == [])
    }

    @Test func `without its sync directory verify says so, checks the rest, and touches nothing there`() throws {
        try Disk.flip(bit: 77, of: "\(run)/events.jsonl")
        try Disk.move(sync, to: project.place.path("Away"))
        let before = everything
        for arguments in [[], ["--repair"]] {
            let verify = try CommandRun(["verify", "--sync", sync] + arguments, in: project.path)
            #expect(verify.status == 6)
            #expect(verify.output.contains("count\tdamaged\tevents.jsonl: changed"))
            #expect(verify.errorOutput.contains("checked without it"))
            #expect(before.differences(to: everything) == [])
        }
        try Disk.makeDirectories(sync)
        #expect(try verify("other@latest").status == 4)
        #expect(Disk.names(in: sync) == [])
    }

    @Test func `a run that has lost all but its sums is damaged, one that went without being pruned is lost`() throws {
        for file in ["events.jsonl", "state.json"] { try Disk.remove("\(run)/\(file)") }
        try Disk.remove(project.loops(".history/other"))
        let verify = try verify()
        #expect(verify.status == 6)
        #expect(verify.output.contains("2025-11-23T201500\tcount\tdamaged\tevents.jsonl: missing; state.json: missing"))
        #expect(verify.output.contains("other\tlost\t"))
        #expect(verify.output.contains("loopsync restore --from mirror other/2025-11-24T201500"))
        #expect(verify.errorOutput.hasPrefix("1 run: 1 damaged, 1 lost; in the mirror: 2 sound\n"))
        #expect(try self.verify("--repair").status == 0)
        #expect(try project.run("restore", "--from", "mirror", "other/2025-11-24T201500", "--sync", sync).status == 0)
        #expect(try self.verify().output == "")
    }

    @Test func `what stands in the place of a run's sums keeps no other run from being checked`() throws {
        try Disk.remove("\(run)/SHA256SUMS")
        try #require(mkfifo("\(run)/SHA256SUMS", 0o600) == 0)
        try Disk.flip(bit: 77, of: project.loops(".history/other/2025-11-24T201500/events.jsonl"))
        let verify = try verify()
        #expect(verify.status == 6)
        #expect(verify.output.contains("count\tdamaged\tSHA256SUMS: no regular file"))
        #expect(verify.output.contains("other\tdamaged\tevents.jsonl: changed"))
        #expect(try self.verify("--repair").status == 0)
        #expect(try Subprocess.run(["/usr/bin/sha256sum", "-c", "SHA256SUMS"], in: run).succeeded)
    }

    @Test func `as JSON each run tells of its copy too`() throws {
        try Disk.flip(bit: 77, of: "\(copy)/events.jsonl")
        let verify = try verify("--json")
        let runs = try JSONValue(parsing: Array(verify.output.utf8)).objectValue?["runs"]?.arrayValue
        let verdicts = runs?.map { run in
            let mirror = run.objectValue?["mirror"]?.objectValue
            return [run.objectValue?["verdict"], mirror?["verdict"]].map { $0?.stringValue?.string }
        }
        #expect(verdicts == [["sound", "sound"], ["sound", "damaged"]])
    }
}
