import LoopModel
import TestSupport
import Testing

/// Runs that were pruned here and are in the mirror still: listed, told and brought back by their names.
@Suite
struct MirroredRunsTests {
    private let lab: LoopLab

    /// Three runs by a real executor, mirrored; the oldest two pruned.
    init() throws {
        lab = try LoopLab(.a)
        try lab.define(
            "count",
            "initial: a\nstates:\n  a: {action: 'true', on_success: d, on_failure: d}\n  d: {terminal: true}"
        )
        for day in [0, 1] {
            try SyntheticRun(loop: "count", start: 1_763_928_900 + day * 86_400).write(toRunning: lab.running)
            #expect(try lab.loopsync("archive").succeeded)
            for name in Disk.names(in: lab.running) { try Disk.remove("\(lab.running)/\(name)") }
        }
        #expect(try lab.run("run", "count").succeeded)
        #expect(try lab.loopsync("archive", "--sync", lab.sync).succeeded)
        try Disk.write(
            "version: 1\nmirror: {to: \(lab.sync)}\nretention: {keep_last: 1, keep_min: 1, min_age: 0s, trash_for: 0s}\n",
            to: "\(lab.project)/loopsync.yaml"
        )
        #expect(try lab.loopsync("prune").succeeded)
        #expect(try lab.loopsync("prune", "--empty-trash").succeeded)
    }

    @Test func `history says which runs only the mirror has, and leaves them out when asked to`() throws {
        let kept = try lab.loopsync("history", "--format", "{run} {kept}").output.split(separator: "\n")
        #expect(kept.count == 3)
        #expect(kept[0].hasSuffix(" here, mirror"))
        #expect(kept[1...] == ["count/2025-11-24T201500 mirror", "count/2025-11-23T201500 mirror"])
        #expect(try lab.loopsync("history", "--here").output.split(separator: "\n").count == 1)
        #expect(try lab.loopsync("history", "--limit", "2").output.split(separator: "\n").count == 2)
        #expect(
            try lab.loopsync("history", "--until", "2025-11-24", "--format", "{id}").output == "2025-11-23T201500\n"
        )
        let document = try JSONValue(parsing: lab.loopsync("history", "--json").output.utf8).objectValue
        let runs = document?["runs"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(runs.map { $0["here"] } == [true, false, false])
        #expect(runs.map { $0["mirrored"] } == [true, true, true])
        for run in runs { #expect(Disk.exists("\(run["directory"]?.stringValue?.string ?? "")/events.jsonl")) }
    }

    @Test func `show, events, diff and restore find a run that only the mirror has`() throws {
        let show = try lab.loopsync("show", "count@-3")
        #expect(show.succeeded, "\(show)")
        #expect(show.output.contains("\(lab.mirror)/.history/"))
        #expect(try lab.loopsync("events", "count/2025-11-24T201500").output.contains("loop_complete"))
        #expect(try lab.loopsync("diff", "2025-11-23", "count@latest").succeeded)
        let missing = try lab.loopsync("show", "cuont@latest")
        #expect(missing.termination == .exited(1))
        #expect(missing.errorOutput.contains("Did you mean count@latest?"))

        let restore = try lab.loopsync("restore", "count/2025-11-23T201500")
        #expect(restore.succeeded, "\(restore)")
        #expect(try lab.loopsync("history", "--here").output.split(separator: "\n").count == 2)
        #expect(try lab.loopsync("restore", "count/2025-11-24T201500", "--from", "trash").termination == .exited(1))
        #expect(
            try lab.loopsync("restore", "nobody@latest").errorOutput.contains("no run in the trash or in the mirror")
        )
    }

    @Test func `counting back goes by all runs that history lists, here and in the mirror`() throws {
        #expect(try lab.loopsync("restore", "count/2025-11-23T201500").succeeded)
        let listed = try lab.loopsync("history", "--format", "{run}").output.split(separator: "\n").map(String.init)
        #expect(listed.count == 3)
        for (number, run) in listed.enumerated() {
            let show = try lab.loopsync("show", "count@-\(number + 1)")
            #expect(show.output.hasPrefix(run), "\(show)")
        }
    }

    @Test func `a mirror that is away is told where a run is looked for in vain`() throws {
        try Disk.move(lab.sync, to: lab.directory.path("away"))
        let show = try lab.loopsync("show", "count/2025-11-23T201500")
        #expect(show.termination == .exited(1))
        #expect(show.errorOutput.contains("the mirror cannot be asked"))
        let history = try lab.loopsync("history")
        #expect(history.output.split(separator: "\n").count == 1)
        #expect(history.errorOutput.contains("runs that only the mirror has are not listed"))
    }
}
