import Glibc
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import Synchronization
import TestSupport
import Testing

@Suite struct MirrorRootTests {
    @Test func `the first use makes a marked loops directory and says on which file system`() throws {
        let lab = try MirrorLab()
        let root = try lab.root()
        let mirror = try #require(root.check(now: lab.now).mirror)
        #expect(mirror.isFirstUse)
        #expect(mirror.namespace.map(\.description) == ["host", "app"])
        #expect(Disk.names(in: lab.mirrorPath) == [".history", ".loopsync-mirror", ".loopsync-tmp", ".running"])
        let marker = try #require(Disk.read(lab.mirrorPath + "/.loopsync-mirror").flatMap { MirrorMarker(parsing: $0) })
        #expect(marker.id == "id-1")
        #expect(marker.loopsPath == lab.loopsPath)
        let notice = try #require(root.takeNotices().first?.description)
        #expect(notice.contains(mirror.fileSystem.type) && notice.contains(lab.mirrorPath))
        #expect(Disk.status(lab.mirrorPath)?.mode == 0o700)
    }

    @Test func `a check finds the same mirror and writes nothing`() throws {
        let lab = try MirrorLab()
        let root = try lab.root()
        let first = try #require(root.check(now: lab.now).mirror)
        let tree = TreeSnapshot(of: lab.syncPath)
        let second = try #require(root.check(now: lab.now).mirror)
        #expect(second.generation == first.generation)
        #expect(TreeSnapshot(of: lab.syncPath) == tree)
    }

    @Test func `a mirror that is found is made durable: who made it may have been killed before`() throws {
        let lab = try MirrorLab()
        #expect(try lab.root().check(now: lab.now).mirror != nil)
        let synced = Mutex<[String]>([])
        let faults = Faults { operation in
            if operation.call == "fsync" { synced.withLock { $0.append(operation.path) } }
            return .proceed
        }
        var environment = lab.environment()
        environment.open = { (path) throws(PosixError) -> (any Directory)? in
            try PosixDirectory.open(path: path).map { FaultyDirectory($0, faults) }
        }
        let root = MirrorRoot(
            loops: try lab.loops(),
            syncPath: lab.syncPath,
            template: .standard,
            owner: lab.owner,
            environment: environment
        )
        #expect(root.check(now: lab.now).mirror != nil)
        #expect(synced.withLock(\.self) == [lab.mirrorPath, "\(lab.syncPath)/host", lab.syncPath])
    }

    @Test func `a sync directory that does not exist is never made`() throws {
        let lab = try MirrorLab(sync: false)
        let suspension = try #require(try lab.root().check(now: lab.now).suspension)
        #expect(suspension.reason == .missing)
        #expect(suspension.description.contains("mkdir -p '\(lab.syncPath)'"))
        #expect(!Disk.exists(lab.syncPath))
    }

    @Test func `an empty mount point in the mirror's place stays empty until the disk is back`() throws {
        let lab = try MirrorLab()
        let root = try lab.root()
        _ = root.check(now: lab.now)
        try Disk.move(lab.syncPath, to: lab.temporary.path("unmounted"))
        #expect(root.check(now: lab.now).suspension?.reason == .missing)
        try Disk.makeDirectories(lab.syncPath)
        // Also for an agent that starts now.
        for root in [root, try lab.root()] {
            let suspension = try #require(root.check(now: lab.now).suspension)
            #expect(suspension.reason == .emptied)
            #expect(suspension.description.contains("loopsync mirror --adopt"))
            #expect(suspension.description.contains("same file system"))
            #expect(Disk.names(in: lab.syncPath).isEmpty)
        }
        try Disk.remove(lab.syncPath)
        try Disk.move(lab.temporary.path("unmounted"), to: lab.syncPath)
        let back = try #require(root.check(now: lab.now).mirror)
        #expect(!back.isFirstUse && back.marker.id == "id-1")
    }

    @Test func `a disk that goes in the very moment of the first use is missed, and no second mirror is begun`() throws
    {
        let lab = try MirrorLab()
        let second = Mutex(MirrorStanding?.none)
        let (loops, now, syncPath, away) = (try lab.loops(), lab.now, lab.syncPath, lab.temporary.path("unmounted"))
        var patient = lab.environment()
        patient.patience = 0
        let other = MirrorRootMaker(loops: try lab.loops(), syncPath: syncPath, owner: lab.owner, environment: patient)
        var environment = lab.environment()
        let ids = Mutex(0)
        environment.makeID = {
            let number = ids.withLock { count in
                count += 1
                return count
            }
            // The third id names the memory's temporary file: the marker is made, and nobody remembers it yet.
            if number == 3 {
                try? Disk.move(syncPath, to: away)
                try? Disk.makeDirectories(syncPath)
                second.withLock { $0 = other.root().check(now: now) }
            }
            return "id-\(number)"
        }
        let first = MirrorRootMaker(loops: loops, syncPath: syncPath, owner: lab.owner, environment: environment).root()
        #expect(first.check(now: now).mirror != nil)
        #expect(second.withLock { $0?.suspension } != nil)
        #expect(first.check(now: now).suspension?.reason == .emptied)
        #expect(Disk.names(in: syncPath) == [])
    }

