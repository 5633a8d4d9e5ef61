import Dispatch
import LoopModel
import LoopStore
import Synchronization
import TestSupport
import Testing

/// Many runs that are archived at once.
@Suite struct ArchiveBatchTests {
    /// Runs of version A have the files of their loop's name to themselves, those of B follow each other by seconds.
    private func runs(_ count: Int) -> [SyntheticRun] {
        (0..<count).map { number in
            SyntheticRun(
                loop: number % 2 == 0 ? "loop-\(number)" : "loop",
                start: 1_795_000_000 + number,
                states: 1 + number % 4,
                executor: number % 2 == 0 ? .a : .b
            )
        }
    }

    private func archive(
        _ runs: [SyntheticRun],
        in lab: ArchiveLab,
        _ faults: Faults? = nil,
        by spreading: Spreading = Spread.inOrder
    ) throws -> [ArchiveOutcome?] {
        let loops = try lab.open(faults)
        let requests = try runs.map { ArchiveRequest(try lab.source($0, in: loops), runningStarts: []) }
        return RunArchiver(loops: loops, process: 4711).archiveTogether(requests, now: lab.now, spreading: spreading)
    }

    @Test(arguments: [false, true])
    func `stand as they would if each came alone`(isConcurrent: Bool) throws {
        let atOnce: Spreading = { count, work in DispatchQueue.concurrentPerform(iterations: count, execute: work) }
        let (together, alone) = (try ArchiveLab(), try ArchiveLab())
        let runs = runs(20)
        for run in runs {
            for lab in [together, alone] { try run.write(toRunning: lab.running) }
            try alone.archived(alone.source(run))
        }
        let outcomes = try archive(runs, in: together, by: isConcurrent ? atOnce : Spread.inOrder)
        #expect(outcomes.count == 20)
        for (run, outcome) in zip(runs, outcomes) {
            guard case .archived(let place, .created, _, _, _)? = outcome else {
                Issue.record("\(run.place): \(String(describing: outcome))")
                continue
            }
            #expect("\(place)" == run.place)
        }
        #expect(together.tree == alone.tree)
        #expect(try together.checkSums() == [])
        #expect(together.stagingIsEmpty)
    }

    @Test func `get their names only after their bytes are durable, and are told of after the names are`() throws {
        let lab = try ArchiveLab()
        let runs = runs(8)
        for run in runs { try run.write(toRunning: lab.running) }
        let calls = Mutex<[String]>([])
        let faults = Faults { operation in
            if ["rename", "syncfs"].contains(operation.call) { calls.withLock { $0.append(operation.call) } }
            return .proceed
        }
        #expect(try archive(runs, in: lab, faults).allSatisfy { $0 != nil })
        #expect(calls.withLock(\.self) == ["syncfs"] + Array(repeating: "rename", count: 8) + ["syncfs"])
    }

    @Test func `leave one to come alone of which a part was cleaned away`() throws {
        let lab = try ArchiveLab()
        let runs = runs(4)
        for run in runs { try run.write(toRunning: lab.running) }
        let faults = Faults { operation in
            if operation.call == "rename", operation.path.hasSuffix("/run-1") {
                try? Disk.remove("\(operation.path)/state.json")
            }
            return .proceed
        }
        #expect(try archive(runs, in: lab, faults).map { $0 != nil } == [true, false, true, true])
        for run in runs { try lab.archived(lab.source(run)) }
        #expect(lab.tree["\(runs[1].place)/state.json"] == runs[1].state)
        #expect(try lab.checkSums() == [])
        #expect(lab.stagingIsEmpty)
    }

    @Test func `leave out whatever is not simple`() throws {
        let lab = try ArchiveLab()
        let runs = runs(6)
        for run in runs { try run.write(toRunning: lab.running) }
        // One stands already, one has another run of its second where it would go, and one comes twice.
        try lab.archived(lab.source(runs[0]))
        var namesake = runs[1]
        namesake.microseconds += 1
        namesake.output = "other"
        try lab.archived(lab.pinned(namesake))
        let before = lab.tree
        let outcomes = try archive(runs + [runs[2]], in: lab)
        #expect(outcomes.map { $0 == nil } == [true, true, false, false, false, false, true])
        #expect(lab.tree[runs[1].place + "/events.jsonl"] == before[runs[1].place + "/events.jsonl"])
        for run in runs { try lab.archived(lab.source(run)) }
        #expect(lab.tree.files.count { $0.hasSuffix("SHA256SUMS") } == 7)
        #expect(try lab.checkSums() == [])
    }

    @Test func `are whole or not there where the process is killed at any call, and the next one finishes`() throws {
        let runs = runs(5)
        var isThrough = false
        for index in 0..<1000 where !isThrough {
            let lab = try ArchiveLab()
            for run in runs { try run.write(toRunning: lab.running) }
            let faults = Faults { $0.index == index ? .stop : .proceed }
            _ = try archive(runs, in: lab, faults)
            isThrough = !faults.isStopped
            if Disk.isDirectory(lab.history) { #expect(try lab.checkSums() == [], "killed at call \(index)") }
            try RunArchiver(loops: lab.open(), process: 4712).discardStaging()
            for run in runs { try lab.archived(lab.source(run)) }
            #expect(lab.tree.files.count == 15 && lab.stagingIsEmpty, "killed at call \(index)")
            #expect(try lab.checkSums() == [], "killed at call \(index)")
        }
        #expect(isThrough)
    }

    @Test(arguments: ["create", "write", "syncfs", "rename"])
    func `are left to come alone where a call fails for all of them`(call: String) throws {
        let lab = try ArchiveLab()
        let runs = runs(5)
        for run in runs { try run.write(toRunning: lab.running) }
        let faults = Faults { $0.call == call ? .fail(.access) : .proceed }
        #expect(try archive(runs, in: lab, faults).allSatisfy { $0 == nil })
        #expect(lab.stagingIsEmpty)
        for run in runs { try lab.archived(lab.source(run)) }
        #expect(try lab.checkSums() == [])
    }
}
