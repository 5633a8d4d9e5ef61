import Glibc
import TestSupport
import Testing

/// What happens around an agent while it runs: directories that go and come, settings that change, what was there before.
@Suite
struct AgentLifeTests {
    private let place: TemporaryDirectory
    private let run = SyntheticRun(loop: "fix")

    init() throws {
        place = try TemporaryDirectory()
        try Disk.makeDirectories(place.path("app/.loops/.running"))
        try Disk.makeDirectories(place.path("Sync"))
    }

    private var loops: String { place.path("app/.loops") }
    private var history: String { place.path("app/.loops/.history") }
    private var mirror: String { place.path("Sync/\(HostName.current)/app") }

    private func agent(_ arguments: [String]) throws -> Subprocess {
        let variables = ["PATH": "/usr/bin:/bin", "HOME": place.path, "LANG": "C.UTF-8", "TZ": "UTC"]
        return try Subprocess([try BuiltProduct.loopsync()] + arguments, in: place.path("app"), environment: variables)
    }

    private func isArchived(_ run: SyntheticRun, below directory: String) -> Bool {
        Disk.read("\(directory)/\(run.place)/events.jsonl") == run.events
            && Disk.read("\(directory)/\(run.place)/state.json") == run.state
    }

    @Test func `a sync directory that goes suspends the mirror, and is caught up with when it is back`() throws {
        let agent = try agent(["--watch", ".loops", "--sync", "../Sync"])
        defer { agent.signal(SIGKILL) }
        #expect(eventually { Disk.exists("\(mirror)/.loopsync-mirror") })
        try Disk.move(place.path("Sync"), to: place.path("away"))
        try run.write(toRunning: "\(loops)/.running")
        #expect(eventually { isArchived(run, below: history) })
        #expect(eventually { agent.errorOutput.contains("mirror suspended") }, "\(agent.errorOutput)")
        #expect(!Disk.exists(place.path("Sync")))
        try Disk.move(place.path("away"), to: place.path("Sync"))
        #expect(eventually { isArchived(run, below: "\(mirror)/.history") }, "\(agent.errorOutput)")
    }

    @Test func `an empty directory in the mirror's place is never filled`() throws {
        let agent = try agent(["--watch", ".loops", "--sync", "../Sync"])
        defer { agent.signal(SIGKILL) }
        #expect(eventually { Disk.exists("\(mirror)/.loopsync-mirror") })
        try Disk.move(place.path("Sync"), to: place.path("away"))
        try Disk.makeDirectories(place.path("Sync"))
        try run.write(toRunning: "\(loops)/.running")
        #expect(eventually { isArchived(run, below: history) })
        #expect(eventually { agent.errorOutput.contains("loopsync mirror --adopt") }, "\(agent.errorOutput)")
        #expect(Disk.names(in: place.path("Sync")).isEmpty)
    }

    @Test func `runs that an executor archived before there was an agent get sums and reach the mirror`() throws {
        let old = SyntheticRun(loop: "old")
        try old.write(toHistory: history)
        let agent = try agent(["--watch", ".loops", "--sync", "../Sync"])
        defer { agent.signal(SIGKILL) }
        // What was written to a moment ago may be an executor's copy under way: it is waited for.
        let isSummed = eventually(within: .seconds(60)) { Disk.exists("\(history)/\(old.place)/SHA256SUMS") }
        #expect(isSummed, "\(agent.errorOutput)")
        #expect(eventually { isArchived(old, below: "\(mirror)/.history") }, "\(agent.errorOutput)")
    }

    @Test func `loopsync's own directory may be removed under the agent`() throws {
        let agent = try agent(["--watch", ".loops"])
        defer { agent.signal(SIGKILL) }
        #expect(eventually { Disk.exists("\(loops)/.loopsync/status.json") }, "\(agent.errorOutput)")
        try Disk.remove("\(loops)/.loopsync")
        #expect(eventually { agent.errorOutput.contains(".loopsync was removed") }, "\(agent.errorOutput)")
        try run.write(toRunning: "\(loops)/.running")
        #expect(eventually { isArchived(run, below: history) }, "\(agent.errorOutput)")
    }

    @Test func `a loops directory that is moved away and made anew is watched again`() throws {
        let agent = try agent(["--watch", ".loops"])
        defer { agent.signal(SIGKILL) }
        #expect(eventually { agent.errorOutput.contains("watching") })
        try Disk.move(loops, to: place.path("app/elsewhere"))
        #expect(eventually { agent.errorOutput.contains("went away") }, "\(agent.errorOutput)")
        try Disk.makeDirectories("\(loops)/.running")
        #expect(eventually { agent.errorOutput.contains("is there; watching it") }, "\(agent.errorOutput)")
        try run.write(toRunning: "\(loops)/.running")
        #expect(eventually { isArchived(run, below: history) }, "\(agent.errorOutput)")
        #expect(!Disk.exists(place.path("app/elsewhere/.history")))
    }

