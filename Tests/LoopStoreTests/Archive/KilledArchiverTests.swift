import LoopModel
import LoopStore
import TestSupport
import Testing

/// For every k: the archiver is killed before its k-th operation, then another one comes.
@Suite("an archiver that is killed")
struct KilledArchiverTests {
    /// A situation and the end that it must come to.
    struct Situation: Sendable, CustomStringConvertible {
        var description: String
        var executor: Executor = .a
        var known: Bool = false
        var prepare: @Sendable (ArchiveLab, SyntheticRun) throws -> Void
        /// The run that is archived, where it is another one by then.
        var change: @Sendable (inout RunSource) -> Void = { _ in }
        var expected: @Sendable (ArchiveLab, SyntheticRun) -> [String: [UInt8]]
    }

    private static func whole(_ run: SyntheticRun, at place: String? = nil) -> [String: [UInt8]] {
        let place = place ?? run.place
        return ["\(place)/state.json": run.state, "\(place)/events.jsonl": run.events]
    }

    private static func sameSecond(_ run: SyntheticRun) -> SyntheticRun {
        var other = run
        other.microseconds += 1
        other.output = "other"
        return other
    }

    private static func earlier(_ run: SyntheticRun) -> SyntheticRun {
        var other = run
        other.start -= 1
        return other
    }

    static let situations: [Situation] = [
        Situation(description: "nothing there, nested", prepare: { _, _ in }, expected: { whole($1) }),
        Situation(description: "nothing there, flat", executor: .b, prepare: { _, _ in }, expected: { whole($1) }),
        Situation(
            description: "an executor's archive",
            prepare: { lab, run in try lab.executorArchives(run) },
            expected: { whole($1) }
        ),
        Situation(
            description: "an executor's torn archive with an extra file",
            executor: .b,
            prepare: { lab, run in
                try lab.executorArchives(run)
                try Disk.write("{}", to: "\(lab.history)/\(run.place)/summary.json")
                try Disk.write(run.events.prefix(20), to: "\(lab.history)/\(run.place)/events.jsonl")
            },
            expected: { whole($1).merging(["\($1.place)/summary.json": Array("{}".utf8)]) { $1 } }
        ),
        Situation(
            description: "a person's directory in an archive that has to be replaced",
            prepare: { lab, run in
                try lab.executorArchives(run)
                try Disk.write(run.events.prefix(20), to: "\(lab.history)/\(run.place)/events.jsonl")
                try Disk.makeDirectories("\(lab.history)/\(run.place)/notes")
                try Disk.write("mine", to: "\(lab.history)/\(run.place)/notes/a.txt")
            },
            expected: { whole($1).merging(["\($1.place)/notes/a.txt": Array("mine".utf8)]) { $1 } }
        ),
        Situation(
            description: "a person's directory in a second copy, and another in the first",
            prepare: { lab, run in
                try lab.archived(lab.pinned(run))
                try Disk.move("\(lab.history)/\(run.place)", to: "\(lab.history)/\(run.place)-2")
                try lab.executorArchives(run)
                for copy in ["", "-2"] {
                    try Disk.makeDirectories("\(lab.history)/\(run.place)\(copy)/notes")
                    try Disk.write("in\(copy)", to: "\(lab.history)/\(run.place)\(copy)/notes/a.txt")
                }
            },
            expected: {
                whole($1).merging([
                    "\($1.place)/notes/a.txt": Array("in".utf8), "\($1.place)/notes.1/a.txt": Array("in-2".utf8),
                ]) { $1 }
            }
        ),
        Situation(
            description: "a contradiction",
            prepare: { lab, run in
                try lab.executorArchives(run)
                try Disk.write("\(run.eventLines[0])\n{}\n", to: "\(lab.history)/\(run.place)/events.jsonl")
            },
            expected: { _, run in
                let theirs = Array("\(run.eventLines[0])\n{}\n".utf8)
                return whole(run).merging(["\(run.place)/events.conflict-1.jsonl": theirs]) { $1 }
            }
        ),
        Situation(
            description: "another run of the same second, nested",
            prepare: { lab, run in try lab.archived(lab.pinned(sameSecond(run))) },
            expected: { whole($1).merging(whole(sameSecond($1), at: "\($1.place)-2")) { $1 } }
        ),
        Situation(
            description: "another run of the same second, flat",
            executor: .b,
            prepare: { lab, run in try lab.archived(lab.pinned(sameSecond(run))) },
            expected: { whole($1).merging(whole(sameSecond($1), at: earlier($1).place)) { $1 } }
        ),
        Situation(
            description: "the run aside, and an executor's torn copy under its name",
            prepare: { lab, run in
                try Disk.makeDirectories("\(lab.history)/\(run.place)-2")
                try Disk.write(run.events.prefix(150), to: "\(lab.history)/\(run.place)-2/events.jsonl")
                try Disk.write("log", to: "\(lab.history)/\(run.place)-2/run.log")
                try lab.executorArchives(run)
                try Disk.write(run.events.prefix(300), to: "\(lab.history)/\(run.place)/events.jsonl")
            },
            expected: { whole($1).merging(["\($1.place)/run.log": Array("log".utf8)]) { $1 } }
        ),
        Situation(
            description: "a resume that changed the start",
            prepare: { lab, run in
                try lab.executorArchives(run)
                try Disk.write(run.events.dropLast(30), to: "\(lab.history)/\(run.place)/events.jsonl")
            },
            change: { $0.runID = RunID("2027-01-01T000000") },
            expected: { whole($1, at: "\($1.loop)/2027-01-01T000000") }
        ),
    ]

