import Glibc
import LoopModel
import LoopStore
import Synchronization
import TestSupport
import Testing

@Suite("archiving a run")
struct RunArchiverTests {
    @Test(arguments: Executor.allCases)
    func `a finished run stands whole under its executor's name, with times, modes and sums`(executor: Executor) throws
    {
        let lab = try ArchiveLab()
        let run = SyntheticRun(executor: executor)
        try run.write(toRunning: lab.running)
        chmod("\(lab.running)/\(run.stem).state.json", 0o600)
        chmod("\(lab.running)/\(run.stem).events.jsonl", 0o440)
        try lab.setModified("\(lab.running)/\(run.stem).state.json", seconds: 1_700_000_000)
        let source = try lab.source(run)

        #expect(try lab.archived(source) == .init(place: run.place, change: .created))
        #expect(lab.tree["\(run.place)/state.json"] == run.state)
        #expect(lab.tree["\(run.place)/events.jsonl"] == run.events)
        let state = Disk.status("\(lab.history)/\(run.place)/state.json")
        #expect(state?.mode == 0o600)
        #expect(state?.modified == 1_700_000_000_123_456_789)
        #expect(state?.inode != Disk.status("\(lab.running)/\(run.stem).state.json")?.inode)
        // The owner may write, or the executor could never start that loop again.
        #expect(Disk.status("\(lab.history)/\(run.place)/events.jsonl")?.mode == 0o640)
        #expect(Disk.status("\(lab.history)/\(run.place)")?.mode == Disk.status(lab.history)?.mode)
        #expect(try lab.checkSums() == [])
        #expect(lab.stagingIsEmpty)

        let before = lab.tree
        let inode = Disk.status("\(lab.history)/\(run.place)")?.inode
        #expect(try lab.archived(source) == .init(place: run.place, change: .unchanged))
        #expect(try lab.met(source) == [run.place])
        #expect(lab.tree == before)
        #expect(Disk.status("\(lab.history)/\(run.place)")?.inode == inode)
    }