    @Test(arguments: ["app/.loops", "app/.loops/.running", "app"])
    func `what is removed with all that is in it and made anew is watched again, each time`(removed: String) throws {
        let agent = try agent(["--watch", ".loops"])
        defer { agent.signal(SIGKILL) }
        #expect(eventually { agent.errorOutput.contains(" watching ") })
        for round in 0..<8 {
            let run = SyntheticRun(loop: "round-\(round)", start: SyntheticRun().start + round)
            try run.write(toRunning: "\(loops)/.running")
            #expect(eventually { isArchived(run, below: history) }, "round \(round): \(agent.errorOutput)")
            // What the agent still tidies up may stand in the way of the first attempt.
            let isGone = try eventually {
                try Subprocess.run(["/bin/rm", "-rf", removed], in: place.path).succeeded
            }
            #expect(isGone, "round \(round): \(agent.errorOutput)")
            try Disk.makeDirectories("\(loops)/.running")
        }
        #expect(!agent.errorOutput.contains("another agent"), "\(agent.errorOutput)")
    }

    @Test func `a project that is moved away and made anew is watched again`() throws {
        let agent = try agent(["--watch", ".loops"])
        defer { agent.signal(SIGKILL) }
        #expect(eventually { agent.errorOutput.contains(" watching ") })
        try Disk.move(place.path("app"), to: place.path("elsewhere"))
        #expect(eventually { agent.errorOutput.contains("went away") }, "\(agent.errorOutput)")
        try Disk.makeDirectories("\(loops)/.running")
        try run.write(toRunning: "\(loops)/.running")
        #expect(eventually { isArchived(run, below: history) }, "\(agent.errorOutput)")
    }

    @Test func `several directories are watched by one agent, also one that does not exist yet`() throws {
        try Disk.makeDirectories(place.path("site/.loops/.running"))
        let late = place.path("late/.loops")
        let agent = try agent(["--watch", ".loops", place.path("site/.loops"), late])
        defer { agent.signal(SIGKILL) }
        let other = SyntheticRun(loop: "other")
        try run.write(toRunning: "\(loops)/.running")
        try other.write(toRunning: place.path("site/.loops/.running"))
        #expect(eventually { isArchived(run, below: history) }, "\(agent.errorOutput)")
        #expect(eventually { isArchived(other, below: place.path("site/.loops/.history")) }, "\(agent.errorOutput)")
        try Disk.makeDirectories("\(late)/.running")
        let third = SyntheticRun(loop: "third")
        try third.write(toRunning: "\(late)/.running")
        #expect(eventually { isArchived(third, below: "\(late)/.history") }, "\(agent.errorOutput)")
    }

    @Test func `a changed configuration is taken, and one with mistakes is not`() throws {
        let file = place.path("config.yaml")
        try Disk.write("version: 1\n", to: file)
        let agent = try agent(["--watch", ".loops", "--config", file])
        defer { agent.signal(SIGKILL) }
        #expect(eventually { agent.errorOutput.contains("keep everything") }, "\(agent.errorOutput)")
        try Disk.write("version: 1\nmirorr: {to: x}\n", to: file)
        #expect(eventually { agent.errorOutput.contains("did you mean mirror?") }, "\(agent.errorOutput)")
        try Disk.write("version: 1\nmirror: {to: \(place.path("Sync"))}\n", to: file)
        #expect(eventually { Disk.exists("\(mirror)/.loopsync-mirror") }, "\(agent.errorOutput)")
        try run.write(toRunning: "\(loops)/.running")
        #expect(eventually { isArchived(run, below: "\(mirror)/.history") }, "\(agent.errorOutput)")
        #expect(agent.errorOutput.contains("archived fix"))
        try Disk.write("version: 1\nlog: {level: error}\nmirror: {to: \(place.path("Sync"))}\n", to: file)
        let quiet = SyntheticRun(loop: "quiet")
        try quiet.write(toRunning: "\(loops)/.running")
        #expect(eventually { isArchived(quiet, below: "\(mirror)/.history") }, "\(agent.errorOutput)")
        #expect(!agent.errorOutput.contains("archived quiet"), "\(agent.errorOutput)")
    }

    @Test func `a finished run of A is cleared when that is asked for, and not before it is archived`() throws {
        let file = place.path("config.yaml")
        try Disk.write("version: 1\narchive: {clear_after: 0s, settle: 100ms}\n", to: file)
        try Disk.write("", to: "\(loops)/.running/.acquire.lock")
        let agent = try agent(["--watch", ".loops", "--config", file])
        defer { agent.signal(SIGKILL) }
        try run.write(toRunning: "\(loops)/.running")
        #expect(eventually { isArchived(run, below: history) }, "\(agent.errorOutput)")
        #expect(
            eventually { Disk.names(in: "\(loops)/.running") == [".acquire.lock"] },
            "\(Disk.names(in: "\(loops)/.running")) \(agent.errorOutput)"
        )
        #expect(isArchived(run, below: history))
    }
}
