import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

@Suite struct ArchiveMirrorTests {
    private typealias Lab = ArchiveMirrorLab

    @Test func `every sealed run of both layouts comes to the same place, byte for byte`() throws {
        let lab = try Lab()
        for number in 0..<5 { try lab.archive(Lab.run(number)) }
        for number in 0..<3 { try lab.archive(Lab.run(number, executor: .b)) }
        #expect(lab.work().count == 8)
        #expect(lab.isSame)
        #expect(lab.mirror.isUpToDate)
        #expect(Disk.names(in: lab.base.mirrorPath + "/.loopsync-tmp/" + scratch(lab)).isEmpty)
    }

    private func scratch(_ lab: Lab) -> String {
        Disk.names(in: lab.base.mirrorPath + "/.loopsync-tmp").first ?? ""
    }

    @Test func `times and modes are the source's`() throws {
        let lab = try Lab()
        let place = try lab.archive(Lab.run(0))
        chmod("\(lab.history)/\(place)/state.json", 0o600)
        chmod("\(lab.history)/\(place)", 0o750)
        lab.work()
        for file in ["state.json", "events.jsonl", "SHA256SUMS"] {
            let source = try #require(Disk.status("\(lab.history)/\(place)/\(file)"))
            let copy = try #require(Disk.status("\(lab.copies)/\(place)/\(file)"))
            #expect(source.mode == copy.mode && source.modified == copy.modified)
        }
        #expect(Disk.status("\(lab.copies)/\(place)")?.mode == 0o750)
    }

    @Test func `an executor's own archive waits until it has sums`() throws {
        let lab = try Lab()
        let run = Lab.run(0)
        try run.write(toHistory: lab.history)
        #expect(lab.work().isEmpty)
        #expect(!Disk.exists("\(lab.copies)/\(run.place)"))
        try lab.seal(run.place)
        lab.mirror.archived(try lab.place(run.place))
        #expect(lab.work().count == 1)
        #expect(lab.isSame)
    }

    @Test func `a second pass changes nothing and reads no content`() throws {
        let lab = try Lab()
        let run = Lab.run(0)
        try lab.archive(run)
        lab.work()
        // Whoever reads the events would see that they differ.
        let path = "\(lab.copies)/\(run.place)/events.jsonl"
        var bytes = try #require(Disk.read(path))
        bytes[10] ^= 1
        try Disk.write(bytes, to: path)
        let before = TreeSnapshot(of: lab.base.mirrorPath)
        try lab.restart()
        #expect(lab.work().isEmpty)
        #expect(TreeSnapshot(of: lab.base.mirrorPath) == before)
        #expect(try lab.mirror.isMirrored(lab.place(run.place), sums: lab.sums(run.place)))
    }

    @Test func `a run is mirrored for retention only with the sums it has now`() throws {
        let lab = try Lab()
        let run = Lab.run(0)
        let place = try lab.archive(run)
        let old = try lab.sums(run.place)
        #expect(!lab.mirror.isMirrored(place, sums: old))
        lab.work()
        #expect(lab.mirror.isMirrored(place, sums: old))
        try Disk.append("{}\n", to: "\(lab.history)/\(place)/events.jsonl")
        try lab.seal(run.place)
        #expect(!lab.mirror.isMirrored(place, sums: try lab.sums(run.place)))
        lab.mirror.archived(place)
        lab.work()
        #expect(lab.mirror.isMirrored(place, sums: try lab.sums(run.place)))
        #expect(lab.isSame)
    }

    @Test func `an extended run replaces the whole directory at once`() throws {
        let lab = try Lab()
        let run = Lab.run(0)
        let place = try lab.archive(run)
        lab.work()
        let reader = try lab.base.directory("\(lab.copies)/\(place)")
        try lab.archive(Lab.run(0, states: 5))
        lab.mirror.archived(place)
        let changes = lab.work()
        guard case .replaced? = changes.first else {
            Issue.record("\(changes)")
            return
        }
        #expect(lab.isSame)
        // Whoever had the old directory open does not see a mixture.
        #expect(try reader.entries().isEmpty)
        #expect(!Disk.exists(lab.conflicts))
    }

