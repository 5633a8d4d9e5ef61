import LoopModel
import LoopStore
import TestSupport
import Testing

/// `mirror`, `restore --from mirror` and `--once` through the real program.
@Suite
struct MirrorCommandTests {
    private let project: ArchivedProject
    private let sync: String

    init() throws {
        project = try ArchivedProject()
        sync = project.place.path("Sync")
        try Disk.makeDirectories(sync)
        for day in 3..<7 {
            let run = "count/2025-11-2\(day)T201500"
            try project.archive(run, loop: "count", second: Int64(day - 3) * 86400, status: "completed")
            let sums = try Subprocess.run(
                ["/bin/sh", "-c", "sha256sum events.jsonl state.json >SHA256SUMS"],
                in: project.loops(".history/\(run)")
            )
            try #require(sums.succeeded)
        }
    }

    private var mirrored: [String] {
        Disk.names(in: sync).flatMap { host in Disk.names(in: "\(sync)/\(host)/p/.history/count") }
    }

    @Test func `a dry run changes nothing, a real one mirrors each run, and once`() throws {
        let dry = try project.run("mirror", "-n", "--sync", sync)
        #expect(dry.status == 0)
        #expect(dry.output.split(separator: "\n").count == 4)
        #expect(Disk.names(in: sync) == [])
        let mirror = try project.run("mirror", "--sync", sync)
        #expect(mirror.status == 0)
        #expect(mirror.output.hasPrefix("count/2025-11-23T201500\tmirrored\t"))
        #expect(mirror.errorOutput.hasPrefix("4 runs mirrored\n"))
        #expect(mirrored.count == 4)
        let again = try project.run("mirror", "--sync", sync)
        #expect(again.status == 0 && again.output == "")
    }

    @Test func `one run that cannot be read leaves the others their way, and ends with 3`() throws {
        let spoilt = project.loops(".history/count/2025-11-23T201500/SHA256SUMS")
        try Disk.write([UInt8](repeating: 0x20, count: 1 << 26), to: spoilt)
        let mirror = try project.run("mirror", "--sync", sync)
        #expect(mirror.status == 3)
        #expect(mirror.output.contains("count/2025-11-23T201500\tfailed\t"))
        #expect(mirrored == ["2025-11-24T201500", "2025-11-25T201500", "2025-11-26T201500"])
        let again = try project.run("mirror", "--sync", sync)
        #expect(again.status == 1)
    }

    @Test func `without a sync directory it is usage, with a missing one 4 and the command to type`() throws {
        #expect(try project.run("mirror").status == 64)
        let missing = try project.run("mirror", "--sync", project.place.path("Sink"))
        #expect(missing.status == 4)
        #expect(missing.errorOutput.contains("mkdir -p"))
        let dry = try project.run("mirror", "-n", "--sync", project.place.path("Sink"))
        #expect(dry.status == 4 && dry.output == "" && dry.errorOutput.contains("mkdir -p"))
        #expect(!Disk.exists(project.place.path("Sink")))
    }

    @Test func `an emptied sync directory is not filled until it is adopted`() throws {
        #expect(try project.run("mirror", "--sync", sync).status == 0)
        try Disk.move(sync, to: project.place.path("Away"))
        try Disk.makeDirectories(sync)
        let suspended = try project.run("mirror", "--sync", sync)
        #expect(suspended.status == 4)
        #expect(suspended.errorOutput.contains("loopsync mirror --adopt"))
        #expect(Disk.names(in: sync) == [])
        #expect(try project.run("mirror", "-n", "--sync", sync).status == 4)
        for spelling in ["\(sync)/", "../Sync", "\(sync)/../Sync/."] {
            #expect(try project.run("mirror", "--sync", spelling).status == 4)
        }
        #expect(Disk.names(in: sync) == [])
        #expect(try project.run("verify", "--sync", sync).status == 4)
        #expect(try project.run("restore", "--from", "mirror", "count@latest", "--sync", sync).status == 4)
        #expect(try project.run("mirror", "--adopt", "--sync", sync).status == 0)
        #expect(mirrored.count == 4)
    }

    @Test func `a run comes back from the mirror, pinned, and a damaged file is repaired from it`() throws {
        #expect(try project.run("mirror", "--sync", sync).status == 0)
        let run = project.loops(".history/count/2025-11-26T201500")
        let events = Disk.read("\(run)/events.jsonl")
        try Disk.remove(run)
        let restore = try project.run("restore", "--from", "mirror", "count@latest", "--sync", sync)
        #expect(restore.status == 0)
        #expect(Disk.read("\(run)/events.jsonl") == events)
        #expect(Disk.exists("\(run)/.keep"))
        try Disk.write("{}", to: "\(run)/events.jsonl")
        #expect(try project.run("verify").status == 6)
        #expect(try project.run("verify", "--repair", "--sync", sync).status == 0)
        #expect(Disk.read("\(run)/events.jsonl") == events)
    }