    @Test func `another disk under the path suspends, and its file system is named`() throws {
        let lab = try MirrorLab()
        _ = try lab.root().check(now: lab.now)
        try Disk.move(lab.syncPath, to: lab.temporary.path("unmounted"))
        try Disk.makeDirectories(lab.syncPath + "/photos")
        let loops = try lab.loops()
        var environment = lab.environment()
        environment.fileSystem = { _, _ in FileSystemSeen(device: 99, type: "vfat", mountPoint: "/mnt/stick") }
        let root = MirrorRoot(
            loops: loops,
            syncPath: lab.syncPath,
            template: .standard,
            owner: lab.owner,
            environment: environment
        )
        let suspension = try #require(root.check(now: lab.now).suspension)
        #expect(suspension.reason == .markerGone(try ["host", "app"].map(lab.name)))
        #expect(suspension.description.contains("now vfat mounted at /mnt/stick; it was"))
        #expect(Disk.names(in: lab.syncPath) == ["photos"])
    }

    @Test func `a marker that vanished suspends, and adopting goes on with what is there`() throws {
        let lab = try MirrorLab()
        let root = try lab.root()
        _ = root.check(now: lab.now)
        try Disk.write("x", to: lab.mirrorPath + "/.history/something")
        try Disk.remove(lab.mirrorPath + "/.loopsync-mirror")
        #expect(root.check(now: lab.now).suspension != nil)
        #expect(!Disk.exists(lab.mirrorPath + "/.loopsync-mirror"))
        let adopted = try #require(root.find(now: lab.now, isAdopting: true).mirror)
        #expect(adopted.marker.id != "id-1")
        #expect(Disk.text(lab.mirrorPath + "/.history/something") == "x")
        #expect(try lab.root().check(now: lab.now).mirror?.marker.id == adopted.marker.id)
    }

    @Test func `a damaged marker is nobody's`() throws {
        let lab = try MirrorLab()
        let root = try lab.root()
        _ = root.check(now: lab.now)
        try Disk.write("{\"id\":", to: lab.mirrorPath + "/.loopsync-mirror")
        let suspension = try #require(root.check(now: lab.now).suspension)
        guard case .markerUnreadable = suspension.reason else {
            Issue.record("\(suspension)")
            return
        }
    }

    @Test func `without its memory the mirror is found by machine and path, also where it was renamed`() throws {
        let lab = try MirrorLab()
        _ = try lab.root().check(now: lab.now)
        try Disk.remove(lab.loopsPath + "/.loopsync")
        #expect(try lab.root().check(now: lab.now).mirror?.marker.id == "id-1")
        try Disk.remove(lab.loopsPath + "/.loopsync")
        try Disk.move(lab.syncPath + "/host", to: lab.syncPath + "/elsewhere")
        let found = try #require(try lab.root().check(now: lab.now).mirror)
        #expect(found.namespace.map(\.description) == ["elsewhere", "app"])
        #expect(!Disk.exists(lab.mirrorPath))
    }

    @Test func `a mirror found under another name is remembered there`() throws {
        let lab = try MirrorLab()
        let root = try lab.root()
        _ = root.check(now: lab.now)
        try Disk.move(lab.mirrorPath, to: lab.syncPath + "/renamed")
        #expect(root.check(now: lab.now).mirror?.namespace.map(\.description) == ["renamed"])
        #expect(try lab.root().check(now: lab.now).mirror?.namespace.map(\.description) == ["renamed"])
    }

    @Test func `two copies of the mirror, and none in its place, need a person`() throws {
        let lab = try MirrorLab()
        let root = try lab.root()
        _ = root.check(now: lab.now)
        let marker = try #require(Disk.read(lab.mirrorPath + "/.loopsync-mirror"))
        for name in ["a", "b"] {
            try Disk.makeDirectories("\(lab.syncPath)/\(name)")
            try Disk.write(marker, to: "\(lab.syncPath)/\(name)/.loopsync-mirror")
        }
        #expect(root.check(now: lab.now).mirror?.namespace.count == 2)
        try Disk.remove(lab.mirrorPath)
        #expect(root.check(now: lab.now).suspension?.reason == .ambiguous(try [[lab.name("a")], [lab.name("b")]]))
    }

    @Test func `the namespace is fixed at first use`() throws {
        let lab = try MirrorLab()
        _ = try lab.root().check(now: lab.now)
        let root = try lab.root(template: NamespaceTemplate("{user}/other"))
        #expect(root.check(now: lab.now).mirror?.namespace.map(\.description) == ["host", "app"])
    }

