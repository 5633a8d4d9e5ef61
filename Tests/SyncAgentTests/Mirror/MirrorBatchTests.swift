import Dispatch
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import Synchronization
import TestSupport
import Testing

/// Many runs that come into a mirror at once.
@Suite struct MirrorBatchTests {
    private typealias Lab = ArchiveMirrorLab

    private func lab(runs: Int, _ faults: Faults) throws -> Lab {
        let lab = try Lab()
        for number in 0..<runs { try lab.archive(Lab.run(number, executor: number % 2 == 0 ? .a : .b)) }
        lab.root = FaultyDirectory(lab.root, faults)
        lab.mirror.batchSize = 8
        return lab
    }

    @Test func `are shown only after their file system was synced, and their names are synced after that`() throws {
        let calls = Mutex<[String]>([])
        let lab = try lab(
            runs: 20,
            Faults { operation in
                let isShown = operation.call == "rename" && operation.path.contains(".loopsync-tmp")
                if isShown || ["fsync", "syncfs"].contains(operation.call) {
                    calls.withLock { $0.append(operation.call) }
                }
                return .proceed
            }
        )
        #expect(lab.work().count == 20)
        #expect(lab.isSame && lab.mirror.isUpToDate)
        let groups = calls.withLock { $0 }.filter { $0 != "fsync" }.split(separator: "syncfs").map(\.count)
        #expect(groups == [8, 8, 4])
        #expect(calls.withLock { $0.filter { $0 == "syncfs" }.count } == 6)
    }

    @Test func `are the same where their copies are made at once`() throws {
        let lab = try lab(runs: 40, Faults())
        lab.mirror.batchSize = 32
        lab.mirror.spreading = { count, work in DispatchQueue.concurrentPerform(iterations: count, execute: work) }
        #expect(lab.work().count == 40)
        #expect(lab.isSame && lab.mirror.isUpToDate)
    }

    @Test func `are whole or not there where the process is killed at any call, and the next one finishes`() throws {
        var isThrough = false
        for index in 0..<1000 where !isThrough {
            let faults = Faults { $0.index == index ? .stop : .proceed }
            let lab = try lab(runs: 5, faults)
            let real = try lab.base.directory(lab.base.mirrorPath)
            lab.work()
            isThrough = !faults.isStopped
            for place in try real.subdirectory(.history).map({ try HistoryScan.places(in: $0) }) ?? [] {
                let directory = try lab.base.directory("\(lab.copies)/\(place)")
                guard case .success(let sums)? = try SumsFile.stored(in: directory) else {
                    Issue.record("\(place) has no sums after call \(index)")
                    continue
                }
                #expect(try sums.damage(in: directory).isEmpty)
            }
            lab.root = real
            try MirrorScratch(machine: "m", process: 3).discardLeftovers(in: real, now: 0) { _ in false }
            try lab.restart()
            lab.base.now = lab.base.now + .seconds(3600)
            lab.work()
            #expect(lab.isSame && lab.mirror.isUpToDate, "after call \(index): \(lab.outcomes)")
        }
        #expect(isThrough)
    }

    @Test(arguments: ["create", "write", "syncfs", "rename"])
    func `come one by one where a call fails for all of them`(call: String) throws {
        let hasFailed = Atomic(false)
        let lab = try lab(
            runs: 12,
            Faults { operation in
                guard operation.call == call, operation.path.contains(".loopsync-tmp") || call == "syncfs" else {
                    return .proceed
                }
                return hasFailed.exchange(true, ordering: .relaxed) ? .proceed : .fail(.access)
            }
        )
        #expect(lab.work().count == 12)
        #expect(lab.isSame && lab.mirror.isUpToDate, "\(lab.outcomes)")
    }

    @Test func `leave out a run that differs from its sums, and say so of it alone`() throws {
        let lab = try lab(runs: 6, Faults())
        let damaged = Lab.run(2)
        try Disk.append("more\n", to: "\(lab.history)/\(damaged.place)/events.jsonl")
        #expect(lab.work().count == 5)
        #expect(lab.mirror.waiting.keys.map(\.description) == [damaged.place])
        #expect(Disk.names(in: lab.copies + "/demo").count == 2)
    }
}
