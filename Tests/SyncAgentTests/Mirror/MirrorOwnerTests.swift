import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

/// Machines that look alike: none takes over another's mirror.
@Suite struct MirrorOwnerTests {
    private let lab: MirrorLab
    /// A place that does not tell the hosts apart.
    private let template: NamespaceTemplate

    init() throws {
        lab = try MirrorLab()
        template = try NamespaceTemplate("all/{project}")
    }

    private func owner(machine: String, host: String) -> MirrorOwner {
        MirrorOwner(machine: machine, host: host, user: "user", loopsPath: lab.loopsPath)
    }

    private func open(_ owner: MirrorOwner, isAdopting: Bool = false) throws -> MirrorStanding {
        let root = try lab.root(owner: owner, template: template)
        return isAdopting ? root.find(now: lab.now, isAdopting: true) : root.check(now: lab.now)
    }

    /// As on another host, which has another `.loops` under the same path.
    private func forget() throws {
        try Disk.remove(lab.loopsPath + "/.loopsync")
    }

    @Test(arguments: ["", "0123456789abcdef"])
    func `a second host with the same path, and no id of its own or a cloned one, gets its own mirror`(
        _ machine: String
    ) throws {
        #expect(try open(owner(machine: machine, host: "one")).mirror?.marker.id == "id-1")
        try forget()
        let second = try #require(try open(owner(machine: machine, host: "two")).mirror)
        #expect(second.isFirstUse && second.namespace.last?.description.hasPrefix("app-") == true)
        let marker = try #require(Disk.read(lab.syncPath + "/all/app/.loopsync-mirror"))
        #expect(MirrorMarker(parsing: marker)?.host == "one")
    }

    @Test func `without any id of the machine a lost memory needs a person`() throws {
        let owner = owner(machine: "", host: "one")
        _ = try open(owner)
        try forget()
        let before = TreeSnapshot(of: lab.syncPath)
        let suspension = try #require(try open(owner).suspension)
        #expect(suspension.description.contains("loopsync mirror --adopt"))
        #expect(suspension.summary.contains("nothing proves"))
        #expect(TreeSnapshot(of: lab.syncPath) == before)
        #expect(try open(owner, isAdopting: true).mirror?.namespace.last == FileName(literal: "app"))
        #expect(try open(owner).mirror != nil)
    }

    @Test func `machines that share one .loops remember each its own mirror`() throws {
        let first = owner(machine: "first", host: "one")
        let second = owner(machine: "second", host: "two")
        let mine = try #require(try open(first).mirror?.marker.id)
        let others = try #require(try open(second).mirror?.marker.id)
        #expect(mine != others)
        #expect(try open(first).mirror?.marker.id == mine)
        // And an empty directory is the wrong one for both.
        try Disk.move(lab.syncPath, to: lab.temporary.path("away"))
        try Disk.makeDirectories(lab.syncPath)
        for owner in [first, second] { #expect(try open(owner).suspension?.reason == .emptied) }
    }

    @Test func `a memory from before machines were remembered still holds`() throws {
        let owner = owner(machine: "first", host: "one")
        _ = try open(owner)
        let path = lab.loopsPath + "/.loopsync/mirror.json"
        let text = try #require(Disk.text(path))
        #expect(text.contains(#""machine": "first""#))
        try Disk.write(text.replacing(#""machine": "first""#, with: #""other": 1"#), to: path)
        try Disk.move(lab.syncPath, to: lab.temporary.path("away"))
        try Disk.makeDirectories(lab.syncPath)
        #expect(try open(owner).suspension?.reason == .emptied)
    }
}
