import LoopModel
import LoopStore
import SyncCore
import TestSupport
import Testing

@testable import SyncAgent

@Suite struct `Looking at .running` {
    @Test func `finds a run that ended before anybody looked`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        try lab.reader.rescan(at: lab.now)
        let run = try #require(lab.reader.tracker.runs.first)
        #expect(run.loop == "fix")
        #expect(run.witness == .complete)
        #expect(lab.reader.tracker.verdict(on: run, at: lab.now) == .archive(.ended))
    }

    @Test func `finds a run again that is left in its pins alone`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        try lab.reader.rescan(at: lab.now)
        for name in ["fix.events.jsonl", "fix.state.json"] {
            try lab.running().unlink(try #require(FileName(name)))
        }
        let later = RunningReader(opened: lab.opened, settings: TrackerSettings(), processes: lab.processes)
        try later.rescan(at: lab.now)
        let run = try #require(later.tracker.runs.first)
        #expect(!run.isInRunning)
        #expect(run.state?.facts.status == .completed)
        #expect(later.tracker.verdict(on: run, at: lab.now) == .archive(.gone))
        let source = try later.source(of: run, layout: nil, isFinished: true)
        #expect(source.events.count == 1)
    }

    /// A process that was killed leaves the pin of every state that it had not looked at.
    @Test func `lets go of all states of a run but the newest, also where only pins are left of them`() throws {
        let lab = try RunningLab()
        try lab.writeRun(status: "running")
        let name = FileName(literal: "fix.state.json")
        for (number, status) in ["running", "running", "completed"].enumerated() {
            try lab.running().unlink(name)
            let state = RunningLab.state(status).replacing("59.300000", with: "59.30000\(number)")
            try lab.write(state, to: "fix.state.json")
            #expect(lab.opened.pins.pin(.state, lab.stem, named: name, in: try lab.running()) == .pinned)
            // The next one must not get the same time.
            TestSupport.pause(milliseconds: 20)
        }
        #expect(lab.opened.pins.pin(.events, lab.stem, named: .fixEvents, in: try lab.running()) == .pinned)
        for name in [name, .fixEvents] { try lab.running().unlink(name) }
        let later = RunningReader(
            opened: WatchedRoot.Opened(loops: lab.loops),
            settings: TrackerSettings(),
            processes: lab.processes
        )
        try later.rescan(at: lab.now)
        let run = try #require(later.tracker.runs.first)
        #expect(run.state?.facts.status == .completed)
        #expect(try lab.names(".loopsync/pins").count == 2)
        later.forget(run)
        #expect(try lab.names(".loopsync/pins").isEmpty)
    }

    @Test func `reads an events file's new bytes alone, and all of it after it was cut`() throws {
        let lab = try RunningLab()
        try lab.write(RunningLab.start, to: "fix.events.jsonl")
        try lab.reader.rescan(at: lab.now)
        let name = FileName(literal: "fix.events.jsonl")
        let file = try #require(try lab.running().openFile(name, for: .writing))
        try file.write(Array(RunningLab.complete.utf8), at: Int64(RunningLab.start.utf8.count))
        #expect(lab.reader.look(at: name, in: [], at: lab.now) == lab.stem)
        #expect(lab.reader.tracker.runs.first?.witness == .complete)
        try file.truncate(to: Int64(RunningLab.start.utf8.count))
        _ = lab.reader.look(at: name, in: [], at: lab.now)
        #expect(lab.reader.tracker.runs.first?.witness == EventLog.Witness.none)
    }

    @Test func `is not stopped by what is no regular file, and says so once`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        try Disk.makeDirectories(lab.place.path(".running/dir.state.json"))
        try fifo(at: lab.place.path(".running/pipe.events.jsonl"))
        try symbolicLink(to: "/etc/passwd", at: lab.place.path(".running/link.events.jsonl"))
        try lab.reader.rescan(at: lab.now)
        #expect(lab.reader.tracker.runs.map(\.loop) == ["fix"])
        #expect(Set(lab.reader.problems.keys) == ["dir.state.json", "pipe.events.jsonl", "link.events.jsonl"])
    }

    @Test func `keeps what is left of a run that never wrote a whole line, and drops what is empty`() throws {
        let lab = try RunningLab()
        try lab.write("{\"event\": \"loop_st", to: "torn.events.jsonl")
        try lab.write("", to: "empty.events.jsonl")
        try lab.write("{\"loop_na", to: "state.state.json")
        try lab.reader.rescan(at: lab.now)
        #expect(try lab.names(".loopsync/pins").count == 3)
        for name in ["torn.events.jsonl", "empty.events.jsonl", "state.state.json"] {
            try lab.running().unlink(try #require(FileName(name)))
            _ = lab.reader.look(at: try #require(FileName(name)), in: [], at: lab.now)
        }
        #expect(lab.reader.tracker.runs.map(\.loop) == ["state", "torn"])
        #expect(try lab.names(".loopsync/pins").count == 2)
        for run in lab.reader.tracker.runs {
            #expect(lab.reader.tracker.verdict(on: run, at: lab.now) == .archive(.gone))
            let source = try lab.reader.source(of: run, layout: nil, isFinished: true)
            #expect(source.events.isEmpty == (source.state != nil))
            lab.reader.forget(run)
        }
        #expect(try lab.names(".loopsync/pins") == [])
        #expect(lab.reader.tracker.stems == [])
    }

    @Test func `knows what stands there only when all of it could be looked at`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        try symbolicLink(to: "/etc/passwd", at: lab.place.path(".running/link.events.jsonl"))
        try lab.reader.rescan(at: lab.now)
        #expect(lab.reader.listed?.keys.map(\.description).sorted() == ["fix", "link"])
        try Disk.move(lab.place.path(".running"), to: lab.place.path("away"))
        try Disk.write("", to: lab.place.path(".running"))
        #expect(throws: PosixError.self) { try lab.reader.rescan(at: lab.now) }
        #expect(lab.reader.listed == nil)
    }

    @Test func `says which file names no loop, until it has gone`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        for name in [".state.json", "..events.jsonl", "...state.json"] { try lab.write("{}", to: name) }
        try lab.write(RunningLab.state("completed"), to: "....state.json")
        try lab.reader.rescan(at: lab.now)
        #expect(Set(lab.reader.problems.keys) == [".state.json", "..events.jsonl", "...state.json"])
        let name = FileName(literal: "...state.json")
        try lab.running().unlink(name)
        _ = lab.reader.look(at: name, in: [], at: lab.now)
        #expect(lab.reader.problems["...state.json"] == nil)
    }

    @Test func `keeps the last state that could be read beside one that cannot`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        try lab.reader.rescan(at: lab.now)
        try lab.write("{\"loop_na", to: "fix.state.json")
        _ = lab.reader.look(at: FileName(literal: "fix.state.json"), in: [], at: lab.now)
        let run = try #require(lab.reader.tracker.runs.first)
        let source = try lab.reader.source(of: run, layout: nil, isFinished: false)
        #expect(!source.stateIsReadable)
        #expect(source.lastGoodState == Array(RunningLab.state("completed").utf8))
        #expect(lab.reader.problems["fix.state.json"] != nil)
    }

    @Test func `takes the last state that could be read in place of one that was only cut`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        try lab.reader.rescan(at: lab.now)
        try lab.write("", to: "fix.state.json")
        _ = lab.reader.look(at: FileName(literal: "fix.state.json"), in: [], at: lab.now)
        let run = try #require(lab.reader.tracker.runs.first)
        let source = try lab.reader.source(of: run, layout: nil, isFinished: false)
        #expect(source.stateIsReadable)
        #expect(source.lastGoodState == nil)
        guard case .bytes(let bytes, _, _)? = source.state else { throw TestSupportError("\(source)") }
        #expect(bytes == Array(RunningLab.state("completed").utf8))
    }

    @Test func `reads a run's last state also when the next run has its name already`() throws {
        let lab = try RunningLab()
        try lab.writeRun(status: "running")
        try lab.reader.rescan(at: lab.now)
        let name = FileName(literal: "fix.state.json")
        let file = try #require(try lab.running().openFile(name, for: .writing))
        try file.truncate(to: 0)
        try file.write(Array(RunningLab.state("completed").utf8), at: 0)
        try lab.running().unlink(name)
        let next = RunningLab.state("running").replacing("2026-01-31T23:59:59", with: "2026-02-01T00:00:01")
        try lab.write(next, to: "fix.state.json")
        _ = lab.reader.look(at: name, in: [], at: lab.now)
        #expect(lab.reader.tracker.runs.first?.state?.facts.status == .completed)
    }

    @Test(arguments: [RunningFile.events, .state])
    func `reads to its end what it has seen empty, when the next file has the name already`(_ kind: RunningFile) throws
    {
        let lab = try RunningLab()
        try lab.writeRun()
        let name = try #require(kind.name(for: lab.stem))
        let whole = try #require(try lab.running().contents(of: name, limit: 1 << 16))
        try lab.running().unlink(name)
        try lab.write("", to: name.description)
        #expect(lab.opened.pins.pin(kind, lab.stem, named: name, in: try lab.running()) == .pinned)
        _ = lab.reader.look(at: name, in: [], at: lab.now)
        let file = try #require(try lab.running().openFile(name, for: .writing))
        try file.write(whole, at: 0)
        try lab.running().unlink(name)
        try lab.write("", to: name.description)
        for kind in [RunningFile.events, .state] {
            _ = lab.reader.look(at: try #require(kind.name(for: lab.stem)), in: [], at: lab.now)
        }
        let run = try #require(lab.reader.tracker.runs.first)
        #expect(run.witness == .complete)
        #expect(run.state?.facts.status == .completed)
    }

    @Test func `reads what was pinned also when its name went to the next file before the look`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let name = FileName(literal: "fix.events.jsonl")
        #expect(lab.opened.pins.pin(.events, lab.stem, named: name, in: try lab.running()) == .pinned)
        try lab.running().unlink(name)
        let next = RunningLab.start.replacing("2026-01-31T23:59:59", with: "2026-02-01T00:00:01")
        try lab.write(next, to: "fix.events.jsonl")
        _ = lab.reader.look(at: name, in: [], at: lab.now)
        #expect(lab.reader.tracker.runs.map(\.witness) == [.complete, .none])
        #expect(lab.reader.tracker.runs.map(\.isInRunning) == [false, true])
        #expect(!lab.reader.hadNothingNew)
    }

    @Test func `has nothing new of a state that it read already, until a byte of it changes`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        try lab.reader.rescan(at: lab.now)
        let name = FileName(literal: "fix.state.json")
        var told = 0
        lab.reader.onChange = { change in if case .state = change { told += 1 } }
        _ = lab.reader.look(at: name, in: [], at: lab.now)
        #expect(lab.reader.hadNothingNew)
        #expect(told == 0)
        try lab.write(RunningLab.state("interrupted"), to: "fix.state.json")
        _ = lab.reader.look(at: name, in: [], at: lab.now)
        #expect(!lab.reader.hadNothingNew)
        #expect(told == 1)
        #expect(lab.reader.tracker.runs.first?.state?.facts.status == .interrupted)
    }

    @Test func `tells of a state that was pinned before it was looked at`() throws {
        let lab = try RunningLab()
        try lab.writeRun()
        let name = FileName(literal: "fix.state.json")
        #expect(lab.opened.pins.pin(.state, lab.stem, named: name, in: try lab.running()) == .pinned)
        var told = 0
        lab.reader.onChange = { change in if case .state = change { told += 1 } }
        _ = lab.reader.look(at: name, in: [], at: lab.now)
        #expect(told == 1)
    }

    @Test func `knows a run in a directory below`() throws {
        let lab = try RunningLab()
        try Disk.makeDirectories(lab.place.path(".running/sub"))
        try lab.write(RunningLab.start, to: "sub/nested-20260131T235959.events.jsonl")
        try lab.reader.rescan(at: lab.now)
        #expect(lab.reader.tracker.stems.map(\.description) == ["sub/nested-20260131T235959"])
    }

    @Test func `takes further files of a run along, but never YAML and nothing from outside`() throws {
        let lab = try RunningLab()
        try Disk.makeDirectories(lab.place.path("runs"))
        try Disk.makeDirectories(lab.place.path("runs/r1"))
        try Disk.makeDirectories(lab.place.path("runs/r1/report"))
        try Disk.write("x", to: lab.place.path("runs/r1/report/a.md"))
        try Disk.write("x", to: lab.place.path("runs/r1/draft.yaml"))
        try symbolicLink(to: "/etc/passwd", at: lab.place.path("runs/r1/report/b.md"))
        let files = RunFiles(patterns: ["*"])
        func names(_ directory: String) throws -> [String] {
            let text = RunningLab.state("completed").dropLast() + #", "context": {"run_dir": "\#(directory)"}}"#
            return try files.find(for: LoopState(parsing: Array(text.utf8)), in: lab.loops).map(\.0.description)
        }
        #expect(try names("/anywhere/.loops/runs/r1") == ["report%2Fa.md"])
        #expect(try names(".loops/runs/../..").isEmpty)
        #expect(try names("/etc").isEmpty)
    }
}

extension FileName {
    fileprivate static let fixEvents = FileName(literal: "fix.events.jsonl")
}
