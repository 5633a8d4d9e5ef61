import LoopModel
import LoopStore
import SyncCore
import TestSupport
import Testing

@testable import SyncAgent

@Suite struct `A pin` {
    @Test func `keeps the bytes of a file that its executor unlinks`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let name = FileName(literal: "fix.events.jsonl")
        #expect(lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running()) == .pinned)
        try lab.running().unlink(name)
        let pin = try #require(try lab.opened.pins.all().first)
        #expect(pin.stem == lab.stem)
        let file = try #require(try lab.opened.pins.open(pin))
        #expect(try file.contents(limit: 1 << 16) == Array((RunningLab.start + RunningLab.complete).utf8))
    }

    @Test func `is made once for one file, and anew for the next one of the same name`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let name = FileName(literal: "fix.events.jsonl")
        #expect(lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running()) == .pinned)
        #expect(lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running()) == .known)
        try lab.running().unlink(name)
        try lab.write(RunningLab.start, to: "fix.events.jsonl")
        #expect(lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running()) == .pinned)
        #expect(try lab.opened.pins.all().count == 2)
    }

    @Test func `that another process made is looked at once, since nobody here has seen its file`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let name = FileName(literal: "fix.events.jsonl")
        let beside = PinStore(loops: lab.opened.loops)
        #expect(beside.pin(.events, lab.stem, named: name, in: try lab.running()) == .pinned)
        #expect(lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running()) == .known)
        #expect(lab.opened.pins.takeFresh(.events, of: lab.stem).count == 1)
        #expect(lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running()) == .known)
        #expect(lab.opened.pins.takeFresh(.events, of: lab.stem).isEmpty)
    }

    @Test(arguments: [["fix"], ["sub", "nested-20260131T235959"], ["we ird", "é\u{1}-x"]])
    func `finds its stem again from its name`(_ path: [String]) throws {
        let names = path.compactMap { FileName($0) }
        let base = try #require(names.last)
        let stem = Stem(directories: names.dropLast(), base: base)
        let identity = FileIdentity(device: 7, inode: 0xFFFF_FFFF_FFFF, birth: -5)
        let pin = try #require(PinStore.parse(PinStore.name(.state, identity, stem)))
        #expect(pin.stem == stem)
        #expect(pin.identity == identity)
        #expect(pin.kind == .state)
    }

    @Test func `is named after what it is where a kill came between its link and that`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let name = FileName(literal: "fix.events.jsonl")
        let actual = try #require(try lab.running().status(of: name)).identity
        let before = FileIdentity(device: actual.device, inode: actual.inode, birth: actual.birth - 1)
        let wrong = PinStore.name(.events, before, lab.stem)
        try lab.running().link(name, into: try lab.opened.loops.own(.pins), as: wrong)
        try lab.running().unlink(name)
        try lab.reader.rescan(at: lab.now)
        #expect(lab.reader.tracker.runs.first?.witness == .complete)
        let names = try lab.names(".loopsync/pins").filter { $0.hasPrefix("events-") }
        #expect(names == [PinStore.name(.events, actual, lab.stem).description])
    }

    /// A loop whose name has some twenty letters that are no ASCII is enough for that.
    @Test func `is found and goes after a restart although half an escape ends its name`() throws {
        let lab = try RunningLab()
        for kept in 0..<3 {
            let base = try #require(FileName(String(repeating: "x", count: kept) + String(repeating: "名", count: 30)))
            let name = try #require(RunningFile.events.name(for: Stem(base: base)))
            try lab.write(RunningLab.start, to: name.description)
            #expect(lab.opened.pins.pin(.events, Stem(base: base), named: name, in: try lab.running()) == .pinned)
            try lab.running().unlink(name)
            let pins = PinStore(loops: lab.opened.loops)
            let pin = try #require(try pins.all().first)
            guard case .linked(let directory, let found)? = try pins.source(.events, pin.identity, pin.stem) else {
                Issue.record("no source behind \(pin.name)")
                return
            }
            #expect(try directory.contents(of: found, limit: 1 << 16) == Array(RunningLab.start.utf8))
            pins.remove([pin.identity], of: pin.stem)
            #expect(try pins.all().isEmpty)
        }
    }

    @Test func `has a name that fits also for the longest stem`() throws {
        let base = try #require(FileName([UInt8](repeating: 0xFF, count: 243)))
        let name = PinStore.name(.events, FileIdentity(device: .max, inode: .max, birth: -1), Stem(base: base))
        #expect(name.bytes.count <= 255)
        #expect(PinStore.parse(name) != nil)
    }

    @Test func `is made again after somebody removed loopsync's own directory`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let name = FileName(literal: "fix.events.jsonl")
        _ = lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running())
        try lab.loops.root.removeTree(.own)
        #expect(lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running()) == .pinned)
        #expect(try lab.opened.pins.all().count == 1)
    }

    @Test func `is no link but an open file where the file system has no links to give`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let faults = Faults()
        faults.refuse { call, _ in call == "link" ? .crossDevice : nil }
        let running = FaultyDirectory(try lab.running(), faults)
        let name = FileName(literal: "fix.events.jsonl")
        guard case .held = lab.opened.pins.pin(.events, lab.stem, named: name, in: running) else {
            Issue.record("the file was not held open")
            return
        }
        let identity = try #require(try lab.running().status(of: name)?.identity)
        try lab.running().unlink(name)
        guard case .held(let file)? = try lab.opened.pins.source(.events, identity, lab.stem) else {
            Issue.record("the open file was not found again")
            return
        }
        #expect(try file.contents(limit: 1 << 16).count == (RunningLab.start + RunningLab.complete).utf8.count)
    }

    @Test func `is not made for a link that somebody put in a file's place`() throws {
        let lab = try RunningLab()
        try Disk.write("secret", to: lab.place.path("elsewhere"))
        try symbolicLink(to: lab.place.path("elsewhere"), at: lab.place.path(".running/fix.events.jsonl"))
        let name = FileName(literal: "fix.events.jsonl")
        #expect(lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running()) == .gone)
        #expect(try lab.opened.pins.all().isEmpty)
    }
}
