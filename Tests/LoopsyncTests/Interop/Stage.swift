import Glibc
import TestSupport
import Testing

/// A lab with an agent beside it and a recorder outside: what every interop test plays on.
///
/// With `LOOPSYNC_LAB=bare` no agent is started and only the executor's part is checked, to see that a scenario works.
final class Stage {
    let lab: LoopLab
    let agent: AgentProcess?
    let recorder: RunRecorder
    var executor: Executor { lab.executor }

    static let isBare = getenv("LOOPSYNC_LAB").map { String(cString: $0) } == "bare"

    init(
        _ executor: Executor,
        _ loops: [String: String],
        configuration: String? = nil,
        under wrapper: [String] = [],
        preparing prepare: (LoopLab) throws -> Void = { _ in }
    ) throws {
        lab = try LoopLab(executor)
        for (name, yaml) in loops { try lab.define(name, yaml) }
        try prepare(lab)
        recorder = try RunRecorder(running: lab.running, keep: lab.directory.path("recorded"))
        agent = Self.isBare ? nil : try lab.agent(configuration: configuration, under: wrapper)
    }

    deinit {
        recorder.stop()
        if let agent, agent.process.isRunning { _ = try? agent.terminate() }
    }

    /// Waits until a loop has written an event, a number of times, apart from its first `runs` runs: the files of the
    /// run before may stand until an executor takes them away.
    func waitForEvent(_ event: String, count: Int = 1, in loop: String, after runs: Int = 0) throws {
        _ = try eventually("\(event) of \(loop)") { () -> Bool? in
            let later = recorder.runs().filter { $0.stem.hasPrefix(loop) }.dropFirst(runs)
            let text = String(decoding: later.flatMap(\.events), as: UTF8.self)
            return text.split(separator: "\n").count { $0.hasPrefix(#"{"event": "\#(event)""#) } >= count ? true : nil
        }
    }

    /// The runs that the executor wrote, once the recorder has seen what is there now.
    func recorded() -> [RecordedRun] {
        recorder.catchUp()
        return recorder.runs()
    }

    /// The only recorded run.
    func onlyRun(sourceLocation: SourceLocation = #_sourceLocation) throws -> RecordedRun {
        let runs = recorded()
        try #require(runs.count == 1, "\(runs)", sourceLocation: sourceLocation)
        return runs[0]
    }

    /// Expects the history and the mirror to be what the executor wrote, byte for byte, within some time.
    func expectArchived(
        _ runs: [RecordedRun]? = nil,
        within limit: Duration = .seconds(15),
        expecting: Expectation = Expectation(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard let agent else { return }
        let audit = HistoryAudit(lab: lab, runs: runs ?? recorded(), expectation: expecting)
        _ = eventually(within: limit, every: 20) {
            audit.problems().isEmpty && audit.damage().isEmpty || !agent.process.isRunning
        }
        #expect(audit.problems() == [], "\(agent.errorOutput)", sourceLocation: sourceLocation)
        #expect(audit.damage() == [], sourceLocation: sourceLocation)
        #expect(agent.process.isRunning, "\(agent.errorOutput)", sourceLocation: sourceLocation)
        #expect(foreignFiles() == [], "nothing of ours may be in .running", sourceLocation: sourceLocation)
    }

    /// What stands in `.running` and is no executor's.
    private func foreignFiles() -> [String] {
        let known = [".state.json", ".events.jsonl", ".pid", ".lock", ".log", ".meta-eval.jsonl", ".tmp", ".marker"]
        return Disk.names(in: lab.running).filter { name in !known.contains { name.hasSuffix($0) } }
    }

    /// What a test allows beyond the rule.
    struct Expectation {
        /// Takes other states for a run than its last one, for instance where `stop` wrote over the next run's.
        var states: (RecordedRun) -> [[UInt8]] = { run in run.state.map { [$0] } ?? [] }
        /// Whether a run may have made room for another that its executor would archive under the same name.
        var mayStandAside: (RecordedRun) -> Bool = { _ in false }
    }
}
