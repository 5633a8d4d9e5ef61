import Glibc
import LoopModel
import TestSupport
import Testing

/// Runs of real executors that did not end by themselves, as people are told of them.
@Suite
struct StoppedRunTests {
    /// Starts a run, waits until it is in its state, and ends it; A's ends after the state that it is in.
    private func run(_ loop: String, of lab: LoopLab, endingBy signal: Int32) throws {
        try lab.define(
            loop,
            "initial: a\nstates:\n  a: {action: 'exec sleep 1', on_success: a, on_failure: a}\n  d: {terminal: true}"
        )
        let run = try lab.start("run", loop)
        #expect(
            eventually {
                Disk.names(in: lab.running).contains { name in
                    name.hasSuffix(".events.jsonl")
                        && Disk.text("\(lab.running)/\(name)")?.contains("action_start") == true
                }
            }
        )
        if signal == SIGKILL { run.signalGroup(signal) } else { run.signal(signal) }
        _ = try run.wait()
        let archive = try lab.loopsync("archive")
        #expect(archive.succeeded, "\(archive)")
    }

    @Test(arguments: Executor.allCases)
    func `a run that a signal stopped is no failure in the statistics`(_ executor: Executor) throws {
        let lab = try LoopLab(executor)
        try run("slow", of: lab, endingBy: SIGTERM)
        #expect(try lab.loopsync("history", "--format", "{status}").output == "interrupted\n")
        let document = try JSONValue(parsing: lab.loopsync("stats", "--json").output.utf8).objectValue
        #expect(document?["loops"]?.arrayValue?.first?.objectValue?["success_rate"] == .null)
        let report = try JSONValue(parsing: lab.loopsync("report", "--json").output.utf8).objectValue
        #expect(report?["runs"]?.arrayValue?.first?.objectValue?["status"] == "interrupted")
    }

    @Test(arguments: Executor.allCases)
    func `a run that was killed is called abandoned, and found by that name`(_ executor: Executor) throws {
        let lab = try LoopLab(executor)
        try run("dead", of: lab, endingBy: SIGKILL)
        for status in ["abandoned", "failed,abandoned", "running"] {
            let history = try lab.loopsync("history", "--status", status, "--format", "{loop} {status}")
            #expect(history.output == "dead abandoned\n", "\(history)")
        }
        #expect(try lab.loopsync("show", "dead@latest").output.split(separator: "\n")[0].hasSuffix("  abandoned"))
        #expect(try lab.loopsync("status").output.contains("abandoned"))
        let document = try JSONValue(parsing: lab.loopsync("history", "--json").output.utf8).objectValue
        #expect(document?["runs"]?.arrayValue?.first?.objectValue?["status"] == "running")
        let mistake = try lab.loopsync("history", "--status", "abandond")
        #expect(mistake.succeeded)
        #expect(mistake.errorOutput.contains("Did you mean abandoned?"))
    }
}