    @Test func `another project of the same name gets four hex digits of its path`() throws {
        let lab = try MirrorLab()
        _ = try lab.root().check(now: lab.now)
        let otherPath = lab.temporary.path("second/app/.loops")
        try Disk.makeDirectories(otherPath)
        var other = lab.owner
        other.loopsPath = otherPath
        let root = try lab.root(owner: other, loops: otherPath)
        let mirror = try #require(root.check(now: lab.now).mirror)
        let name = try #require(mirror.namespace.last?.description)
        #expect(name.hasPrefix("app-") && name.count == 8)
        #expect(try lab.root(owner: other, loops: otherPath).check(now: lab.now).mirror?.namespace == mirror.namespace)
        #expect(try lab.root().check(now: lab.now).mirror?.namespace.last?.description == "app")
    }

    @Test func `a directory of somebody else's in the namespace is left alone`() throws {
        let lab = try MirrorLab()
        try Disk.makeDirectories(lab.mirrorPath)
        try Disk.write("mine", to: lab.mirrorPath + "/notes.txt")
        let mirror = try #require(try lab.root().check(now: lab.now).mirror)
        #expect(mirror.namespace.last?.description.hasPrefix("app-") == true)
        #expect(Disk.names(in: lab.mirrorPath) == ["notes.txt"])
    }

    @Test func `a project that moved keeps its mirror, a copied one gets its own`() throws {
        let lab = try MirrorLab()
        _ = try lab.root().check(now: lab.now)
        let copy = lab.temporary.path("copy/.loops")
        try Disk.makeDirectories(copy + "/.loopsync")
        let memory = try #require(Disk.read(lab.loopsPath + "/.loopsync/mirror.json"))
        try Disk.write(memory, to: copy + "/.loopsync/mirror.json")
        var owner = lab.owner
        owner.loopsPath = copy
        let copied = try #require(try lab.root(owner: owner, loops: copy).check(now: lab.now).mirror)
        #expect(copied.marker.id != "id-1")
        let moved = lab.temporary.path("moved")
        try Disk.move(lab.temporary.path("app"), to: moved)
        owner.loopsPath = moved + "/.loops"
        let followed = try #require(try lab.root(owner: owner, loops: moved + "/.loops").check(now: lab.now).mirror)
        #expect(followed.marker.id == "id-1")
        #expect(followed.marker.loopsPath == moved + "/.loops")
    }

    @Test func `what dead processes left in the scratch directory goes, a living one's stays`() throws {
        let lab = try MirrorLab()
        _ = try lab.root().check(now: lab.now)
        for name in ["01234567-1-a", "01234567-2-a", "01234567-4711-a", "fedcba98-1-a"] {
            try Disk.makeDirectories("\(lab.mirrorPath)/.loopsync-tmp/\(name)/half")
        }
        let loops = try lab.loops()
        var environment = lab.environment()
        environment.isAlive = { $0 == 2 }
        let root = MirrorRoot(
            loops: loops,
            syncPath: lab.syncPath,
            template: .standard,
            owner: lab.owner,
            environment: environment
        )
        let soon = Timestamp(nanoseconds: try #require(Disk.status(lab.mirrorPath)).modified)
        _ = root.check(now: soon)
        let own = "01234567-4711-\(MirrorScratch.thisSession)"
        #expect(Disk.names(in: lab.mirrorPath + "/.loopsync-tmp") == ["01234567-2-a", own, "fedcba98-1-a"].sorted())
        _ = try lab.root(process: 9).find(now: soon + .seconds(2 * 86_400))
        #expect(Disk.names(in: lab.mirrorPath + "/.loopsync-tmp").isEmpty)
    }

    @Test func `a sync directory that cannot be written to says so`() throws {
        guard geteuid() != 0 else { return }
        let lab = try MirrorLab()
        chmod(lab.syncPath, 0o500)
        defer { chmod(lab.syncPath, 0o700) }
        let suspension = try #require(try lab.root().check(now: lab.now).suspension)
        guard case .notWritable(let why) = suspension.reason else {
            Issue.record("\(suspension)")
            return
        }
        #expect(why.contains("Permission denied"))
    }

    @Test func `a file in place of the sync directory suspends`() throws {
        let lab = try MirrorLab(sync: false)
        try Disk.write("x", to: lab.syncPath)
        let suspension = try #require(try lab.root().check(now: lab.now).suspension)
        #expect(suspension.summary.contains("Not a directory"))
    }

    @Test func `a link in place of the namespace is not followed`() throws {
        let lab = try MirrorLab()
        try Disk.makeDirectories(lab.temporary.path("outside"))
        try Disk.makeDirectories(lab.syncPath + "/host")
        #expect(symlink(lab.temporary.path("outside"), lab.mirrorPath) == 0)
        _ = try lab.root().check(now: lab.now)
        #expect(Disk.names(in: lab.temporary.path("outside")).isEmpty)
    }
}

/// The parts of a `MirrorRoot`, which itself stays on one thread.
private struct MirrorRootMaker: Sendable {
    let loops: LoopsDirectory
    let syncPath: String
    let owner: MirrorOwner
    let environment: MirrorEnvironment

    func root() -> MirrorRoot {
        MirrorRoot(loops: loops, syncPath: syncPath, template: .standard, owner: owner, environment: environment)
    }
}