    @Test(arguments: [PosixError.Code.notPermitted, .invalid, .operationNotSupported])
    func `a file system that refuses permissions gets the run nevertheless`(code: PosixError.Code) throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        let faults = Faults { $0.call == "chmod" ? .fail(code) : .proceed }
        guard case .archived = try lab.archive(lab.source(run, in: lab.open(faults)), faults: faults) else {
            return #expect(Bool(false))
        }
        #expect(lab.tree["\(run.place)/events.jsonl"] == run.events)
        #expect(try lab.checkSums() == [])
    }

    @Test func `a directory is no more readable than the history`() throws {
        let lab = try ArchiveLab()
        try Disk.makeDirectories(lab.history)
        chmod(lab.history, 0o700)
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        #expect(Disk.status("\(lab.history)/\(run.place)")?.mode == 0o700)
    }

    @Test func `a run that grew after a resume is swapped whole, and extra files come along`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun(executor: .b)
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        let place = "\(lab.history)/\(run.place)"
        try Disk.write("{}", to: "\(place)/summary.json")
        try Disk.write("", to: "\(place)/.keep")
        try Disk.makeDirectories("\(place)/notes")
        try Disk.write("mine", to: "\(place)/notes/a.txt")
        symlink("/etc/passwd", "\(place)/link")

        try Disk.append(
            #"{"event": "loop_resume", "ts": "2026-11-19T10:00:00+00:00"}"# + "\n",
            to: "\(lab.running)/\(run.stem).events.jsonl"
        )
        #expect(try lab.archived(lab.source(run)) == .init(place: run.place, change: .extended))
        #expect(lab.tree["\(run.place)/events.jsonl"] == Disk.read("\(lab.running)/\(run.stem).events.jsonl"))
        #expect(lab.tree["\(run.place)/summary.json"] == Array("{}".utf8))
        #expect(lab.tree["\(run.place)/.keep"] == [])
        #expect(lab.tree["\(run.place)/notes/a.txt"] == Array("mine".utf8))
        #expect(lab.tree.entries["\(run.place)/link"] == .link)
        #expect(try lab.checkSums() == [])
        #expect(lab.stagingIsEmpty)
    }

    @Test(arguments: Executor.allCases)
    func `an executor's own archive is adopted without touching a byte`(executor: Executor) throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun(executor: executor)
        try run.write(toRunning: lab.running)
        try lab.executorArchives(run)
        try Disk.write("[1]", to: "\(lab.history)/\(run.place)/best_effort.json")
        let before = ["state.json", "events.jsonl", "best_effort.json"].map {
            Disk.status("\(lab.history)/\(run.place)/\($0)")
        }

        #expect(try lab.archived(lab.source(run)) == .init(place: run.place, change: .adopted))
        let after = ["state.json", "events.jsonl", "best_effort.json"].map {
            Disk.status("\(lab.history)/\(run.place)/\($0)")
        }
        #expect(before == after)
        #expect(
            lab.tree["\(run.place)/SHA256SUMS"].map { String(decoding: $0, as: UTF8.self) }?.contains(
                "best_effort.json"
            ) == true
        )
        #expect(try lab.checkSums() == [])
        #expect(try lab.archived(lab.source(run)).change == .unchanged)
    }

    @Test func `an executor that archives again in place makes the sums be written again`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun(executor: .b)
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        var stopped = run
        stopped.status = "user_stopped"
        try Disk.write(stopped.state, to: "\(lab.running)/\(run.stem).state.json")
        try lab.executorArchives(run)
        #expect(try lab.checkSums() != [])
        #expect(try lab.archived(lab.source(run)).change == .adopted)
        #expect(try lab.checkSums() == [])
        #expect(lab.tree["\(run.place)/state.json"] == stopped.state)
    }

    @Test func `sums that look younger than a file, since the clock was set back, are written again`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        var stopped = run
        stopped.status = "interrupted"
        try Disk.write(stopped.state, to: "\(lab.running)/\(run.stem).state.json")
        try lab.executorArchives(run)
        let place = try #require(runPlace(run.place))
        let archive = try #require(try HistoryScan.directory(of: place, in: lab.historyDirectory()))
        let sums = "\(lab.history)/\(place)/SHA256SUMS"
        // The kernel's clock ticks every few milliseconds.
        repeat {
            chmod(sums, 0o644)
        } while try archive.status(of: .sums)?.changed ?? 0 <= archive.status(of: .events)?.changed ?? 0
        #expect(try lab.archived(lab.source(run)).change == .adopted)
        #expect(try lab.checkSums() == [])
    }

    @Test func `a run that was pruned does not come back from its pins, unless it was restored`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try lab.archived(lab.pinned(run))
        let loops = try lab.open()
        let history = try #require(try loops.history())
        let place = try #require(try HistoryScan.places(in: history).first)
        let archived = try #require(try HistoryScan.read(place, in: history))
        try history.removeTree(place.components[0])
        for (change, other) in [(PruneRecord.Change.pruned, false), (.restored, true), (.pruned, false)] {
            var stranger = archived
            stranger.identity = .loopStart(Array("another of the same time".utf8))
            try PruneLog(loops).append(PruneRecord(change, archived, time: lab.now, reasons: ["a\nb"]))
            try PruneLog(loops).append(PruneRecord(.pruned, stranger, time: lab.now, reasons: []))
            #expect(try lab.archived(lab.pinned(run)).change == (other ? .created : .unchanged))
            if !other { #expect(try lab.met(lab.pinned(run)) == [], "it stands nowhere") }
            #expect(lab.tree.files.isEmpty == !other)
            if other { try history.removeTree(place.components[0]) }
        }
    }

    @Test func `a run that went on after its archive was pruned is archived from its pins`() throws {
        let lab = try ArchiveLab()
        var run = SyntheticRun(states: 1)
        try lab.archived(lab.pinned(run))
        let loops = try lab.open()
        let history = try #require(try loops.history())
        let place = try #require(try HistoryScan.places(in: history).first)
        let archived = try #require(try HistoryScan.read(place, in: history))
        try PruneLog(loops).append(PruneRecord(.pruned, archived, time: lab.now, reasons: []))
        try history.removeTree(place.components[0])
        run.states = 2
        #expect(try lab.archived(lab.pinned(run)).change == .created)
        #expect(lab.tree["\(run.place)/events.jsonl"] == run.events)
    }

    @Test(arguments: [Executor.a, .b])
    func `an archive that stands already is made durable: who made it may have been killed before`(executor: Executor)
        throws
    {
        let lab = try ArchiveLab()
        let run = SyntheticRun(executor: executor)
        try lab.archived(lab.pinned(run))
        let synced = Mutex<[String]>([])
        let faults = Faults { operation in
            if operation.call == "fsync" { synced.withLock { $0.append(operation.path) } }
            return .proceed
        }
        _ = try lab.archive(lab.pinned(run), faults: faults)
        let paths = synced.withLock(\.self)
        #expect(paths.contains(lab.history))
        #expect(paths.contains { "\(lab.history)/\(run.place)".hasPrefix($0 + "/") })
        if executor == .a { #expect(paths.contains("\(lab.history)/\(run.loop)")) }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["\n", "\n\n", "", "2", "\""])
    func `a start that somebody made up is looked for in the log of pruned runs and not found`(_ start: String) throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try lab.archived(lab.pinned(run))
        let loops = try lab.open()
        let history = try #require(try loops.history())
        let place = try #require(try HistoryScan.places(in: history).first)
        let archived = try #require(try HistoryScan.read(place, in: history))
        for _ in 0..<3 { try PruneLog(loops).append(PruneRecord(.pruned, archived, time: lab.now, reasons: [])) }
        var source = lab.pinned(run)
        source.identity = .state(loop: "demo", startedAt: JSONString(start))
        source.runID = "made-up"
        source.events = []
        #expect(try lab.archived(source).change == .created)
    }

    @Test func `a directory without a parsable state is left alone while an executor may be copying`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        let place = "\(lab.history)/\(run.place)"
        try Disk.makeDirectories(place)
        lab.now = Timestamp(nanoseconds: try lab.historyDirectory().status().changed)
        for state in [nil, "", "{\n  \"loop_name\": \"de"] as [String?] {
            if let state { try Disk.write(state, to: "\(place)/state.json") }
            let before = lab.tree
            guard case .wait = try lab.archive(lab.source(run)) else {
                Issue.record("did not wait with \(state ?? "no state")")
                return
            }
            #expect(lab.tree == before)
        }
        // Nobody copies for a minute without touching anything: that executor is dead.
        lab.now = lab.now.adding(seconds: 60)
        #expect(try lab.archived(lab.source(run)).place == run.place)
        #expect(lab.tree["\(run.place)/state.json"] == run.state)
        #expect(lab.tree.files.filter { $0.contains("conflict") } == [])
    }

    @Test func `a source that is replaced or written to is not archived`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        let source = try lab.source(run)
        try Disk.remove("\(lab.running)/\(run.stem).events.jsonl")
        guard case .wait = try lab.archive(source) else { return #expect(Bool(false), "gone") }
        try Disk.write(run.events, to: "\(lab.running)/\(run.stem).events.jsonl")
        guard case .wait = try lab.archive(source) else { return #expect(Bool(false), "replaced") }
        #expect(lab.tree.files == [])

        // Written to in the middle of the copy.
        let path = "\(lab.running)/\(run.stem).events.jsonl"
        let faults = Faults { operation in
            if operation.call == "write" { try? Disk.append("x", to: path) }
            return .proceed
        }
        let watched = try lab.source(run, in: lab.open(faults))
        guard case .wait = try lab.archive(watched, faults: faults) else { return #expect(Bool(false), "written to") }
        #expect(lab.tree.files == [])
        #expect(lab.stagingIsEmpty)
    }

    @Test func `a resume in A that changes the start renames the archive`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun(status: "running", terminatedBy: nil)
        try run.write(toRunning: lab.running)
        let first = try lab.archived(lab.source(run))
        var resumed = run
        resumed.start += 3600
        resumed.status = "completed"
        try Disk.append(resumed.events, to: "\(lab.running)/\(run.stem).events.jsonl")
        try Disk.write(resumed.state, to: "\(lab.running)/\(run.stem).state.json")
        // With what the agent remembers, and without.
        for known in [runPlace(first.place), nil] {
            let copy = try ArchiveLab()
            try run.write(toRunning: copy.running)
            try copy.archived(copy.source(run))
            for file in ["events.jsonl", "state.json"] {
                let bytes = try #require(Disk.read("\(lab.running)/\(run.stem).\(file)"))
                try Disk.write(bytes, to: "\(copy.running)/\(run.stem).\(file)")
            }
            let source = try copy.source(run) { $0.runID = RunID(startedAt: JSONString(resumed.startedAt)) }
            let done = try copy.archived(source, known: known)
            #expect(done.place == resumed.place)
            #expect(done.change == runPlace(first.place).map { .renamed(from: $0) })
            #expect(
                copy.tree.files
                    == ["events.jsonl", "state.json", "SHA256SUMS"].map { "\(resumed.place)/\($0)" }.sorted()
            )
            #expect(try copy.checkSums() == [])
        }
    }

    @Test func `without a history, a link or a file in its place nothing is written elsewhere`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        try Disk.write("", to: lab.history)
        guard case .failed = try lab.archive(lab.source(run)) else { return #expect(Bool(false)) }
        try Disk.remove(lab.history)

        // A linked history is one; a linked loop in it is not.
        try Disk.makeDirectories(lab.temporary.path("elsewhere"))
        try Disk.makeDirectories(lab.temporary.path("trap"))
        symlink("../elsewhere", lab.history)
        symlink("../trap", "\(lab.history)/\(run.loop)")
        let flat = "\(run.runID)-\(run.loop)"
        #expect(try lab.archived(lab.source(run)).place == flat)
        #expect(Disk.read(lab.temporary.path("elsewhere/\(flat)/state.json")) == run.state)
        #expect(Disk.names(in: lab.temporary.path("trap")) == [])
    }

    @Test(arguments: ["..", ".", "/etc", "we/ird", "a\nb", "%", "", String(repeating: "x", count: 1 << 16), "\u{1}"])
    func `hostile names stay below the history`(name: String) throws {
        for layout in HistoryLayout.allCases {
            let lab = try ArchiveLab()
            try SyntheticRun().write(toRunning: lab.running)
            for (loop, id) in [(name, "2026-01-01T000000"), ("demo", name), (name, name)] {
                let source = try lab.source(SyntheticRun()) {
                    $0.loop = JSONString(loop)
                    $0.runID = RunID(JSONString(id))
                    $0.layout = layout
                    // Three runs, so that they do not count as one.
                    $0.identity = .loopStart(Array("\(loop.utf8.count) \(id.utf8.count)".utf8))
                }
                try lab.archived(source)
            }
            #expect(Disk.names(in: lab.loops) == [".history", ".loopsync", ".running"])
            #expect(Disk.names(in: lab.temporary.path) == ["loops"])
            #expect(try HistoryScan.places(in: lab.historyDirectory()).count == 3)
        }
    }
}
