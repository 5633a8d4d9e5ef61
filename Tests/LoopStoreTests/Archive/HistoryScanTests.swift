import Glibc
import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("reading the history")
struct HistoryScanTests {
    @Test func `runs of both layouts are found, and nothing else`() throws {
        let lab = try ArchiveLab()
        for run in [
            SyntheticRun(), SyntheticRun(start: 1_795_000_100), SyntheticRun(executor: .b),
            SyntheticRun(loop: "2026-01-01T000000-odd"), SyntheticRun(loop: ".hidden"),
        ] {
            try run.write(toHistory: lab.history)
        }
        let history = lab.history
        try Disk.makeDirectories("\(history)/demo/banana")
        try Disk.write("{}", to: "\(history)/demo/banana/state.json")
        try Disk.makeDirectories("\(history)/odd-name")
        try Disk.write("", to: "\(history)/odd-name/events.jsonl")
        try Disk.makeDirectories("\(history)/2026-01-01T000000-we/ird")
        try Disk.write("", to: "\(history)/2026-01-01T000000-we/ird/events.jsonl")
        // No runs.
        try Disk.makeDirectories("\(history)/.loopsync/1-1/run")
        try Disk.write("", to: "\(history)/.loopsync/1-1/run/state.json")
        try Disk.makeDirectories("\(history)/demo/empty")
        try Disk.write("", to: "\(history)/file")
        symlink(lab.running, "\(history)/link")
        symlink(lab.running, "\(history)/demo/2026-01-01T000000")
        mkfifo("\(history)/demo/fifo", 0o644)

        let places = try HistoryScan.places(in: lab.historyDirectory()).map(\.description)
        #expect(
            places == [
                ".hidden/2026-11-18T110640", "2026-01-01T000000-odd/2026-11-18T110640", "2026-01-01T000000-we/ird",
                "2026-11-18T110640-demo", "demo/2026-11-18T110640", "demo/2026-11-18T110820", "demo/banana", "odd-name",
            ]
        )
    }

    @Test func `places come in the order of their paths' bytes`() throws {
        let lab = try ArchiveLab()
        let names = ["b", "a", "ab", "a-b", "a.b", "Z", "é", "日本", "\u{1}", "~", "a b"]
        for name in names {
            for run in ["2026-11-18T110640", "2026-11-18T11064", "x", "ö", name] {
                try Disk.makeDirectories("\(lab.history)/\(name)/\(run)")
                try Disk.write("{}", to: "\(lab.history)/\(name)/\(run)/state.json")
            }
            try SyntheticRun(loop: name, executor: .b).write(toHistory: lab.history)
        }
        let places = try HistoryScan.places(in: lab.historyDirectory())
        #expect(places.count == names.count * 6)
        #expect(places == places.sorted())
    }

    @Test(arguments: [("readdir", "/closed"), ("stat", "/closed/odd"), ("open", "/closed")], [PosixError.Code.access])
    func `what cannot be looked into is told, and hides nothing else`(
        refused: (call: String, place: String),
        code: PosixError.Code
    ) throws {
        let lab = try ArchiveLab()
        let runs = [SyntheticRun(loop: "a"), SyntheticRun(loop: "z"), SyntheticRun(executor: .b)]
        for run in runs { try run.write(toHistory: lab.history) }
        try Disk.makeDirectories("\(lab.history)/closed/odd")
        try Disk.write("{}", to: "\(lab.history)/closed/odd/state.json")
        let faults = Faults()
        let history = try #require(try lab.open(faults).history())
        faults.refuseLooks { $0 == refused.call && $1.hasSuffix("/.history\(refused.place)") ? code : nil }
        var unreadable: [PosixError] = []
        let places = try HistoryScan.places(in: history, unreadable: &unreadable).map(\.description)
        #expect(Set(places) == Set(runs.map(\.place)))
        #expect(unreadable.map(\.code) == [code])
        #expect(try HistoryScan.places(in: history).count == runs.count)
    }

    @Test func `a run whose files cannot be looked at does not keep the others from being summed`() throws {
        let lab = try ArchiveLab()
        let runs = [SyntheticRun(loop: "a"), SyntheticRun(loop: "b"), SyntheticRun(loop: "c")]
        for run in runs { try run.write(toHistory: lab.history) }
        lab.now = Timestamp(nanoseconds: try lab.historyDirectory().status().changed).adding(seconds: 60)
        let faults = Faults()
        let archiver = RunArchiver(loops: try lab.open(faults), process: 1)
        let closed = "/" + runs[1].place
        faults.refuseLooks { $0 == "stat" && $1.hasSuffix(closed) ? .inputOutput : nil }
        let unsummed = try archiver.unsummed(now: lab.now)
        #expect(unsummed.whole.map(\.description) == [runs[0].place, runs[2].place])
        #expect(unsummed.unreadable.map(\.code) == [.inputOutput])
    }

    @Test func `a directory that an executor made before it was killed is not summed`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toHistory: lab.history)
        try Disk.makeDirectories("\(lab.history)/2026-11-18T110640-made")
        lab.now = Timestamp(nanoseconds: try lab.historyDirectory().status().changed).adding(seconds: 60)
        let archiver = RunArchiver(loops: try lab.open(), process: 1)
        #expect(try archiver.unsummed(now: lab.now).whole.map(\.description) == [run.place])
    }

    @Test func `a run that version B swept after A had archived it stands once`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toHistory: lab.history)
        let swept = "\(run.runID)-\(run.loop)"
        try Disk.makeDirectories("\(lab.history)/\(swept)")
        for name in ["state.json", "events.jsonl"] {
            try lab.copy2("\(lab.history)/\(run.place)/\(name)", to: "\(lab.history)/\(swept)/\(name)")
        }
        let place = try #require(runPlace(swept))
        #expect(try RunArchiver(loops: lab.open(), process: 1).adopt(place))
        #expect(try HistoryScan.places(in: lab.historyDirectory()).map(\.description) == [run.place])
    }

    @Test func `a resumed run whose events A archived once more without their state stands once`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toHistory: lab.history)
        let events = "\(lab.history)/\(run.place)/events.jsonl"
        let first = #"{"event": "loop_start", "ts": "\#(SyntheticRun.iso(run.start - 60, 0))", "loop": "demo"}"# + "\n"
        try Disk.write(Array(first.utf8) + (Disk.read(events) ?? []), to: events)
        let other = "demo/2026-11-18T120000"
        try Disk.makeDirectories("\(lab.history)/\(other)")
        try lab.copy2(events, to: "\(lab.history)/\(other)/events.jsonl")
        let place = try #require(runPlace(other))
        #expect(try RunArchiver(loops: lab.open(), process: 1).adopt(place))
        #expect(try HistoryScan.places(in: lab.historyDirectory()).map(\.description) == [run.place])
    }

    @Test(arguments: Executor.allCases)
    func `a run tells loop, id, identity, end and size`(executor: Executor) throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun(status: "failed", executor: executor)
        try run.write(toHistory: lab.history)
        try Disk.write("", to: "\(lab.history)/\(run.place)/.keep")
        let place = try #require(runPlace(run.place))
        let read = try #require(try HistoryScan.read(place, in: lab.historyDirectory()))
        #expect(read.loop == "demo")
        #expect(read.runID.description == run.runID)
        #expect(read.identity == .loopStart(Array(run.eventLines[0].utf8)))
        #expect(read.status == .failed)
        #expect(read.endedAt == Timestamp(iso: JSONString(SyntheticRun.iso(run.start + 2, run.microseconds))))
        #expect(read.isPinned)
        #expect(read.isExecutorCopy)
        #expect(read.size >= 4096)

        try Disk.write("x", to: "\(lab.history)/\(run.place)/SHA256SUMS")
        #expect(try HistoryScan.read(place, in: lab.historyDirectory())?.sums == Checksum(of: [0x78]).bytes)
    }

    @Test func `the last event counts for the end, torn, binary and timeless lines do not`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toHistory: lab.history)
        let file = "\(lab.history)/\(run.place)/events.jsonl"
        try Disk.append("{\"event\": \"late\", \"ts\": \"2027-01-01T00:00:00+00:00\"}\n", to: file)
        try Disk.append([0xFF, 0x00, 0x0A], to: file)
        try Disk.append("[]\n{\"ts\": 5}\n{\"event\": \"x\", \"ts\": \"2028-", to: file)
        let read = try HistoryScan.read(#require(runPlace(run.place)), in: lab.historyDirectory())
        #expect(read?.endedAt == Timestamp(iso: "2027-01-01T00:00:00+00:00"))
        // More than one piece of the file from the end.
        try Disk.append("\n" + String(repeating: "x", count: 300_000), to: file)
        let again = try HistoryScan.read(#require(runPlace(run.place)), in: lab.historyDirectory())
        #expect(again?.endedAt == Timestamp(iso: "2027-01-01T00:00:00+00:00"))
    }

    @Test func `only an unnested loop_start identifies, wherever B put it among others`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toHistory: lab.history)
        let start = #"{"event": "loop_start", "ts": "2026-11-18T11:06:40+00:00", "loop": "demo"}"#
        let before = #"{"event": "loop_start", "ts": "x", "loop": "child", "depth": 1}"# + "\n{\"a\": \"loop_start\"}\n"
        for (text, expected) in [(before + start + "\n", start), (start, start), (before, nil)] {
            try Disk.write(text, to: "\(lab.history)/\(run.place)/events.jsonl")
            let read = try HistoryScan.read(#require(runPlace(run.place)), in: lab.historyDirectory())
            let state = RunIdentity.state(loop: "demo", startedAt: JSONString(run.startedAt))
            #expect(read?.identity == expected.map { .loopStart(Array($0.utf8)) } ?? state)
        }
    }

    @Test func `what is no file in a file's place is passed over`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        for kind in ["fifo", "link", "directory"] {
            let place = "\(lab.history)/demo/\(kind)"
            try Disk.makeDirectories(place)
            for name in ["state.json", "events.jsonl", "SHA256SUMS"] {
                switch kind {
                case "fifo": mkfifo("\(place)/\(name)", 0o644)
                case "link": symlink("/etc/passwd", "\(place)/\(name)")
                default: try Disk.makeDirectories("\(place)/\(name)")
                }
            }
        }
        try run.write(toRunning: lab.running)
        for kind in ["fifo", "link", "directory"] {
            #expect(
                try HistoryScan.read(#require(runPlace("demo/\(kind)")), in: lab.historyDirectory()) == nil
            )
            // Nor do they stop the run that is to stand there.
            let source = try lab.source(run) {
                $0.runID = RunID(JSONString(kind))
                $0.isInRunning = false
            }
            let outcome = try lab.archive(source)
            guard case .archived = outcome else {
                Issue.record("\(kind): \(outcome)")
                continue
            }
        }
    }

    /// Growth of the resident memory while the closure runs, in bytes.
    private func growth(_ body: () throws -> Void) rethrows -> Int {
        func peak() -> Int {
            let text = Disk.text("/proc/self/status") ?? ""
            let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
            return (Int(line.filter(\.isNumber)) ?? 0) << 10
        }
        // Begins the peak anew.
        try? Disk.write("5", to: "/proc/self/clear_refs")
        let before = peak()
        try body()
        return peak() - before
    }

    @Test func `a line of 200 MB is neither loaded nor a hindrance`() throws {
        let lab = try ArchiveLab()
        let run = SyntheticRun()
        try run.write(toRunning: lab.running)
        let file = "\(lab.running)/\(run.stem).events.jsonl"
        let piece = [UInt8](repeating: 0x78, count: 1 << 20)
        for _ in 0..<200 { try Disk.append(piece, to: file) }
        var outcome: ArchiveOutcome?
        let used = try growth {
            outcome = try lab.archive(lab.source(run))
            _ = try HistoryScan.read(#require(runPlace(run.place)), in: lab.historyDirectory())
            _ = try lab.archive(lab.source(run))
        }
        guard case .archived(_, .created, _, _, _)? = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(used < 60 << 20, "\(used >> 20) MB")
        #expect(Disk.status("\(lab.history)/\(run.place)/events.jsonl")?.size == Disk.status(file)?.size)

        // The first line itself: no identity by it, then.
        try Disk.move(file, to: "\(lab.history)/\(run.place)/events.jsonl")
        let long = "\(lab.history)/\(run.place)/events.jsonl"
        try Disk.write(piece, to: long)
        for _ in 0..<20 { try Disk.append(piece, to: long) }
        try Disk.append("\n" + run.eventLines[0] + "\n", to: long)
        let read = try HistoryScan.read(#require(runPlace(run.place)), in: lab.historyDirectory())
        #expect(read?.identity == .state(loop: "demo", startedAt: JSONString(run.startedAt)))
    }
}