    @Test func `a run that moved aside is renamed before its namesake is published`() throws {
        let lab = try Lab()
        let first = Lab.run(0)
        try lab.archive(first)
        lab.work()
        let inode = try #require(Disk.status("\(lab.copies)/\(first.place)"))
        let aside = first.place + "-2"
        try Disk.move("\(lab.history)/\(first.place)", to: "\(lab.history)/\(aside)")
        var second = Lab.run(0)
        second.microseconds = 900_000
        try lab.archive(second)
        lab.mirror.archived(
            try lab.place(second.place),
            renamed: [(from: try lab.place(first.place), to: try lab.place(aside))]
        )
        lab.work()
        #expect(lab.isSame)
        #expect(Disk.status("\(lab.copies)/\(aside)")?.inode == inode.inode)
        #expect(!Disk.exists(lab.conflicts))
    }

    @Test(arguments: [true, false])
    func `a comparison finds a rename that nobody told of`(_ hasNamesake: Bool) throws {
        let lab = try Lab()
        let first = Lab.run(0)
        try lab.archive(first)
        lab.work()
        let inode = try #require(Disk.status("\(lab.copies)/\(first.place)"))
        let aside = first.place + "-2"
        try Disk.move("\(lab.history)/\(first.place)", to: "\(lab.history)/\(aside)")
        var second = Lab.run(0)
        second.microseconds = 900_000
        if hasNamesake { try lab.archive(second) }
        // Told of the namesake alone, it does not write it over a run that it cannot account for.
        lab.mirror.archived(try lab.place(second.place))
        lab.mirror.rescan()
        lab.work()
        #expect(lab.isSame)
        #expect(Disk.status("\(lab.copies)/\(aside)")?.inode == inode.inode)
        #expect(!Disk.exists(lab.conflicts))
    }

    @Test func `two runs that changed places are both put right`() throws {
        let lab = try Lab()
        let runs = [Lab.run(0), Lab.run(1)]
        for run in runs { try lab.archive(run) }
        lab.work()
        try lab.archive(runs[0], at: runs[1].place)
        try lab.archive(runs[1], at: runs[0].place)
        lab.mirror.rescan()
        lab.work()
        #expect(lab.isSame)
    }

    @Test func `a double in the mirror goes into its trash`() throws {
        let lab = try Lab()
        let run = Lab.run(0)
        try lab.archive(run)
        lab.work()
        try lab.archive(run, at: run.place + "-2")
        lab.mirror.archived(try lab.place(run.place + "-2"))
        lab.work()
        try Disk.remove("\(lab.history)/\(run.place)-2")
        lab.mirror.rescan()
        lab.work()
        #expect(lab.isSame)
        #expect(Disk.exists(lab.base.mirrorPath + "/.loopsync-trash/2026-09-21/\(run.place)-2/events.jsonl"))
    }

    @Test func `a run that only the mirror has stays, and is told once`() throws {
        let lab = try Lab(deletions: .follow)
        let run = Lab.run(0)
        let place = try lab.archive(run)
        lab.work()
        try Disk.remove("\(lab.history)/\(place)")
        for _ in 0..<2 {
            lab.mirror.rescan()
            lab.work()
        }
        #expect(Disk.exists("\(lab.copies)/\(place)/events.jsonl"))
        #expect(lab.mirror.takeNotices() == [.vanished(place)])
    }

    @Test(arguments: [false, true])
    func `a run that goes while it is compared is one that only the mirror has`(wholeHistory: Bool) throws {
        let lab = try Lab()
        let places = try (0..<3).map { try lab.archive(Lab.run($0)) }
        lab.work()
        lab.mirror.rescan()
        let now = lab.base.now
        #expect(lab.mirror.nextWork(now: now) == .list)
        _ = lab.mirror.perform(.list, in: lab.root, now: now)
        try Disk.remove(wholeHistory ? lab.history : "\(lab.history)/\(places[1])")
        lab.work()
        #expect(lab.mirror.takeNotices() == (wholeHistory ? places : [places[1]]).map { .vanished($0) })
    }

