import LoopModel
import TestSupport
import Testing

/// A project without an executor, and what has to be true of it whatever stands in its `.running`.
final class BadInputPlace {
    let directory: TemporaryDirectory
    /// A run that has to arrive in any case.
    let good = SyntheticRun(loop: "good")
    var loops: String { directory.path("project/.loops") }
    var running: String { "\(loops)/.running" }
    var mirror: String { "\(directory.path("sync"))/\(HostName.current)/project" }

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["project/.loops/.running", "sync", "home"] { try Disk.makeDirectories(directory.path(name)) }
        // Made-up runs have no owner that could be seen to die, so that "abandoned" has to come sooner.
        try Disk.write(
            "version: 1\narchive: {settle: 300ms, abandoned_after: 1s}\n",
            to: directory.path("loopsync.yaml")
        )
    }

    func agent() throws -> AgentProcess {
        try AgentProcess(
            watching: [loops],
            sync: directory.path("sync"),
            configuration: directory.path("loopsync.yaml"),
            in: directory.path("home")
        )
    }

    /// The directories of all archived runs.
    func archives() -> [String] {
        let history = "\(loops)/.history"
        return Disk.names(in: history).flatMap { loop in
            Disk.names(in: "\(history)/\(loop)").map { "\(history)/\(loop)/\($0)" }
        }
    }

    /// Expects every run to be archived or reported as it has to be, within some time for all of them.
    func expectOutcomes(
        _ runs: [BadRun],
        _ agent: AgentProcess,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let outside = TreeSnapshot(of: directory.path, skipping: [".loops", "sync"])
        _ = eventually(within: .seconds(30), every: 100) { missing(runs, agent).isEmpty || !agent.process.isRunning }
        let left = missing(runs, agent)
        #expect(left == [], "\(agent.errorOutput)\n\(archives())", sourceLocation: sourceLocation)
        #expect(agent.process.isRunning, "\(agent.errorOutput)", sourceLocation: sourceLocation)
        // Nothing outside, and only directories that are ours inside.
        let after = TreeSnapshot(of: directory.path, skipping: [".loops", "sync"])
        #expect(outside.differences(to: after) == [], sourceLocation: sourceLocation)
        let names = Set(Disk.names(in: loops))
        #expect(names.isSubset(of: [".running", ".history", ".loopsync"]), sourceLocation: sourceLocation)
        #expect(Disk.names(in: directory.path("sync")) == [HostName.current], sourceLocation: sourceLocation)
        let once = runs.filter { $0.isRemarkable && agent.lines(about: $0).count != 1 }
        #expect(once.map(\.description) == [], "reported once: \(agent.errorOutput)", sourceLocation: sourceLocation)
        try expectStatus(runs, sourceLocation)
    }

    /// What has not come yet, one line each.
    private func missing(_ runs: [BadRun], _ agent: AgentProcess) -> [String] {
        var missing: [String] = []
        for history in ["\(loops)/.history", "\(mirror)/.history"] {
            if Disk.read("\(history)/\(good.place)/events.jsonl") != good.events
                || Disk.read("\(history)/\(good.place)/state.json") != good.state
            {
                missing.append("the good run in \(history)")
            }
        }
        let found = archives().map { (Disk.read("\($0)/events.jsonl"), Disk.read("\($0)/state.json")) }
        for run in runs {
            if run.isRemarkable, agent.lines(about: run).isEmpty { missing.append("a word about \(run)") }
            guard case .archived = run.outcome else { continue }
            let isFound = found.contains { events, state in
                if case .bytes(let bytes) = run.events, events ?? [] != bytes { return false }
                if case .bytes(let bytes) = run.state, state != bytes { return false }
                return true
            }
            if !isFound { missing.append("an archive of \(run)") }
        }
        return missing
    }

    private func expectStatus(_ runs: [BadRun], _ sourceLocation: SourceLocation) throws {
        let status = try Subprocess.run([try BuiltProduct.loopsync(), "status", "--loops", loops, "--json"])
        #expect(
            [.exited(0), .exited(3)].contains(status.termination),
            "\(status)",
            sourceLocation: sourceLocation
        )
        _ = try JSONValue(parsing: Array(status.output.utf8))
        let unseen = runs.filter { $0.isRemarkable && !status.output.contains($0.printedStem) }
        #expect(unseen.map(\.description) == [], "\(status.output)", sourceLocation: sourceLocation)
    }
}

extension AgentProcess {
    /// Lines of the log that complain about a run.
    fileprivate func lines(about run: BadRun) -> [Substring] {
        errorOutput.split(separator: "\n").filter { line in
            line.contains(run.printedStem) && line.contains(" warning: ")
        }
    }
}

extension BadRun {
    /// How the agent prints the stem.
    fileprivate var printedStem: String { PrintableText.escaping(stem) }
}
