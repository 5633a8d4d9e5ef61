import LoopModel
import LoopStore
import SyncCore
import TestSupport
import Testing

@testable import SyncAgent

@Suite struct `Clearing a finished run` {
    private func request(_ lab: RunningLab) throws -> Clearer.Request {
        try lab.reader.rescan(at: lab.now)
        let run = try #require(lab.reader.tracker.runs.first)
        return try #require(lab.reader.clearing(of: run))
    }

    @Test func `takes its events and its state, and leaves nothing behind`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let request = try request(lab)
        #expect(Clearer(loops: lab.loops, processes: lab.processes).clear(request) == .cleared)
        #expect(try lab.names(".running") == [".acquire.lock"])
        #expect(try lab.names(".loopsync/clearing").isEmpty)
    }

    @Test func `waits while an executor holds its lock`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let request = try request(lab)
        let executor = try #require(try lab.running().openFile(FileName(literal: ".acquire.lock"), for: .writing))
        #expect(try executor.tryLock())
        #expect(Clearer(loops: lab.loops, processes: lab.processes).clear(request) == .wait)
        #expect(try lab.names(".running").count == 3)
    }

    @Test func `waits where no executor ever made its lock`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        try lab.running().unlink(FileName(literal: ".acquire.lock"))
        #expect(Clearer(loops: lab.loops, processes: lab.processes).clear(try request(lab)) == .wait)
    }

    @Test func `waits while a live process has the run's pid file`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let request = try request(lab)
        try lab.write("77", to: "fix.pid")
        var processes = FakeProcesses()
        processes.known[77] = ProcessFacts(started: 1, commandLine: Array("ll-loop run fix".utf8))
        #expect(Clearer(loops: lab.loops, processes: processes).clear(request) == .wait)
    }

    @Test func `leaves a file alone that is not the archived one any more`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let request = try request(lab)
        let name = FileName(literal: "fix.events.jsonl")
        let file = try #require(try lab.running().openFile(name, for: .writing))
        try file.write(Array(RunningLab.start.utf8), at: try file.status().size)
        #expect(Clearer(loops: lab.loops, processes: lab.processes).clear(request) == .changed)
        #expect(try lab.names(".running").count == 3)
    }

    @Test func `leaves the events where the state is not the archived one any more`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let request = try request(lab)
        // In place, as an executor saves it: the same file with another content.
        try lab.write(RunningLab.state("stopped"), to: "fix.state.json")
        #expect(Clearer(loops: lab.loops, processes: lab.processes).clear(request) == .changed)
        #expect(try lab.names(".running").count == 3)
    }

    @Test func `is finished by the next process when this one died between two steps`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let request = try request(lab)
        let events = try #require(request.events)
        let clearing = try lab.loops.own(.clearing)
        let moved = PinStore.name(.events, events, lab.stem)
        try lab.running().rename(FileName(literal: "fix.events.jsonl"), into: clearing, as: moved, .notReplacing)
        try Clearer(loops: lab.loops, processes: lab.processes).recover()
        #expect(try lab.names(".loopsync/clearing").isEmpty)
        #expect(try lab.names(".running") == [".acquire.lock", "fix.state.json"])
    }

    @Test func `gives a file back that was moved by mistake`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let clearing = try lab.loops.own(.clearing)
        let other = FileIdentity(device: 1, inode: 2, birth: 3)
        let moved = PinStore.name(.events, other, lab.stem)
        try lab.running().rename(FileName(literal: "fix.events.jsonl"), into: clearing, as: moved, .notReplacing)
        try Clearer(loops: lab.loops, processes: lab.processes).recover()
        #expect(try lab.names(".running").contains("fix.events.jsonl"))
    }

    @Test func `keeps a file as its pin where an executor may be about to begin a run`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let moved = try moveByMistake(lab)
        let executor = try #require(try lab.running().openFile(FileName(literal: ".acquire.lock"), for: .writing))
        #expect(try executor.tryLock())
        try Clearer(loops: lab.loops, processes: lab.processes).recover()
        #expect(try lab.names(".running") == [".acquire.lock", "fix.state.json"])
        #expect(try lab.names(".loopsync/clearing").isEmpty)
        #expect(try lab.names(".loopsync/pins") == [PinStore.name(.events, moved, lab.stem).description])
    }

    @Test func `keeps a file as its pin where a live process has the name it had`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let moved = try moveByMistake(lab)
        try lab.write("77", to: "fix.pid")
        var processes = FakeProcesses()
        processes.known[77] = ProcessFacts(started: 1, commandLine: Array("ll-loop run fix".utf8))
        try Clearer(loops: lab.loops, processes: processes).recover()
        #expect(try !lab.names(".running").contains("fix.events.jsonl"))
        #expect(try lab.names(".loopsync/pins") == [PinStore.name(.events, moved, lab.stem).description])
    }

    @Test func `leaves one name to a file that is its own pin already`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let moved = try moveByMistake(lab)
        try lab.write(RunningLab.start, to: "fix.events.jsonl")
        let clearing = try lab.loops.own(.clearing)
        let name = try #require(try clearing.entries().first?.name)
        let pin = PinStore.name(.events, moved, lab.stem)
        try clearing.link(name, into: lab.loops.own(.pins), as: pin)
        try Clearer(loops: lab.loops, processes: lab.processes).recover()
        #expect(try lab.names(".loopsync/clearing").isEmpty)
        #expect(try lab.names(".loopsync/pins") == [pin.description])
    }

    /// Moves the events as an agent does that died before it saw that they are not the archived ones.
    ///
    /// - Returns: which file they are.
    private func moveByMistake(_ lab: RunningLab) throws -> FileIdentity {
        let running = try lab.running()
        let name = FileName(literal: "fix.events.jsonl")
        let identity = try #require(try running.status(of: name)?.identity)
        let moved = PinStore.name(.events, FileIdentity(device: 1, inode: 2, birth: 3), lab.stem)
        try running.rename(name, into: lab.loops.own(.clearing), as: moved, .notReplacing)
        return identity
    }
}
