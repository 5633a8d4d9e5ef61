import LoopModel
import TestSupport
import Testing

extension Stage {
    /// Expects the executor's own commands to answer about the history, the mirror and `.running` as they should.
    func expectReadable(_ loop: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        guard agent != nil else { return }
        try expectUnchangedAnswers(loop, sourceLocation: sourceLocation)
        let own = recorded().filter { $0.loop == loop }
        let history = try lab.run("history", loop)
        #expect(history.succeeded, "\(history)", sourceLocation: sourceLocation)
        let mirrored = try lab.runOnMirror("history", loop)
        #expect(mirrored.output == history.output, "the mirror's history", sourceLocation: sourceLocation)
        for run in own {
            let id = try #require(run.runID, sourceLocation: sourceLocation)
            #expect(history.output.contains(id), "\(history.output)", sourceLocation: sourceLocation)
        }
        guard let run = own.last, let id = run.runID else { return }
        for answer in [
            try lab.run("history", loop, id, "--json", "--verbose", "-n", "1000000"),
            try lab.runOnMirror("history", loop, id, "--json", "--verbose", "-n", "1000000"),
        ] {
            let events = try JSONValue(parsing: Array(answer.output.utf8))
            guard case .array(let listed) = events else {
                Issue.record("no list of events: \(answer)", sourceLocation: sourceLocation)
                continue
            }
            let lines = run.events.split(separator: UInt8(ascii: "\n")).count
            #expect(listed.count == lines, sourceLocation: sourceLocation)
        }
    }

    /// Expects `status` and `list --running` to say what they say where no agent ever was.
    private func expectUnchangedAnswers(_ loop: String, sourceLocation: SourceLocation) throws {
        let twin = lab.directory.path("twin-\(Disk.names(in: lab.directory.path).count)")
        try Disk.makeDirectories(twin)
        for command in [
            ["/bin/cp", "-a", lab.loops, "\(lab.project)/.git", twin],
            ["/bin/rm", "-rf", "\(twin)/.loops/.loopsync", "\(twin)/.loops/.history"],
        ] {
            let done = try Subprocess.run(command)
            try #require(done.succeeded, "\(done)", sourceLocation: sourceLocation)
        }
        for question in [["list", "--running", "--json"], ["status", loop, "--json"]] {
            let here = try Subprocess.run(
                [executor.llLoop] + question,
                in: lab.project,
                environment: lab.environment
            )
            let there = try Subprocess.run([executor.llLoop] + question, in: twin, environment: lab.environment)
            #expect(here.termination == there.termination, "\(question)", sourceLocation: sourceLocation)
            #expect(
                withoutAges(here.output) == withoutAges(there.output),
                "\(question)",
                sourceLocation: sourceLocation
            )
        }
    }

    /// An answer without what depends on the moment: ages, and the times that a reader of B writes itself.
    private func withoutAges(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { line in
            !["_ago\"", "\"updated_at\"", "\"reconciled_at\""].contains { line.contains($0) }
        }
    }

    /// Expects the loop to run once more beside all that the agent left, and that run to be archived as well.
    func expectNextRun(_ loop: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let before = recorded().count
        let done = try lab.run("run", loop)
        #expect(done.succeeded, "\(done)", sourceLocation: sourceLocation)
        #expect(recorded().count == before + 1, sourceLocation: sourceLocation)
    }
}