    @Test(.enabled(if: !ThisMachine.identifier().isEmpty))
    func `when the whole project was lost, its runs are found in the mirror by its marker alone`() throws {
        #expect(try project.run("mirror", "--sync", sync).status == 0)
        let run = project.loops(".history/count/2025-11-26T201500")
        let events = Disk.read("\(run)/events.jsonl")
        try Disk.remove(project.loops(".history"))
        try Disk.remove(project.loops(".loopsync"))
        let before = TreeSnapshot(of: project.loops(""))
        let dry = try project.run("mirror", "-n", "--sync", sync)
        #expect(dry.status == 0 && dry.output == "")
        #expect(before.differences(to: TreeSnapshot(of: project.loops(""))).allSatisfy { $0.contains(".loopsync") })
        try Disk.remove(project.loops(".loopsync"))
        let list = try project.run("restore", "--list", "--from", "mirror", "--sync", sync)
        #expect(list.status == 0)
        #expect(list.output.split(separator: "\n").count == 4)
        try Disk.remove(project.loops(".loopsync"))
        #expect(try project.run("restore", "--from", "mirror", "count@latest", "--sync", sync).status == 0)
        try Disk.remove(project.loops(".loopsync"))
        try Disk.write("{}", to: "\(run)/events.jsonl")
        #expect(try project.run("verify", "--repair", "--sync", sync).status == 0)
        #expect(Disk.read("\(run)/events.jsonl") == events)
    }

    @Test func `the mirror keeps the last copy of a run that was pruned, restored from there and then lost`() throws {
        try project.configure(
            "mirror:\n  to: \(sync)\n  deletions: follow\n"
                + "retention:\n  keep_last: 1\n  keep_min: 0\n  min_age: 0s\n"
        )
        #expect(try project.run("mirror").status == 0)
        #expect(try project.run("prune").status == 0)
        let restored = "count/2025-11-23T201500"
        #expect(!Disk.exists(project.loops(".history/\(restored)")))
        #expect(try project.run("restore", "--from", "mirror", restored).status == 0)
        try Disk.remove(project.loops(".history/\(restored)"))
        #expect(try project.run("mirror").status == 0)
        #expect(mirrored == ["2025-11-23T201500", "2025-11-26T201500"])
    }

    @Test func `what the mirror does not hold is not pruned, and once it does, it is`() throws {
        let policy = "retention:\n  keep_last: 1\n  keep_min: 0\n  min_age: 0s\n"
        try project.configure("mirror:\n  to: \(sync)\n\(policy)")
        let early = try project.run("prune")
        #expect(early.status == 0 && early.output == "")
        #expect(
            early.errorOutput
                == "loopsync: 3 runs would go but stay until the mirror holds them (nothing was mirrored to \(sync) yet)."
                + " Go on with: loopsync mirror\n"
        )
        let once = try project.run("--watch", ".loops", "--once")
        #expect(once.status == 0)
        #expect(once.output.contains("count/2025-11-23T201500\tmirrored\t"))
        #expect(once.errorOutput.contains("removed 3 of 4 runs"))
        #expect(Disk.names(in: project.loops(".history/count")) == ["2025-11-26T201500"])
        #expect(mirrored.count == 4)
        let idle = try project.run("--watch", ".loops", "--once")
        #expect(idle.status == 0 && idle.output == "")
    }

    @Test func `while the mirror is away a prune says what stays for it, and so does the valve`() throws {
        let policy = "retention:\n  keep_last: 1\n  keep_min: 0\n  min_age: 0s\n"
        #expect(try project.run("mirror", "--sync", sync).status == 0)
        try project.configure("mirror:\n  to: \(sync)\n\(policy)")
        try Disk.move(sync, to: project.place.path("Away"))
        let away = try project.run("prune")
        #expect(away.status == 0 && away.output == "")
        #expect(away.errorOutput.contains("loopsync: 3 runs would go but stay until the mirror holds them ("))
        for second in 0..<30 {
            let name = "2025-11-22T2015\(second < 10 ? "0" : "")\(second)"
            try project.archive("many/\(name)", loop: "many", second: Int64(second) - 86400, status: "completed")
        }
        try project.configure("mirror:\n  to: \(sync)\n\(policy)  keep_weekly: 1\n")
        let held = try project.run("prune")
        #expect(held.status == 5)
        #expect(held.errorOutput.contains("held back: many: 29 of 30 runs would go at once"))
        try Disk.move(project.place.path("Away"), to: sync)
        let back = try project.run("--watch", ".loops", "--once")
        #expect(back.status == 5)
        #expect(Disk.names(in: project.loops(".history/many")).count == 30)
    }

    @Test func `the mirror's trash is emptied in its time by commands too`() throws {
        #expect(try project.run("mirror", "--sync", sync).status == 0)
        let host = try #require(Disk.names(in: sync).first)
        let trash = "\(sync)/\(host)/p/.loopsync-trash"
        for arguments in [["prune"], ["--watch", ".loops", "--once"]] {
            for day in ["2001-02-03", "2999-01-01"] { try Disk.makeDirectories("\(trash)/\(day)/count/run") }
            let emptied = try CommandRun(arguments + ["--sync", sync], in: project.path)
            #expect(emptied.status == 0)
            #expect(emptied.errorOutput.contains("deleted from the mirror's trash what came there on 2001-02-03\n"))
            #expect(Disk.names(in: trash) == ["2999-01-01"])
        }
    }

    @Test func `--once ends with the gravest status and still does the rest`() throws {
        let policy = "retention:\n  keep_last: 1\n  keep_min: 0\n  min_age: 0s\n  require_mirrored: false\n"
        try project.configure("mirror:\n  to: \(project.place.path("Sink"))\n\(policy)")
        let once = try project.run("--watch", ".loops", "--once")
        #expect(once.status == 4)
        #expect(once.errorOutput.contains("removed 3 of 4 runs"))
        let none = try project.run("--watch", "none/.loops", "--once")
        #expect(none.status == 10)
        let document = try JSONValue(parsing: Array(project.run("--watch", ".loops", "--once", "--json").output.utf8))
        #expect(document.arrayValue?.first?.objectValue?["prune"]?.objectValue?["removing"] == 0)
    }
}