    @Test(arguments: [MirrorDeletions.keep, .follow])
    func `what was pruned here stays or follows, as the settings say`(_ deletions: MirrorDeletions) throws {
        let lab = try Lab(deletions: deletions)
        let run = Lab.run(0)
        let place = try lab.archive(run)
        let sums = try lab.sums(run.place)
        lab.work()
        try Disk.remove("\(lab.history)/\(place)")
        lab.mirror.pruned = { [PrunedRun(place: place, sums: sums)] }
        lab.mirror.rescan()
        lab.work()
        #expect(Disk.exists("\(lab.copies)/\(place)") == (deletions == .keep))
        let trashed = lab.base.mirrorPath + "/.loopsync-trash/2026-09-21/\(place)/events.jsonl"
        #expect(Disk.exists(trashed) == (deletions == .follow))
        #expect(lab.mirror.takeNotices().isEmpty)
        _ = MirrorTrash.empty(in: lab.root, before: "2026-09-21")
        #expect(Disk.exists(trashed) == (deletions == .follow))
        _ = MirrorTrash.empty(in: lab.root, before: "2026-09-22")
        #expect(!Disk.exists(trashed))
    }

    @Test func `a prune record of other bytes takes nothing, nor one of a run that came back`() throws {
        let lab = try Lab(deletions: .follow)
        let runs = [Lab.run(0), Lab.run(1)]
        for run in runs { try lab.archive(run) }
        let places = try runs.map { try lab.place($0.place) }
        let sums = try lab.sums(runs[1].place)
        lab.work()
        try Disk.remove("\(lab.history)/\(places[0])")
        lab.mirror.pruned = {
            [PrunedRun(place: places[0], sums: [1, 2, 3]), PrunedRun(place: places[1], sums: sums)]
        }
        lab.mirror.rescan()
        lab.work()
        for place in places { #expect(Disk.exists("\(lab.copies)/\(place)")) }
    }

    @Test func `an edited file is kept once and the run made whole again`() throws {
        let lab = try Lab()
        let run = Lab.run(0)
        let place = try lab.archive(run)
        lab.work()
        for _ in 0..<2 {
            try Disk.append("edited\n", to: "\(lab.copies)/\(place)/events.jsonl")
            lab.mirror.rescan()
            #expect(lab.work().count == 1)
            #expect(lab.isSame)
        }
        #expect(Disk.names(in: "\(lab.conflicts)/\(place)") == ["events.jsonl~1"])
        #expect(Disk.text("\(lab.conflicts)/\(place)/events.jsonl~1")?.hasSuffix("edited\n") == true)
    }

    @Test func `a state that a reader flipped is replaced without a trace`() throws {
        let lab = try Lab()
        var run = Lab.run(0)
        run.status = "running"
        let place = try lab.archive(run)
        lab.work()
        let path = "\(lab.copies)/\(place)/state.json"
        let text = try #require(Disk.text(path)).replacing("\"running\"", with: "\"interrupted\"")
        try Disk.write(text, to: path)
        lab.mirror.rescan()
        lab.work()
        #expect(lab.isSame)
        #expect(!Disk.exists(lab.conflicts))
    }

    @Test func `a person's notes and conflict copies beside a run outlive its replacement`() throws {
        let lab = try Lab()
        let place = try lab.archive(Lab.run(0))
        lab.work()
        let copy = "state.sync-conflict-20260101-120000-ABCDEFG.json"
        for name in [copy, "notes.txt", ".keep"] { try Disk.write(name, to: "\(lab.copies)/\(place)/\(name)") }
        try Disk.makeDirectories("\(lab.copies)/\(place)/pictures")
        try Disk.write("x", to: "\(lab.copies)/\(place)/pictures/1.png")
        try lab.archive(Lab.run(0, states: 4))
        lab.mirror.archived(place)
        lab.work()
        for name in [copy, "notes.txt", ".keep"] { #expect(Disk.text("\(lab.copies)/\(place)/\(name)") == name) }
        #expect(Disk.read("\(lab.copies)/\(place)/state.json") == Disk.read("\(lab.history)/\(place)/state.json"))
        #expect(Disk.exists("\(lab.conflicts)/\(place)/pictures~1/1.png"))
        lab.mirror.rescan()
        lab.work()
        let copies = lab.mirror.takeNotices().filter { if case .conflictCopy = $0 { true } else { false } }
        #expect(copies == [.conflictCopy(path: "\(lab.root.path)/.history/\(place)/\(copy)")])
    }

    @Test func `a sync client's conflict copies are no runs on either side`() throws {
        let lab = try Lab()
        let run = Lab.run(0, executor: .b)
        try lab.archive(run)
        lab.work()
        let copy = run.place + " (conflicted copy 2026-01-01)"
        try lab.archive(run, at: copy)
        try Disk.makeDirectories("\(lab.copies)/\(run.place)x.sync-conflict-20260101-120000-ABCDEFG")
        try Disk.write(
            run.state,
            to: "\(lab.copies)/\(run.place)x.sync-conflict-20260101-120000-ABCDEFG/state.json"
        )
        let before = TreeSnapshot(of: lab.copies)
        lab.mirror.rescan()
        #expect(lab.work().isEmpty)
        #expect(TreeSnapshot(of: lab.copies) == before)
        #expect(lab.mirror.takeNotices().count == 1)
    }

    @Test func `a run whose bytes differ from its sums waits, and is reported when that stays`() throws {
        let lab = try Lab()
        let place = try lab.archive(Lab.run(0))
        try lab.archive(Lab.run(1))
        try Disk.append("torn", to: "\(lab.history)/\(place)/events.jsonl")
        #expect(lab.work().count == 1)
        #expect(!Disk.exists("\(lab.copies)/\(place)"))
        #expect(lab.mirror.nextDeadline(now: lab.base.now) == lab.base.now + .seconds(2))
        for _ in 0..<10 {
            lab.base.now = lab.base.now + .seconds(100)
            lab.work()
        }
        #expect(lab.mirror.failures.keys.sorted() == [place])
        #expect(lab.mirror.takeNotices().count == 1)
        #expect(!lab.mirror.isUpToDate)
        try lab.seal("\(place)")
        lab.mirror.archived(place)
        #expect(lab.work().count == 1)
        #expect(lab.isSame && lab.mirror.isUpToDate)
    }

    @Test func `included and excluded loops go by the name in the state`() throws {
        let lab = try Lab(filter: LoopFilter(include: [Glob("build-*")], exclude: [Glob("*-secret")]))
        for loop in ["build-a", "build-secret", "other"] { try lab.archive(Lab.run(0, loop: loop)) }
        lab.work()
        #expect(Disk.names(in: lab.copies) == ["build-a"])
    }

    @Test func `links and files in a run's place lead nowhere and are kept`() throws {
        let lab = try Lab()
        let runs = [Lab.run(0, executor: .b), Lab.run(1, executor: .b)]
        for run in runs { try lab.archive(run) }
        try Disk.makeDirectories(lab.copies)
        try Disk.makeDirectories(lab.base.temporary.path("outside"))
        #expect(symlink(lab.base.temporary.path("outside"), "\(lab.copies)/\(runs[0].place)") == 0)
        try Disk.write("mine", to: "\(lab.copies)/\(runs[1].place)")
        lab.work()
        #expect(lab.isSame)
        #expect(Disk.names(in: lab.base.temporary.path("outside")).isEmpty)
        #expect(Disk.text("\(lab.conflicts)/\(runs[1].place)~1") == "mine")
    }

    @Test func `another process that writes to the mirror is waited for`() throws {
        let lab = try Lab()
        try lab.archive(Lab.run(0))
        let own = try lab.base.loops().own()
        let lock = try own.createFile(FileName(literal: "mirror.lock"), mode: 0o600)
        #expect(try lock.tryLock())
        #expect(lab.work().isEmpty)
        try lock.close()
        lab.base.now = lab.base.now + .seconds(61)
        #expect(lab.work().count == 1)
    }
}
