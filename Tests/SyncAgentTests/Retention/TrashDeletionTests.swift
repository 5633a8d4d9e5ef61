import Dispatch
import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import Synchronization
import TestSupport
import Testing

/// How runs go from the trash for good.
@Suite struct TrashDeletionTests {
    /// A trash with runs of two loops, removed on one day.
    private func fill(_ lab: RetentionLab, perLoop count: Int) throws -> [TrashEntry] {
        for loop in ["one", "two"] {
            for hour in 0..<count + 2 { try lab.archive(lab.run(hour, loop: loop)) }
        }
        try lab.prune(isForced: true)
        let entries = try lab.trash.entries()
        try #require(entries.count == 2 * count)
        return entries
    }

    @Test(arguments: [false, true])
    func `what cannot be deleted stays and is told, the rest goes`(isConcurrent: Bool) throws {
        let atOnce: Spreading = { count, work in DispatchQueue.concurrentPerform(iterations: count, execute: work) }
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let entries = try fill(lab, perLoop: 10)
            let missing = entries[7]
            try Disk.remove(lab.path(".loopsync/trash/\(missing.description)"))
            let (deleted, failures) = try lab.trash.deleteAll(
                entries,
                batch: 6,
                by: isConcurrent ? atOnce : Spread.inOrder
            )
            #expect(deleted == entries.filter { $0 != missing })
            #expect(failures.map(\.call) == ["rename"])
            #expect(failures.map(\.code) == [.noEntry])
            #expect(Disk.names(in: lab.path(".loopsync/trash")).isEmpty)
        }
    }

    @Test func `a run that cannot be deleted to its end is told once, and keeps no other`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let entries = try fill(lab, perLoop: 3)
            let stuck = "\(entries[1].description).deleting/events.jsonl"
            lab.faults.refuse { call, path in call == "unlink" && path.hasSuffix(stuck) ? .access : nil }
            let (deleted, failures) = try lab.trash.deleteAll(entries)
            #expect(deleted == entries.filter { $0 != entries[1] })
            #expect(failures.map(\.call) == ["unlink"])
            #expect(try lab.trash.entries().isEmpty)
            lab.faults.refuse { _, _ in nil }
            #expect(try lab.trash.deleteAll([]).failures.isEmpty)
            #expect(Disk.names(in: lab.path(".loopsync/trash")).isEmpty)
        }
    }

    @Test func `runs of two loops in turns open the directory of each once`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let entries = try fill(lab, perLoop: 10)
            let turns = zip(entries.prefix(10), entries.suffix(10)).flatMap { [$0, $1] }
            let opened = Mutex(0)
            lab.faults.refuseLooks { call, path in
                if call == "open", path.hasSuffix("/2026-11-18") { opened.withLock { $0 += 1 } }
                return nil
            }
            #expect(try lab.trash.deleteAll(turns, batch: 4).deleted == turns)
            // Both once to delete, and once to tidy up.
            #expect(opened.withLock { $0 } == 4)
        }
    }

    @Test func `whether to go on is asked before each so many`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let entries = try fill(lab, perLoop: 5)
            var asked: [Int] = []
            let (deleted, _) = try lab.trash.deleteAll(
                entries,
                batch: 4,
                while: { (count) throws(PosixError) in
                    asked.append(count)
                    return count < 8
                }
            )
            #expect(asked == [0, 4, 8])
            #expect(deleted == Array(entries.prefix(8)))
            #expect(try lab.trash.entries() == Array(entries.suffix(2)))
        }
    }

    @Test func `what an interrupted deletion left makes room for another run of its name`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let entries = try fill(lab, perLoop: 2)
            let rest = lab.path(".loopsync/trash/\(entries[0].description).deleting")
            try Disk.makeDirectories("\(rest)/deep")
            try Disk.write("half", to: "\(rest)/deep/events.jsonl")
            let (deleted, failures) = try lab.trash.deleteAll(entries)
            #expect(failures.isEmpty)
            #expect(deleted == entries)
            #expect(Disk.names(in: lab.path(".loopsync/trash")).isEmpty)
        }
    }
}
