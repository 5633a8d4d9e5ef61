import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

/// The whole mirror of one project: live and archived runs, and a sync directory that comes and goes.
@Suite struct MirrorTests {
    private final class Lab {
        let base: MirrorLab
        let mirror: Mirror
        let stem: LiveStem
        var now: Timestamp { base.now }

        init(_ change: (inout MirrorSettings) -> Void = { _ in }) throws {
            base = try MirrorLab()
            var settings = MirrorSettings(to: base.syncPath)
            change(&settings)
            guard
                let mirror = Mirror(
                    loops: try base.loops(),
                    settings: settings,
                    owner: base.owner,
                    environment: base.environment()
                )
            else { throw TestSupportError("no mirror") }
            self.mirror = mirror
            stem = try base.stem("demo")
            try Disk.write("one\n", to: source)
        }

        var source: String { base.loopsPath + "/.running/demo.events.jsonl" }
        var live: String { base.mirrorPath + "/.running/demo.events.jsonl" }

        func append() throws -> LiveMirrorOutcome {
            mirror.append(stem, loop: "demo", from: try base.file(source), hasEnded: false, now: now)
        }

        func archive(_ number: Int) throws -> RunPlace {
            let run = ArchiveMirrorLab.run(number)
            try run.write(toHistory: base.loopsPath + "/.history")
            let path = base.loopsPath + "/.history/" + run.place
            let sums = try SumsFile.computed(for: base.directory(path))
            try Disk.write(sums.serialized(), to: path + "/SHA256SUMS")
            let names = try run.place.split(separator: "/").map { try base.name(String($0)) }
            return RunPlace(loop: names[0], run: names[1])
        }

        func work() {
            for _ in 0..<1_000 {
                switch mirror.work(now: now) {
                case nil: return
                case .retryLater(let why, let at) where why.hasPrefix("another loopsync"):
                    // A process that another test starts has the lock's descriptor until it is another program.
                    LoopStore.pause(milliseconds: 10)
                    base.now = at
                default: break
                }
            }
        }

        func pass(_ seconds: Int64) { base.now = base.now + .seconds(seconds) }
    }

    @Test func `after five quiet seconds nothing in the sync directory is held open, and nothing wakes anybody`() throws
    {
        let lab = try Lab()
        _ = try lab.archive(0)
        #expect(try lab.append() == .wrote(4))
        lab.work()
        #expect(lab.base.descriptors > 0)
        lab.pass(6)
        lab.mirror.tick(now: lab.now)
        #expect(lab.base.descriptors == 0)
        #expect(lab.mirror.nextDeadline(now: lab.now) == nil)
        #expect(lab.mirror.path == lab.base.mirrorPath)
        try Disk.append("two\n", to: lab.source)
        #expect(try lab.append() == .wrote(4))
    }

