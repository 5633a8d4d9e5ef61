import GRDB
import LoopModel
import LoopStore
import RunCatalogue
import SyncAgent
import TestSupport
import Testing

/// The tables and views that people are promised, asked as they would ask.
@Suite
struct SchemaTests {
    private let lab: CatalogueLab

    init() throws {
        lab = try CatalogueLab()
        for second in 0..<3 {
            try SyntheticRun(loop: "build", start: 1_795_000_000 + second * 60, states: 2).write(toHistory: lab.history)
        }
        let flat = SyntheticRun(loop: "nightly", start: 1_795_100_000, states: 4, status: "failed", executor: .b)
        try flat.write(toHistory: lab.history)
        try Disk.write("", to: "\(lab.history)/\(flat.place)/.keep")
        try Disk.write("x", to: "\(lab.history)/\(flat.place)/events.conflict-1.jsonl")
    }

    private func rows(_ sql: String) throws -> [String] {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: lab.file, configuration: configuration)
        return try queue.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? "-" : "\($0.storage.value ?? "-")" }.joined(separator: "|")
            }
        }
    }

    @Test func `runs, loops, pins, conflicts and the time per state answer in plain SQL`() throws {
        _ = try lab.index().refresh(.every)
        #expect(
            try rows(
                "SELECT loop, run_id, layout, status, ended_at, seconds, iterations, final_state, pinned FROM runs ORDER BY ended_at"
            )
                == [
                    "build|2026-11-18T110640|nested|completed|2026-11-18T11:06:42Z|2.0|2|done|0",
                    "build|2026-11-18T110740|nested|completed|2026-11-18T11:07:42Z|2.0|2|done|0",
                    "build|2026-11-18T110840|nested|completed|2026-11-18T11:08:42Z|2.0|2|done|0",
                    "nightly|2026-11-19T145320|flat|failed|2026-11-19T14:53:24Z|4.0|4|done|1",
                ]
        )
        #expect(try rows("SELECT loop, runs, completed, failed FROM loops") == ["build|3|3|0", "nightly|1|0|1"])
        #expect(try rows("SELECT path FROM pins") == ["2026-11-19T145320-nightly"])
        #expect(try rows("SELECT path, conflicts FROM conflicts") == ["2026-11-19T145320-nightly|1"])
        #expect(
            try rows(
                "SELECT loop, state, sum(visits), sum(milliseconds) FROM time_per_state WHERE loop = 'build' GROUP BY 1, 2"
            ) == ["build|s0|3|3000", "build|s1|3|2997"]
        )
        #expect(try rows("SELECT count(*) FROM prunes") == ["0"])
        #expect(try rows("SELECT count(*) FROM mirrors") == ["0"])
    }

    @Test func `what was pruned is told with its reasons`() throws {
        let run = try #require(lab.runsByReading().first)
        let record = PruneRecord(
            .pruned,
            run,
            time: Timestamp(seconds: 1_800_000_000),
            reasons: ["older than 30d", "over max_runs"]
        )
        try PruneLog(lab.loops).append(record)
        _ = try lab.index().refresh(.every)
        #expect(
            try rows("SELECT at, change, path, reasons FROM prunes")
                == ["2027-01-15T08:00:00Z|pruned|2026-11-19T145320-nightly|older than 30d, over max_runs"]
        )
    }

    @Test func `names that are no text and lone surrogates come back as they were`() throws {
        let odd = "\(lab.history)/2026-12-01T000000-x"
        try Disk.makeDirectories(odd)
        try Disk.write(
            #"{"loop_name": "\ud800\u0000\u001b[2J", "current_state": "d", "iteration": 1.50, "started_at": "x", "status": "é"}"#,
            to: "\(odd)/state.json"
        )
        let found = try lab.index().newest(nil) { _ in true }
        #expect(found?.runs == (try lab.runsByReading()))
        #expect(
            found?.runs.contains { $0.loop == JSONString(wtf8: [0xED, 0xA0, 0x80, 0, 0x1B, 0x5B, 0x32, 0x4A]) } == true
        )
    }

    @Test func `the file and what lies beside it are the owner's alone`() throws {
        let index = try lab.index()
        _ = try index.refresh(.every)
        for name in Disk.names(in: lab.place.path(".loopsync")) where name.hasPrefix("catalogue") {
            #expect(Disk.status(lab.place.path(".loopsync/\(name)"))?.mode == 0o600, "\(name)")
        }
        withExtendedLifetime(index) {}
    }

    @Test(arguments: [
        "PRAGMA user_version = 99", "DROP VIEW runs", "CREATE TRIGGER t AFTER INSERT ON run BEGIN SELECT 1; END",
    ])
    func `another version's file, or one that says more, is built again with one line`(change: String) throws {
        _ = try lab.index().refresh(.every)
        let queue = try DatabaseQueue(path: lab.file)
        try queue.write { try $0.execute(sql: change) }
        try queue.close()
        #expect(try lab.index().newest(nil) { _ in true }?.runs == lab.runsByReading())
        #expect(lab.told.all.count == 1)
        #expect(lab.told.all.first?.contains("is built again") == true)
    }
}
