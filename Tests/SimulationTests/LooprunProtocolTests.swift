import TestSupport
import Testing

@testable import Simulation

/// The simulated looprun does to the disk what the real one does, in the same order.
@Suite struct LooprunProtocolTests {
    @Test func `a simulated run of looprun makes the calls that strace sees of a real one`() throws {
        let (real, simulated) = (try Self.real(), Self.simulated())
        let difference = real.difference(from: simulated)
        #expect(real == simulated, "\(difference.map { "\($0)" }.joined(separator: "\n"))")
    }

    /// What the second of two real runs does below `.running`.
    private static func real() throws -> [String] {
        let lab = try LoopLab(.a)
        try lab.define(
            "demo",
            "initial: s0\nstates:\n  s0: {action: echo hi, action_type: shell, next: done}\n  done: {terminal: true}\n"
        )
        let run = [try BuiltProduct.looprun(), "run", "demo", "-q"]
        let first = try Subprocess.run(run, in: lab.project, environment: lab.environment)
        #expect(first.succeeded, "\(first.errorOutput)")
        let log = lab.directory.path("calls")
        let calls = "trace=openat,unlinkat,renameat,renameat2,flock,pwrite64"
        let trace = ["/usr/bin/strace", "-f", "-qq", "-y", "-s", "60", "-e", calls, "-o", log]
        let second = try Subprocess.run(trace + run, in: lab.project, environment: lab.environment)
        #expect(second.succeeded, "\(second.errorOutput)")
        let text = String(decoding: Disk.read(log) ?? [], as: UTF8.self)
        return text.split(separator: "\n").compactMap { word(ofCall: String($0)) }
    }

    /// What the second of two simulated runs does.
    private static func simulated() -> [String] {
        var scenario = Scenario(seed: 1, schedule: 1)
        let plans = [0, 2000].map { RunPlan(states: 1, ending: .complete, pause: $0) }
        scenario.loops = [Scenario.Loop(name: "demo", version: .looprun, runs: plans)]
        scenario.lives = [AgentLife(killAt: 1, downtime: 100_000_000)]
        scenario.hasMirror = false
        let steps = Simulation.run(scenario, isTracing: true).trace.compactMap { line in
            line.split(separator: ":", maxSplits: 1).last.map { String($0.dropFirst()) }
        }
        let second = steps.lastIndex(of: "start").map { Array(steps[($0 + 1)...]) } ?? []
        return second.compactMap(word(ofStep:))
    }

    private static let kinds = [".state.json", ".events.jsonl", ".pid", ".acquire.lock", ".lock", ".tmp"]

    private static func kind(_ name: some StringProtocol) -> String {
        kinds.first { name.hasSuffix($0) } ?? String(name)
    }

    /// One line of strace, as far as it changes a file of a loop; names come after the descriptor of their directory.
    private static func word(ofCall line: String) -> String? {
        guard line.contains("/.loops/.running"), !line.contains("= -1") else { return nil }
        let names = line.split(separator: "\"", omittingEmptySubsequences: false)
        let name = names.count > 1 ? names[1] : ""
        let file = line.split(separator: "<").dropFirst().first.map { $0.prefix { $0 != ">" } } ?? ""
        if line.contains(" flock(") { return "flock" }
        if line.contains(" openat(") { return line.contains("O_EXCL") ? make(kind(name)) : nil }
        if line.contains(" unlinkat(") { return "unlink \(kind(name))" }
        if line.contains(" renameat(") { return "rename state" }
        if line.contains(" renameat2(") { return "set aside \(kind(name))" }
        guard line.contains(" pwrite64(") else { return nil }
        if kind(file) != ".events.jsonl" { return "write \(kind(file))" }
        let words = line.split(separator: "\\\"")
        return words.count > 3 ? "event \(words[3])" : nil
    }

    /// The gate is only for its lock, and the events file comes with its first line.
    private static func make(_ kind: String) -> String? {
        [".acquire.lock", ".events.jsonl"].contains(kind) ? nil : "make \(kind)"
    }

    private static func word(ofStep step: String) -> String? {
        if step.hasPrefix("event ") { return step }
        if step.hasPrefix("rename ") { return "set aside \(step.split(separator: " ")[1])" }
        if step.hasPrefix("unlink ."), step.hasSuffix("k") || step.hasSuffix("d") { return step }
        return words[step]
    }

    private static let words = [
        ".pid: truncate": "make .pid", ".pid: write": "write .pid", ".lock: truncate": "make .lock",
        ".lock: write": "write .lock", "flock .acquire.lock": "flock", "state: create": "make .tmp",
        "state: write": "write .tmp", "state: rename": "rename state",
    ]
}
