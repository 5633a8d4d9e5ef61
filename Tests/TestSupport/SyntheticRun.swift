import Glibc

/// A run as an executor would have written it, made without one: for loads, benchmarks and hostile variations.
///
/// Every run is wholly determined by its parameters. The text is A's, byte for byte as `json.dumps` writes it; with
/// `executor` B the events carry `run_id` and `loop`.
package struct SyntheticRun: Hashable, Sendable {
    /// The loop's name; plain ASCII without quotes.
    package var loop: String
    /// Seconds since the epoch at which it starts.
    package var start: Int
    /// Microseconds within that second.
    package var microseconds: Int
    /// How many states it enters; each takes a second and gives six events.
    package var states: Int
    /// The last state's status.
    package var status: String
    /// `terminated_by` of its `loop_complete`; nil for a run that has none.
    package var terminatedBy: String?
    /// Whose events these are.
    package var executor: Executor
    /// What each action prints.
    package var output: String

    /// Describes a run; by default a completed one of A.
    package init(
        loop: String = "demo",
        start: Int = 1_795_000_000,
        microseconds: Int = 250_000,
        states: Int = 2,
        status: String = "completed",
        terminatedBy: String? = "terminal",
        executor: Executor = .a,
        output: String = "hello"
    ) {
        self.loop = loop
        self.start = start
        self.microseconds = microseconds
        self.states = states
        self.status = status
        self.terminatedBy = terminatedBy
        self.executor = executor
        self.output = output
    }

    /// `started_at` as Python writes it.
    package var startedAt: String { Self.iso(start, microseconds) }

    /// The executor's directory name for it.
    package var runID: String { String(startedAt.filter { !":.+".contains($0) }.prefix(17)) }

    /// Its place below `.history` by the executor's formula.
    package var place: String { executor == .a ? "\(loop)/\(runID)" : "\(runID)-\(loop)" }

    /// The name before `.state.json`: in B with the start in local time, here UTC.
    package var stem: String {
        executor == .a ? loop : "\(loop)-" + runID.filter { $0 != "-" }
    }

    /// All event lines, without newlines.
    package var eventLines: [String] {
        var lines = [event("loop_start", after: 1, executor == .a ? #""loop": "\#(loop)""# : "")]
        for index in 0..<states {
            let at = index * 1_000_000
            let preview = #""exit_code": 0, "duration_ms": 3, "output_preview": "\#(output)", "is_prompt": false"#
            let next = index + 1 < states ? "s\(index + 1)" : "done"
            lines += [
                event("state_enter", after: at + 100, #""state": "s\#(index)", "iteration": \#(index + 1)"#),
                event("action_start", after: at + 200, #""action": "echo \#(output)", "is_prompt": false"#),
                event("action_output", after: at + 2000, #""line": "\#(output)""#),
                event("action_complete", after: at + 3000, preview),
                event("evaluate", after: at + 3100, #""type": "default", "verdict": "yes", "exit_code": 0"#),
                event("route", after: at + 3200, #""from": "s\#(index)", "to": "\#(next)""#),
            ]
        }
        if let terminatedBy {
            let fields = #""final_state": "done", "iterations": \#(states), "terminated_by": "\#(terminatedBy)""#
            lines.append(event("loop_complete", after: states * 1_000_000, fields))
        }
        return lines
    }

    /// The events file's bytes.
    package var events: [UInt8] { Array((eventLines.joined(separator: "\n") + "\n").utf8) }

    /// The state file's bytes after the last save.
    package var state: [UInt8] { state(entered: states, status: status, current: "done") }

    /// The state file's bytes as saved at the entry of a state, mid-run.
    ///
    /// - Parameter entered: how many states were entered by then, from 1.
    package func state(entered: Int) -> [UInt8] {
        state(entered: entered, status: "running", current: "s\(entered - 1)")
    }

    private func state(entered: Int, status: String, current: String) -> [UInt8] {
        Array(
            """
            {
              "loop_name": "\(loop)",
              "current_state": "\(current)",
              "iteration": \(entered),
              "captured": {},
              "prev_result": {
                "output": "\(output)\\n",
                "exit_code": 0,
                "state": "s\(max(0, entered - 1))"
              },
              "last_result": {
                "verdict": "yes",
                "details": {
                  "exit_code": 0
                }
              },
              "started_at": "\(startedAt)",
              "updated_at": "\(Self.iso(start + entered, microseconds))",
              "status": "\(status)",
              "accumulated_ms": \(entered * 1000)
            }
            """.utf8
        )
    }

    private func event(_ name: String, after: Int, _ fields: String) -> String {
        let total = microseconds + after
        let at = Self.iso(start + total / 1_000_000, total % 1_000_000)
        let common = executor == .b ? #", "run_id": "\#(runID)-\#(loop)", "loop": "\#(loop)""# : ""
        return #"{"event": "\#(name)", "ts": "\#(at)"\#(common)\#(fields.isEmpty ? "" : ", " + fields)}"#
    }

    /// Writes both files into a `.running`, state last as an executor does at the end.
    package func write(toRunning running: String) throws {
        try Disk.makeDirectories(running)
        try Disk.write(events, to: "\(running)/\(stem).events.jsonl")
        try Disk.write(state, to: "\(running)/\(stem).state.json")
    }

    /// Writes both files where the executor archives them.
    package func write(toHistory history: String) throws {
        try Disk.makeDirectories("\(history)/\(place)")
        try Disk.write(state, to: "\(history)/\(place)/state.json")
        try Disk.write(events, to: "\(history)/\(place)/events.jsonl")
    }

    /// A time as Python's `isoformat` writes it, without the fraction when that is 0.
    package static func iso(_ seconds: Int, _ microseconds: Int) -> String {
        var parts = tm()
        var time = time_t(seconds)
        gmtime_r(&time, &parts)
        func digits(_ number: Int32, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let day = "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
        let clock = "\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))"
        let fraction = microseconds == 0 ? "" : "." + digits(Int32(microseconds), 6)
        return "\(day)T\(clock)\(fraction)+00:00"
    }
}
