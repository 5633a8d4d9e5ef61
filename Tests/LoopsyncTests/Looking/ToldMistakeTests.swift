import LoopModel
import TestSupport
import Testing

/// What is said on standard error so that nobody takes an answer for more than it is.
@Suite
struct ToldMistakeTests {
    private let lab: LoopLab

    init() throws {
        lab = try LoopLab(.a)
        try lab.define(
            "nightly",
            "initial: a\nstates:\n  a: {action: 'true', on_success: d, on_failure: d}\n  d: {terminal: true}"
        )
        #expect(try lab.run("run", "nightly").succeeded)
        #expect(try lab.loopsync("archive").succeeded)
    }

    @Test(arguments: [["archive"], ["archive", "--dry-run"], ["prune"], ["prune", "--dry-run"], ["history"]])
    func `a loop that nobody has is told with what may be meant, and is no failure`(verb: [String]) throws {
        func run(_ loop: String) throws -> Subprocess.Finished {
            try Subprocess.run(
                [try BuiltProduct.loopsync()] + verb + [loop],
                in: lab.project,
                environment: lab.environment
            )
        }
        let mistake = try run("nigthly")
        #expect(mistake.succeeded, "\(mistake)")
        #expect(mistake.errorOutput.contains("loopsync: no run of a loop 'nigthly'. Did you mean nightly?\n"))
        #expect(try run("zzz*").errorOutput.contains("no run of a loop 'zzz*'. See: loopsync history\n"))
        #expect(try !run("night*").errorOutput.contains("no run of a loop"))
    }

    @Test func `stats and report tell how many runs they left out`() throws {
        for day in [0, 1] {
            try SyntheticRun(loop: "nightly", start: 1_763_928_900 + day * 86_400).write(toRunning: lab.running)
            #expect(try lab.loopsync("archive").succeeded)
        }
        let all = try lab.loopsync("stats", "nightly")
        #expect(all.succeeded && all.errorOutput == "")
        let some = try lab.loopsync("stats", "nightly", "--runs", "2")
        #expect(some.errorOutput == "loopsync: nightly: the newest 2 of 3 runs are counted\n")
        let document = try JSONValue(parsing: lab.loopsync("stats", "--runs", "2", "--json").output.utf8).objectValue
        let loop = document?["loops"]?.arrayValue?.first?.objectValue
        #expect(loop?["runs"] == 2 && loop?["runs_in_all"] == 3 && loop?["states_of_runs"] == 2)
    }
}
