import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("executors beside the archiver")
struct ConcurrentExecutorTests {
    @Test func `what an executor writes into an archive while it is swapped is taken in by the next call`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun(executor: .b)
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        try Disk.append("{}\n", to: "\(lab.running)/\(run.stem).events.jsonl")
        let place = "\(lab.history)/\(run.place)"
        let faults = Faults { operation in
            if operation.rename == .exchanging { try? Disk.write("{}", to: "\(place)/summary.json") }
            return .proceed
        }
        guard case .wait = try lab.archive(lab.source(run, in: lab.open(faults)), faults: faults) else {
            return #expect(Bool(false))
        }
        #expect(lab.tree["\(run.place)/events.jsonl"] == run.events + Array("{}\n".utf8))
        try lab.archived(lab.source(run))
        #expect(lab.tree["\(run.place)/summary.json"] == Array("{}".utf8))
        #expect(Disk.names(in: lab.history) == [run.place])
        #expect(try lab.checkSums() == [])
    }

    @Test(arguments: ["state.json", "events.jsonl", "SHA256SUMS"], [false, true])
    func `what is cleaned away right before a run gets its name is in the history all the same`(
        file: String,
        stands: Bool
    ) throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun(executor: .b)
        try run.write(toRunning: lab.running)
        if stands {
            try lab.archived(lab.source(run))
            try Disk.append("{}\n", to: "\(lab.running)/\(run.stem).events.jsonl")
        }
        // As `git clean` does, which found the rest only after it had gone from there.
        let faults = Faults { operation in
            if operation.call == "rename", operation.path.hasSuffix("/run") {
                try? Disk.remove("\(operation.path)/\(file)")
            }
            return .proceed
        }
        guard case .archived = try lab.archive(lab.source(run, in: lab.open(faults)), faults: faults) else {
            return #expect(Bool(false))
        }
        #expect(lab.tree["\(run.place)/state.json"] == run.state)
        #expect(lab.tree["\(run.place)/events.jsonl"] == run.events + Array((stands ? "{}\n" : "").utf8))
        #expect(try lab.checkSums() == [])
        #expect(lab.stagingIsEmpty)
    }

    @Test func `sums of what an executor overwrites meanwhile do not stay`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        try run.write(toHistory: lab.history)
        let place = "\(lab.history)/\(run.place)"
        var grown = run
        grown.states += 1
        let later = grown
        let faults = Faults { operation in
            if operation.rename == .replacing, operation.path.contains("SHA256SUMS") {
                try? Disk.write(later.events, to: "\(place)/events.jsonl")
            }
            return .proceed
        }
        guard case .wait = try lab.archive(lab.source(run, in: lab.open(faults)), faults: faults) else {
            return #expect(Bool(false))
        }
        #expect(!Disk.exists("\(place)/SHA256SUMS"))
        try grown.write(toRunning: lab.running)
        try lab.archived(lab.source(grown))
        #expect(lab.tree["\(run.place)/events.jsonl"] == grown.events)
        #expect(try lab.checkSums() == [])
    }

    @Test func `while an executor starts, nothing is copied that could not be put in place`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        try lab.archived(lab.source(run))
        try Disk.append("{}\n", to: "\(lab.running)/\(run.stem).events.jsonl")
        try Disk.write("", to: "\(lab.running)/.acquire.lock")
        let running = try #require(try lab.open().running())
        let executor = try #require(try running.openFile(FileName(literal: ".acquire.lock"), for: .writing))
        #expect(try executor.tryLock())
        let faults = Faults { operation in
            if operation.call == "write" { Issue.record("wrote \(operation.path)") }
            return .proceed
        }
        guard case .wait = try lab.archive(lab.source(run, in: lab.open(faults)), faults: faults) else {
            return #expect(Bool(false))
        }
        #expect(lab.stagingIsEmpty)
        try executor.close()
        #expect(try lab.archived(lab.source(run)).change == .extended)
    }

    @Test func `a name that an executor takes before the rename is not overwritten`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        let history = lab.history
        let faults = Faults { operation in
            if operation.rename == .notReplacing { try? run.write(toHistory: history) }
            return .proceed
        }
        guard case .wait = try lab.archive(lab.source(run, in: lab.open(faults)), faults: faults) else {
            return #expect(Bool(false))
        }
        #expect(try lab.archived(lab.source(run)) == .init(place: run.place, change: .adopted))
    }

    @Test func `a history on another mount is filled from a staging place inside it`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        let faults = Faults { operation in
            operation.rename == .notReplacing && operation.path.contains("/.loopsync/staging/")
                ? .fail(.crossDevice) : .proceed
        }
        let outcome = try lab.archive(lab.source(run, in: lab.open(faults)), faults: faults)
        guard case .archived = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(lab.tree.files.count == 3)
        #expect(Disk.names(in: lab.history) == [run.loop])
        #expect(lab.stagingIsEmpty)
    }

    /// The run in a real executor's `.running`, as the agent would give it.
    private func source(_ lab: LoopLab, _ loops: LoopsDirectory) throws -> RunSource {
        let running = try #require(try loops.running())
        var contents: [String: SourceContent] = [:]
        var start: (line: [UInt8], event: LoopEvent)?
        var state: LoopState?
        for entry in try running.entries() {
            let kind = [".state.json", ".events.jsonl"].first { entry.name.hasSuffix($0) }
            guard let kind, let status = try running.status(of: entry.name) else { continue }
            contents[kind] = .file(running, entry.name, status.identity)
            if kind == ".events.jsonl" {
                let file = try #require(try running.openFile(entry.name, for: .reading))
                start = try EventsEnds.firstLoopStart(in: file)
            } else {
                state = try running.contents(of: entry.name, limit: 1 << 20).map { try LoopState(parsing: $0) }
            }
        }
        let saved = try #require(state)
        return RunSource(
            identity: .loopStart(try #require(start).line),
            loop: saved.loopName,
            runID: RunID(startedAt: saved.startedAt),
            layout: lab.executor.layout,
            isInRunning: true,
            events: [try #require(contents[".events.jsonl"])],
            state: contents[".state.json"],
            stateIsReadable: true,
            isFinished: true
        )
    }

    @Test(arguments: Executor.allCases)
    func `real executors archive over ours, list it, and start again`(executor: Executor) throws {
        let lab = try LoopLab(executor)
        try lab.define(
            "count",
            """
            initial: one
            states:
              one:
                action: "echo hello"
                next: done
              done:
                terminal: true
            """
        )
        let loops = try #require(try LoopsDirectory.open(path: lab.loops))
        let archiver = RunArchiver(loops: loops, process: 1)
        var places: [RunPlace] = []
        for round in 0..<2 {
            let run = try lab.run("run", "count")
            #expect(run.succeeded, "\(run)")
            // A archived the run of the round before when it started: over our archive, with the same bytes.
            if executor == .a, round == 1 {
                let verdict = try RunVerifier(loops: loops, process: 1)
                    .verify(places[0], in: loops.ensureHistory(), adopting: false)
                #expect(verdict == .sound)
            }
            let outcome = archiver.archive(
                ArchiveRequest(try source(lab, loops), runningStarts: []),
                now: Timestamp(seconds: 1_795_100_000)
            )
            guard case .archived(let place, let change, [], let moved, _) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(change == (executor == .a ? .created : .adopted))
            // Two runs of one second: the first one made way.
            places = places.map { place in moved.first { $0.from == place }?.to ?? place }
            places.append(place)
        }
        let history = try #require(try loops.history())
        #expect(try Set(HistoryScan.places(in: history)) == Set(places))
        for place in places {
            let check = try Subprocess.run(["/usr/bin/sha256sum", "-c", "SHA256SUMS"], in: "\(lab.history)/\(place)")
            #expect(check.succeeded, "\(check)")
        }
        let listed = try lab.run("history", "count")
        for place in places {
            let id = try #require(try HistoryScan.read(place, in: history)).runID.description
            #expect(listed.output.contains(id), "\(listed)")
        }
    }
}
