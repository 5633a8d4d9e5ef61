import TestSupport
import Testing

@testable import Simulation

/// The simulated executors do to the disk what the real ones do, in the same order.
@Suite struct ProtocolTests {
    @Test(arguments: Executor.allCases)
    func `a simulated run makes the calls that strace sees of a real one`(executor: Executor) throws {
        let (real, simulated) = (try Self.real(executor), Self.simulated(executor))
        let difference = real.difference(from: simulated)
        #expect(real == simulated, "\(difference.map { "\($0)" }.joined(separator: "\n"))")
    }

    /// What the second of two real runs does below `.running` and `.history`.
    private static func real(_ executor: Executor) throws -> [String] {
        let lab = try LoopLab(executor)
        try lab.define(
            "demo",
            """
            initial: s0
            states:
              s0:
                action: echo hi
                action_type: shell
                next: done
              done:
                terminal: true
            """
        )
        #expect(try lab.run("run", "demo", "-q").succeeded)
        // The next second, so that version B's second run has a stem of its own.
        let log = lab.directory.path("calls")
        let calls = "trace=openat,unlink,rename,mkdir,flock,write"
        let traced = try Subprocess.run(
            [
                "/usr/bin/strace", "-f", "-qq", "-y", "-s", "60", "-e", calls, "-o", log, executor.llLoop, "run",
                "demo", "-q",
            ],
            in: lab.project,
            environment: lab.environment
        )
        #expect(traced.succeeded)
        let text = String(decoding: Disk.read(log) ?? [], as: UTF8.self)
        return text.split(separator: "\n").compactMap { TracedCall(String($0))?.word }.withoutRepeats
    }

    /// What the second of two simulated runs does.
    private static func simulated(_ executor: Executor) -> [String] {
        var scenario = Scenario(seed: 1, schedule: 1)
        let plans = [0, 2000].map { RunPlan(states: 1, ending: .complete, pause: $0) }
        scenario.loops = [Scenario.Loop(name: "demo", version: executor == .a ? .a : .b, runs: plans)]
        scenario.lives = [AgentLife(killAt: 1, downtime: 100_000_000)]
        scenario.hasMirror = false
        let steps = Simulation.run(scenario, isTracing: true).trace.compactMap { line in
            line.split(separator: ":", maxSplits: 1).last.map { String($0.dropFirst()) }
        }
        let second = steps.lastIndex(of: "start").map { Array(steps[($0 + 1)...]) } ?? []
        return second.compactMap(SimulatedStep.word).withoutRepeats
    }
}

/// One line of strace, as far as it changes a file of a loop.
private struct TracedCall {
    let word: String

    init?(_ line: String) {
        guard line.contains(".loops/.running/") || line.contains(".loops/.history/"),
            !line.contains("= -1") || line.contains("mkdir(")
        else {
            return nil
        }
        let isArchive = line.contains(".loops/.history/")
        // A call has its path in quotes, or a descriptor that strace spells out.
        let quoted = line.split(separator: "\"").dropFirst().first { $0.contains(".loops/.") }
        guard let path = line.contains(" write(") ? Self.descriptor(line) : quoted ?? Self.descriptor(line),
            let name = path.split(separator: "/").last
        else { return nil }
        let kind = [".state.json", ".events.jsonl", ".pid", ".acquire.lock", ".lock", ".tmp", ".log"].first {
            name.hasSuffix($0)
        }
        switch true {
        case line.contains(" mkdir("):
            word = isArchive ? "mkdir archive" : ""
        case line.contains(" flock("):
            word = "flock"
        case line.contains(" unlink("):
            word = "unlink \(kind ?? "")"
        case line.contains(" rename("):
            word = "rename state"
        case line.contains("O_TRUNC"), line.contains("O_EXCL"):
            word = isArchive ? "truncate archive \(name)" : kind == ".log" ? "" : "make \(kind ?? "")"
        case line.contains(" write("):
            if kind == ".events.jsonl" {
                let text = line.split(separator: "\\\"")
                guard text.count > 3 else { return nil }
                word = "event \(text[3])"
            } else {
                word = kind == ".log" ? "" : "write \(kind ?? "")"
            }
        default:
            return nil
        }
        if word.isEmpty { return nil }
    }

    private static func descriptor(_ line: String) -> Substring? {
        line.split(separator: "<").dropFirst().first.map { $0.prefix { $0 != ">" } }
    }
}

/// A step of a simulated executor in the same words.
private enum SimulatedStep {
    static func word(_ step: String) -> String? {
        if step.hasPrefix("event ") { return step }
        if step.hasPrefix("mkdir .history") { return "mkdir archive" }
        if step.hasPrefix("copy "), step.hasSuffix(": open") {
            return "truncate archive \(step.dropFirst(5).dropLast(6))"
        }
        // A run that ended well has left no pid to sweep.
        if step.hasPrefix("sweep "), step.hasSuffix(".pid") { return nil }
        if step.hasPrefix("unlink ") || step.hasPrefix("sweep ") {
            let kinds = [".state.json", ".events.jsonl", ".pid", ".lock"]
            return kinds.first { step.hasSuffix($0) }.map { "unlink \($0)" }
        }
        return words[step] ?? (step.hasPrefix("state: write ") ? "write .state.json" : nil)
    }

    private static let words = [
        ".pid: truncate": "make .pid", ".pid: write": "write .pid", ".lock: truncate": "make .lock",
        ".lock: write": "write .lock", "flock .acquire.lock": "flock", "state: truncate": "make .state.json",
        "state: create": "make .tmp", "state: write": "write .tmp", "state: rename": "rename state",
    ]
}

extension [String] {
    /// Without what follows an equal one, and without the making of the lock that only `flock` is about.
    fileprivate var withoutRepeats: [String] {
        var words: [String] = []
        for word in self where word != words.last && word != "make .acquire.lock" { words.append(word) }
        return words
    }
}
