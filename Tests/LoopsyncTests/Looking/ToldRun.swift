import LoopModel
import TestSupport

/// An archived run of a few states whose every word is known, hostile ones among them.
enum ToldRun {
    /// Colours, a title for the window, a C1 control and text that runs backwards.
    static let hostile = #"\u001b[31mred\u001b]0;title\u0007\u009b2J\u202egnp.exe"#

    /// What none of it may bring to a terminal or a page.
    static let harmful = ["\u{1B}[31m", "\u{1B}]", "\u{7}", "\u{9B}", "\u{202E}"]

    /// - Parameters:
    ///   - project: gets the run, `fix/2026-01-31T1200SS`.
    ///   - second: when it begins.
    ///   - verdicts: of each visit of `check`; `no` goes to `mend` and back, `yes` ends the run.
    ///   - status: what the state says.
    ///   - isKilled: whether its end is missing.
    static func archive(
        in project: ArchivedProject,
        second: Int64 = 0,
        loop: String = "fix",
        verdicts: [String] = ["no", "yes"],
        status: String = "completed",
        isKilled: Bool = false
    ) throws {
        var clock = Timestamp(seconds: 1_769_860_800 + second)
        let start = clock
        var lines: [String] = []
        func line(_ name: String, after milliseconds: Int, _ fields: String) {
            clock = clock + .milliseconds(milliseconds)
            lines.append(#"{"event": "\#(name)", "ts": "\#(clock.iso)", \#(fields)}"#)
        }
        line("loop_start", after: 0, #""loop": "\#(loop)""#)
        var iteration = 0
        for verdict in verdicts {
            iteration += 1
            line("state_enter", after: 10, #""state": "check", "iteration": \#(iteration)"#)
            line("action_start", after: 1, #""action": "make test\nexit", "is_prompt": false"#)
            line("action_output", after: 100, #""line": "\#(hostile)""#)
            let code = verdict == "yes" ? 0 : 2
            line("action_complete", after: 900, #""exit_code": \#(code), "duration_ms": 1000, "output_preview": null"#)
            line("evaluate", after: 1, #""type": "exit_code", "verdict": "\#(verdict)", "exit_code": \#(code)"#)
            line("route", after: 1, #""from": "check", "to": "\#(verdict == "yes" ? "done" : "mend")""#)
            guard verdict != "yes" else { break }
            iteration += 1
            line("state_enter", after: 1, #""state": "mend", "iteration": \#(iteration)"#)
            line("action_complete", after: 60_000, #""exit_code": 0, "output_preview": "a\nb", "is_prompt": true"#)
            line("route", after: 1, #""from": "mend", "to": "check""#)
        }
        if !isKilled {
            let (final, reason) = verdicts.last == "yes" ? ("done", "terminal") : ("check", "max_iterations")
            line(
                "loop_complete",
                after: 5,
                #""final_state": "\#(final)", "iterations": \#(iteration), "terminated_by": "\#(reason)""#
            )
        }
        let id = RunID(startedAt: start.iso).description
        let directory = project.loops(".history/\(loop)/\(id)")
        try Disk.makeDirectories(directory)
        try Disk.write(lines.map { $0 + "\n" }.joined(), to: "\(directory)/events.jsonl")
        try Disk.write(
            """
            {"loop_name": "\(loop)", "current_state": "done", "iteration": \(iteration), "captured":
            {"log": {"output": "one\\ntwo", "exit_code": 0}, "\(hostile)": 7}, "prev_result": null, "last_result": null,
            "started_at": "\(start.iso)", "updated_at": "\(clock.iso)", "status": "\(status)"}
            """,
            to: "\(directory)/state.json"
        )
    }
}
