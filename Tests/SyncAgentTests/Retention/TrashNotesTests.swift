import LoopModel
import LoopStore
import SyncAgent
import SyncCore
import TestSupport
import Testing

/// What the trash knows of its runs by the list of notes beside them, and without it.
@Suite struct TrashNotesTests {
    private func restore(_ lab: RetentionLab, _ entry: TrashEntry) throws -> RestoreOutcome {
        let loops = try lab.loops
        return try lab.trash.restore(entry, running: try RunningRuns.read(loops), now: RetentionLab.now)
    }

    @Test func `notes that earlier versions put beside each run still count`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<4).map { try lab.archive(lab.run($0)) }
            try lab.prune()
            let before = try lab.trash.entries().map(\.record)
            let loop = lab.path(".loopsync/trash/2026-11-18/demo")
            try Disk.remove("\(loop)/pruned.jsonl")
            for run in runs.prefix(2) {
                let note = """
                    {
                      "change": "pruned",
                      "time": "2026-11-18T12:00:00+00:00",
                      "loop": "demo",
                      "run_id": "\(run.runID)",
                      "place": ["demo", "\(run.runID)"],
                      "size": 1234,
                      "reasons": ["noted alone"]
                    }
                    """
                try Disk.write(note, to: "\(loop)/\(run.runID).pruned.json")
            }
            let entries = try lab.trash.entries()
            #expect(entries.map(\.record.reasons) == [["noted alone"], ["noted alone"]])
            #expect(entries.map(\.record.place) == before.map(\.place))
            #expect(try lab.trash.deleteAll(entries).deleted == entries)
            #expect(Disk.names(in: lab.path(".loopsync/trash")).isEmpty)
        }
    }

    @Test func `a run that is called as the notes are lies beside them`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            try Disk.move(lab.path(".history/\(runs[0].place)"), to: lab.path(".history/demo/pruned.jsonl"))
            try lab.prune()
            let entry = try #require(try lab.trash.entries().first)
            #expect(entry.record.place.description == "demo/pruned.jsonl")
            #expect(!entry.record.reasons.isEmpty)
            #expect(try restore(lab, entry) == .restored(entry.record.place))
        }
    }

    @Test func `a list of notes that was cut in the middle of a line goes on with the next one`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            for hour in 0..<4 { try lab.archive(lab.run(hour)) }
            try lab.prune()
            let list = lab.path(".loopsync/trash/2026-11-18/demo/pruned.jsonl")
            let whole = try #require(Disk.read(list))
            try Disk.write(Array(whole.dropLast(9)), to: list)
            try lab.archive(lab.run(4))
            try lab.prune()
            let reasons = try lab.trash.entries().map(\.record.reasons.isEmpty)
            #expect(reasons.count == 3)
            #expect(reasons.count { $0 } == 1)
        }
    }

    @Test func `without its notes the trash still knows what and, to the day, when`() throws {
        try TemporaryDirectory.with { directory in
            let lab = try RetentionLab(directory)
            let runs = try (0..<3).map { try lab.archive(lab.run($0)) }
            let flat = try (3..<6).map { try lab.archive(lab.run($0, loop: "b", executor: .b)) }
            try lab.prune()
            let day = lab.path(".loopsync/trash/2026-11-18")
            for loop in Disk.names(in: day) { try Disk.remove("\(day)/\(loop)/pruned.jsonl") }
            let entries = try lab.trash.entries()
            #expect(Set(entries.map(\.record.place.description)) == [runs[0].place, flat[0].place])
            #expect(entries.allSatisfy { $0.record.time == Timestamp(iso: "2026-11-19T00:00:00+00:00") })
            for entry in entries { _ = try restore(lab, entry) }
            #expect(try lab.history.count == 6)
        }
    }
}