    @Test func `a mirror that is away is caught up with when it is back, live and archived`() throws {
        let lab = try Lab()
        #expect(try lab.append() == .wrote(4))
        let first = try lab.archive(0)
        lab.mirror.archived(first)
        lab.work()
        #expect(lab.mirror.isUpToDate)

        let away = lab.base.temporary.path("unmounted")
        try Disk.move(lab.base.syncPath, to: away)
        try Disk.makeDirectories(lab.base.syncPath)
        lab.pass(10)
        try Disk.append("two\n", to: lab.source)
        #expect(try lab.append() == .later)
        let second = try lab.archive(1)
        lab.mirror.archived(second)
        lab.work()
        #expect(lab.mirror.suspension?.reason == .emptied)
        #expect(lab.mirror.path == nil)
        let sums = try #require(Disk.read(lab.base.loopsPath + "/.history/\(first)/SHA256SUMS"))
        #expect(!lab.mirror.isMirrored(first, sums: Checksum(of: sums).bytes))
        #expect(Disk.names(in: lab.base.syncPath).isEmpty)
        let deadline = try #require(lab.mirror.nextDeadline(now: lab.now))
        #expect(deadline > lab.now && deadline - lab.now <= .seconds(30))

        try Disk.remove(lab.base.syncPath)
        try Disk.move(away, to: lab.base.syncPath)
        lab.pass(31)
        lab.mirror.tick(now: lab.now)
        #expect(lab.mirror.suspension == nil)
        #expect(lab.mirror.due(now: lab.now) == [lab.stem])
        #expect(try lab.append() == .wrote(4))
        lab.work()
        #expect(lab.mirror.isUpToDate)
        #expect(lab.mirror.isMirrored(first, sums: Checksum(of: sums).bytes))
        #expect(Disk.text(lab.live) == "one\ntwo\n")
        #expect(
            TreeSnapshot(of: lab.base.loopsPath + "/.history") == TreeSnapshot(of: lab.base.mirrorPath + "/.history")
        )
        #expect(!Disk.exists(lab.base.mirrorPath + "/.conflicts"))
    }

    @Test func `a directory swapped under an open file gets no more than a second of appends`() throws {
        let lab = try Lab()
        _ = try lab.append()
        try Disk.move(lab.base.syncPath, to: lab.base.temporary.path("other"))
        try Disk.makeDirectories(lab.base.syncPath)
        try Disk.append("two\n", to: lab.source)
        lab.pass(1)
        #expect(try lab.append() == .later)
        #expect(Disk.names(in: lab.base.syncPath).isEmpty)
    }

    @Test func `what is excluded, or live where only archives are wanted, is not mirrored`() throws {
        let excluded = try Lab { $0.filter.exclude = [Glob("demo")] }
        #expect(try excluded.append() == .excluded)
        _ = try excluded.archive(0)
        excluded.work()
        #expect(!excluded.mirror.covers("demo"))
        #expect(Disk.names(in: excluded.base.mirrorPath + "/.history").isEmpty)
        let archiveOnly = try Lab { $0.live = false }
        #expect(try archiveOnly.append() == .excluded)
        _ = try archiveOnly.archive(0)
        archiveOnly.work()
        #expect(Disk.names(in: archiveOnly.base.mirrorPath + "/.history") == ["demo"])
    }

    @Test func `adopting an emptied sync directory fills it again`() throws {
        let lab = try Lab()
        _ = try lab.append()
        _ = try lab.archive(0)
        lab.work()
        try Disk.remove(lab.base.syncPath)
        try Disk.makeDirectories(lab.base.syncPath)
        lab.pass(10)
        #expect(lab.mirror.open(now: lab.now) == nil)
        #expect(lab.mirror.open(now: lab.now, isAdopting: true) != nil)
        #expect(lab.mirror.due(now: lab.now) == [lab.stem])
        #expect(try lab.append() == .wrote(4))
        lab.work()
        #expect(lab.mirror.isUpToDate)
        #expect(
            TreeSnapshot(of: lab.base.loopsPath + "/.history") == TreeSnapshot(of: lab.base.mirrorPath + "/.history")
        )
    }

    @Test func `a plan is the work that is then done, and making it changes nothing`() throws {
        let lab = try Lab()
        let place = try lab.archive(0)
        lab.mirror.open(now: lab.now)
        let before = TreeSnapshot(of: lab.base.syncPath)
        #expect(try lab.mirror.plan(now: lab.now)?.steps == [.publish(place)])
        #expect(TreeSnapshot(of: lab.base.syncPath) == before)
        lab.work()
        #expect(try lab.mirror.plan(now: lab.now)?.steps == [])
    }

    @Test func `live files of runs that ended while nobody looked go, without a conflict where the run is archived`()
        throws
    {
        let lab = try Lab()
        let run = ArchiveMirrorLab.run(0)
        try Disk.write(run.events, to: lab.source)
        _ = try lab.append()
        _ = try lab.archive(0)
        try Disk.remove(lab.source)
        let other = try #require(
            Mirror(
                loops: try lab.base.loops(),
                settings: MirrorSettings(to: lab.base.syncPath),
                owner: lab.base.owner,
                environment: lab.base.environment(process: 99)
            )
        )
        #expect(other.removeLive(except: [], now: lab.now) == [lab.stem])
        #expect(Disk.names(in: lab.base.mirrorPath + "/.running").isEmpty)
        #expect(!Disk.exists(lab.base.mirrorPath + "/.conflicts"))
    }

    @Test(arguments: Executor.allCases)
    func `a real executor's history reads the mirror, and sees what it sees in the project`(_ executor: Executor) throws
    {
        let lab = try LoopLab(executor)
        try lab.define(
            "demo",
            "initial: one\nstates:\n  one:\n    action: echo hello\n    next: done\n  done:\n    terminal: true"
        )
        #expect(try lab.run("run", "demo").succeeded)
        // A archives a run when the next one starts.
        #expect(try lab.run("run", "demo").succeeded)
        let loops = try #require(try LoopsDirectory.open(path: lab.loops))
        let history = try #require(try loops.history())
        for place in try HistoryScan.places(in: history) {
            let directory = try #require(try HistoryScan.directory(of: place, in: history))
            let sums = try SumsFile.computed(for: directory).serialized()
            try directory.createFile(.sums, mode: 0o644).write(sums, at: 0)
        }
        var owner = MirrorOwner.current(loopsPath: lab.loops)
        owner.host = HostName.current
        let mirror = try #require(
            Mirror(
                loops: loops,
                settings: MirrorSettings(to: lab.sync),
                owner: owner,
                environment: .system(process: getpid())
            )
        )
        let now = Timestamp(seconds: 1_790_000_000)
        for _ in 0..<100 where mirror.work(now: now) == nil { break }
        let here = try lab.run("history", "demo")
        let there = try lab.runOnMirror("history", "demo")
        #expect(here.succeeded && there.succeeded)
        #expect(here.output == there.output)
        #expect(there.output.contains("completed"))
        let before = TreeSnapshot(of: lab.mirror)
        _ = try lab.runOnMirror("list", "--running")
        #expect(TreeSnapshot(of: lab.mirror) == before)
    }
}