    private func check(_ situation: Situation, exchanges: Bool) throws {
        var k = 0
        while true {
            let lab = try ArchiveLab()
            let run = SyntheticRun(executor: situation.executor)
            try run.write(toRunning: lab.running)
            try situation.prepare(lab, run)
            let faults = Faults { [k] operation in
                if operation.index == k { return .stop }
                return operation.rename == .exchanging && !exchanges ? .fail(.invalid) : .proceed
            }
            let first = try lab.archive(
                try lab.source(run, in: lab.open(faults), change: situation.change),
                faults: faults
            )
            let isDone = !faults.isStopped
            // Killed while it tidied up, it may have said so already; then all must be there.
            if case .archived = first, files(lab) != situation.expected(lab, run) {
                Issue.record("\(situation) said archived too early when killed at \(k)")
            }
            // What can be read in between is whole: every directory that has sums agrees with them.
            try checkSummed(lab, "\(situation), killed at \(k)")

            // The next agent: discards what is left, and does the same.
            let honest = Faults { operation in
                operation.rename == .exchanging && !exchanges ? .fail(.invalid) : .proceed
            }
            if !isDone { try RunArchiver(loops: lab.open(), process: 4712).discardStaging() }
            let outcome = try lab.archive(try lab.source(run, change: situation.change), faults: honest)
            guard case .archived = outcome else {
                Issue.record("\(situation), killed at \(k): \(outcome)")
                return
            }
            let (found, expected) = (files(lab), situation.expected(lab, run))
            if found != expected {
                Issue.record("\(situation), killed at \(k): \(found.keys.sorted()), expected \(expected.keys.sorted())")
                return
            }
            #expect(lab.stagingIsEmpty, "\(situation), killed at \(k)")
            try checkSummed(lab, "\(situation), killed at \(k), then again", all: true)
            if isDone { break }
            k += 1
        }
        #expect(k > 5)
    }

    private func files(_ lab: ArchiveLab) -> [String: [UInt8]] {
        let tree = lab.tree
        return Dictionary(
            uniqueKeysWithValues: tree.files.filter { !$0.hasSuffix("SHA256SUMS") }.map { ($0, tree[$0] ?? []) }
        )
    }

    private func checkSummed(_ lab: ArchiveLab, _ where_: String, all: Bool = false) throws {
        guard let history = try lab.open().history() else { return }
        for place in try HistoryScan.places(in: history) {
            let verdict = try RunVerifier(loops: lab.open(), process: 1).verify(place, in: history, adopting: false)
            let isFine = verdict == .sound || (!all && verdict == .unsummed)
            if !isFine { Issue.record("\(where_): \(place) is \(String(describing: verdict))") }
        }
    }

    @Test(arguments: situations)
    func `comes to the same end wherever it was killed`(situation: Situation) throws {
        try check(situation, exchanges: true)
    }

    @Test(arguments: situations)
    func `comes to the same end on a file system that cannot swap`(situation: Situation) throws {
        try check(situation, exchanges: false)
    }

    @Test(arguments: [PosixError.Code(rawValue: 28), PosixError.Code(rawValue: 5)])
    func `a failure at any step is told, leaves nothing behind and can be repeated`(code: PosixError.Code) throws {
        for situation in Self.situations {
            var k = 0
            while true {
                let lab = try ArchiveLab()
                let run = SyntheticRun(executor: situation.executor)
                try run.write(toRunning: lab.running)
                try situation.prepare(lab, run)
                let faults = Faults { [k] in $0.index == k ? .fail(code) : .proceed }
                _ = try lab.archive(try lab.source(run, in: lab.open(faults), change: situation.change), faults: faults)
                let wasReached = faults.calls > k
                guard case .archived = try lab.archive(try lab.source(run, change: situation.change)) else {
                    Issue.record("\(situation), failed at \(k)")
                    return
                }
                let found = files(lab)
                if found != situation.expected(lab, run) {
                    Issue.record("\(situation), failed at \(k): \(found.keys.sorted())")
                    return
                }
                if !wasReached { break }
                k += 1
            }
        }
    }
}
