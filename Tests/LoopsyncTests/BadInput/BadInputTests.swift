import Glibc
import LoopModel
import TestSupport
import Testing

/// Bad input through the real binary: none stops the agent, blocks the other runs, writes outside, or loses a byte.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BadInputTests {
    /// Made-up runs have no owner that could be seen to die, so that "abandoned" has to come sooner.
    private static let configuration = """
        version: 1
        archive:
          settle: 300ms
          abandoned_after: 1s
        """

    private final class Place {
        let directory: TemporaryDirectory
        var loops: String { directory.path("project/.loops") }
        var running: String { "\(loops)/.running" }
        var sync: String { directory.path("sync") }
        var mirror: String { "\(sync)/\(HostName.current)/project" }

        init() throws {
            directory = try TemporaryDirectory()
            for name in ["project/.loops/.running", "sync", "home"] { try Disk.makeDirectories(directory.path(name)) }
            try Disk.write(BadInputTests.configuration, to: directory.path("loopsync.yaml"))
        }

        func agent() throws -> AgentProcess {
            try AgentProcess(
                watching: [loops],
                sync: sync,
                configuration: directory.path("loopsync.yaml"),
                in: directory.path("home")
            )
        }

        func status() throws -> Subprocess.Finished {
            try Subprocess.run([try BuiltProduct.loopsync(), "status", "--loops", loops, "--json"])
        }
    }

    @Test func `bad runs that are there at the start`() throws {
        let place = try Place()
        for run in BadRun.all { try run.write(to: place.running) }
        try SyntheticRun(loop: "good").write(toRunning: place.running)
        let before = TreeSnapshot(of: place.running)
        let agent = try place.agent()
        try expectOutcomes(BadRun.all, place, agent)
        #expect(before.differences(to: TreeSnapshot(of: place.running)) == [])
    }

    @Test func `bad runs that come while the agent watches`() throws {
        let place = try Place()
        let agent = try place.agent()
        for run in BadRun.all {
            try run.write(to: place.running)
            pause(milliseconds: 20)
        }
        try SyntheticRun(loop: "good").write(toRunning: place.running)
        let before = TreeSnapshot(of: place.running)
        try expectOutcomes(BadRun.all, place, agent)
        #expect(before.differences(to: TreeSnapshot(of: place.running)) == [])
    }

    @Test(arguments: BadRun.all)
    func `a bad run alone`(_ run: BadRun) throws {
        let place = try Place()
        try run.write(to: place.running)
        let agent = try place.agent()
        try SyntheticRun(loop: "good").write(toRunning: place.running)
        try expectOutcomes([run], place, agent)
    }

    @Test func `an enormous state and an event line of a gigabyte`() throws {
        let place = try Place()
        let agent = try place.agent()
        let size = getenv("LOOPSYNC_HUGE_LINE").flatMap { Int(String(cString: $0)) } ?? 1 << 30
        try BadRun("an enormous state", "huge-state", state: .zeros(256 << 20)).write(to: place.running)
        try BadRun("a gigabyte line", "huge-line", events: .zeros(size)).write(to: place.running)
        // A whole run behind the line, so that it has a beginning and an end.
        let run = SyntheticRun(loop: "huge-middle")
        try Disk.write(run.eventLines[0] + "\n", to: "\(place.running)/huge-middle.events.jsonl")
        #expect(truncate("\(place.running)/huge-middle.events.jsonl", size) == 0)
        try Disk.append(
            "\n" + run.eventLines.dropFirst().joined(separator: "\n") + "\n",
            to: "\(place.running)/huge-middle.events.jsonl"
        )
        try Disk.write(run.state, to: "\(place.running)/huge-middle.state.json")
        try SyntheticRun(loop: "good").write(toRunning: place.running)
        try expectGood(place, agent)
        for name in ["huge-state", "huge-line", "huge-middle"] {
            let source = "\(place.running)/\(name).events.jsonl"
            #expect(
                eventually(within: .seconds(120), every: 200) {
                    archives(place).contains { archive in
                        Disk.status("\(archive)/events.jsonl")?.size == Disk.status(source)?.size
                    }
                },
                "\(name): \(agent.errorOutput)"
            )
        }
        let memory = try #require(Disk.text("/proc/\(agent.process.pid)/status"))
        let peak = memory.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = try #require(peak?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        #expect(kilobytes < 400_000, "memory has to stay bounded whatever the files hold")
    }

    // MARK: expectations

    private func archives(_ place: Place) -> [String] {
        Disk.names(in: "\(place.loops)/.history").flatMap { loop in
            Disk.names(in: "\(place.loops)/.history/\(loop)").map { "\(place.loops)/.history/\(loop)/\($0)" }
        }
    }

    private func expectGood(_ place: Place, _ agent: AgentProcess) throws {
        let good = SyntheticRun(loop: "good")
        let archive = "\(place.loops)/.history/\(good.place)"
        #expect(eventually { Disk.read("\(archive)/events.jsonl") == good.events }, "\(agent.errorOutput)")
        #expect(Disk.read("\(archive)/state.json") == good.state)
        #expect(eventually { Disk.read("\(place.mirror)/.history/\(good.place)/state.json") == good.state })
    }

    private func expectOutcomes(_ runs: [BadRun], _ place: Place, _ agent: AgentProcess) throws {
        let outside = TreeSnapshot(of: place.directory.path, skipping: [".loops", "sync"])
        try expectGood(place, agent)
        for run in runs { expectOutcome(run, place, agent) }
        #expect(agent.process.isRunning, "\(agent.errorOutput)")
        // Nothing outside, and only directories that are ours inside.
        #expect(outside.differences(to: TreeSnapshot(of: place.directory.path, skipping: [".loops", "sync"])) == [])
        #expect(Set(Disk.names(in: place.loops)).isSubset(of: [".running", ".history", ".loopsync"]))
        #expect(Disk.names(in: place.sync) == [HostName.current])
        let status = try place.status()
        #expect([.exited(0), .exited(3)].contains(status.termination), "\(status)")
        let answer = try JSONValue(parsing: Array(status.output.utf8)).serialized(indent: 2)
        let text = String(decoding: answer, as: UTF8.self)
        for run in runs where run.isRemarkable { #expect(text.contains(run.printedStem), "\(run) in \(text)") }
    }

    private func expectOutcome(_ run: BadRun, _ place: Place, _ agent: AgentProcess) {
        if run.isRemarkable {
            _ = eventually { !agent.lines(about: run).isEmpty }
            #expect(agent.lines(about: run).count == 1, "\(run): \(agent.errorOutput)")
        }
        guard case .archived = run.outcome else { return }
        let found = eventually {
            archives(place).contains { archive in
                if case .bytes(let events) = run.events, Disk.read("\(archive)/events.jsonl") != events { return false }
                if case .bytes(let state) = run.state, Disk.read("\(archive)/state.json") != state { return false }
                return true
            }
        }
        #expect(found, "\(run)\n\(agent.errorOutput)\n\(TreeSnapshot(of: "\(place.loops)/.history"))")
    }
}

extension AgentProcess {
    /// Lines of the log that complain about a run.
    fileprivate func lines(about run: BadRun) -> [Substring] {
        errorOutput.split(separator: "\n").filter { line in
            line.contains(run.printedStem) && !line.contains("archived ")
        }
    }
}

extension BadRun {
    /// How the agent prints the stem.
    fileprivate var printedStem: String { PrintableText.escaping(stem) }
}
