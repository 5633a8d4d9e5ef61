import Glibc
import LoopModel
import TestSupport
import Testing

/// Commands that loopsync runs after the fact, through the real program.
@Suite
struct HookTests {
    private let place: TemporaryDirectory
    private let failed = SyntheticRun(loop: "fix", status: "failed", terminatedBy: "error")

    init() throws {
        place = try TemporaryDirectory()
        try Disk.makeDirectories(place.path("app/.loops/.running"))
    }

    private var running: String { place.path("app/.loops/.running") }

    /// Writes a configuration of the user's own.
    private func configure(_ hooks: String) throws {
        try Disk.makeDirectories(place.path(".config/loopsync"))
        try Disk.write("version: 1\nhooks:\n\(hooks)\n", to: place.path(".config/loopsync/config.yaml"))
    }

    /// A hook that leaves its facts and its variables in files named after the event.
    private var recorder: String {
        #"["/bin/sh", "-c", "cat >'\#(place.path)/'$LOOPSYNC_EVENT.json; env | grep ^LOOPSYNC_ | sort >'\#(place.path)/'$LOOPSYNC_EVENT.env"]"#
    }

    private func run(_ arguments: String...) throws -> CommandRun {
        try CommandRun(arguments, in: place.path("app"), environment: ["HOME": place.path])
    }

    private func facts(_ event: String) throws -> JSONObject {
        try #require(JSONValue(parsing: Disk.read(place.path("\(event).json")) ?? []).objectValue)
    }

    @Test(arguments: [Executor.a, .b])
    func `the agent tells of a run that failed under a real executor`(executor: Executor) throws {
        let lab = try LoopLab(executor)
        try lab.define(
            "bad",
            "initial: a\nstates:\n  a: {action: 'false', on_success: a, on_failure: f}\n  f: {terminal: true}"
        )
        try lab.define(
            "cap",
            "initial: a\nmax_iterations: 2\nstates:\n  a: {action: 'true', on_success: a, on_failure: a}"
        )
        let out = lab.directory.path("told")
        let hook = #"["/bin/sh", "-c", "cat >>'\#(out)'; echo $LOOPSYNC_LOOP $LOOPSYNC_STATUS >>'\#(out).env'"]"#
        let agent = try lab.agent(mirroring: false, configuration: "version: 1\nhooks: {on_archive: \(hook)}\n")
        defer { agent.process.signal(SIGKILL) }
        try lab.run("run", "bad")
        let told = try eventually("a told run") { Disk.text("\(out).env") }
        #expect(told.hasPrefix("bad "), "\(told)")
        let document = try #require(JSONValue(parsing: Disk.read(out) ?? []).objectValue)
        let path = try #require(document["path"]?.stringValue?.string)
        #expect(Disk.exists("\(path)/events.jsonl"))
        #expect(document["event"] == "on_archive")
        #expect(document["loop"] == "bad")
    }

    @Test func `archive and --once run the hooks and wait for them; what was archived before is not told again`() throws
    {
        try configure("  on_archive: \(recorder)\n  on_failed: \(recorder)")
        try failed.write(toRunning: running)
        let archive = try run("archive")
        #expect(archive.status == 0, "\(archive.errorOutput)")
        let facts = try facts("on_failed")
        #expect(facts["run"] == .string(JSONString("fix/\(failed.runID)")))
        #expect(facts["status"] == "failed")
        #expect(facts["reason"] == "ended")
        #expect(facts["change"] == "created")
        let variables = try #require(Disk.text(place.path("on_archive.env")))
        #expect(variables.contains("LOOPSYNC_LOOP=fix\n"))
        #expect(variables.contains("LOOPSYNC_RUN=fix/\(failed.runID)\n"))
        #expect(variables.contains("LOOPSYNC_STATUS=failed\n"))
        #expect(variables.contains("LOOPSYNC_SUMMARY=loop fix ended: failed\n"))
        try Disk.remove(place.path("on_archive.json"))
        #expect(try run("archive").status == 0)
        #expect(!Disk.exists(place.path("on_archive.json")))
        try SyntheticRun(loop: "other").write(toRunning: running)
        #expect(try run("--watch", ".loops", "--once").status == 0)
        #expect(try self.facts("on_archive")["loop"] == "other")
    }

    @Test func `a dry run tells nobody`() throws {
        try configure("  on_archive: \(recorder)")
        try failed.write(toRunning: running)
        #expect(try run("archive", "-n").status == 0)
        #expect(!Disk.exists(place.path("on_archive.json")))
    }

    @Test func `a missing sync directory and an unreadable state are told`() throws {
        try configure("  on_mirror_suspended: \(recorder)\n  on_unreadable: \(recorder)")
        try failed.write(toRunning: running)
        try Disk.write("{", to: "\(running)/fix.state.json")
        let once = try run("--watch", ".loops", "--once", "--sync", place.path("nowhere"))
        #expect(once.status == 4)
        #expect(try facts("on_mirror_suspended")["mirror"] == .string(JSONString(place.path("nowhere"))))
        let file = place.path("app/.loops/.running/fix.state.json")
        #expect(try facts("on_unreadable")["file"] == .string(JSONString(file)))
    }

    @Test func `the agent tells of a mirror that went away, once`() throws {
        let out = place.path("told")
        try configure(#"  on_mirror_suspended: ["/bin/sh", "-c", "echo $LOOPSYNC_MIRROR >>'\#(out)'"]"#)
        try Disk.makeDirectories(place.path("Sync"))
        let agent = try AgentProcess(
            watching: [place.path("app/.loops")],
            sync: place.path("Sync"),
            configuration: place.path(".config/loopsync/config.yaml"),
            in: place.path
        )
        defer { agent.process.signal(SIGKILL) }
        let host = "\(place.path("Sync"))/\(HostName.current)"
        #expect(eventually { Disk.exists("\(host)/app/.loopsync-mirror") })
        try Disk.move(place.path("Sync"), to: place.path("away"))
        try failed.write(toRunning: running)
        #expect(eventually { Disk.text(out) != nil }, "\(agent.process.errorOutput)")
        #expect(eventually { agent.process.errorOutput.contains("archived fix") })
        #expect(Disk.text(out) == "\(place.path("Sync"))\n")
    }

    @Test func `a hook that takes too long is killed with all it started, and keeps nothing from being archived`()
        throws
    {
        let pids = place.path("pids")
        try configure(
            """
              timeout: 300ms
              on_archive: ["/bin/sh", "-c", "sleep 600 & echo $! >>'\(pids)'; echo stuck >&2; wait"]
            """
        )
        let agent = try AgentProcess(
            watching: [place.path("app/.loops")],
            configuration: place.path(".config/loopsync/config.yaml"),
            in: place.path
        )
        defer { agent.process.signal(SIGKILL) }
        for index in 0..<3 { try SyntheticRun(loop: "loop-\(index)").write(toRunning: running) }
        #expect(eventually { Disk.names(in: place.path("app/.loops/.history")).count == 3 })
        let text = "took longer than hooks.timeout 300ms and was killed; it said:\n    stuck\n"
        #expect(eventually { agent.process.errorOutput.contains(text) }, "\(agent.process.errorOutput)")
        let pid = try #require(Disk.text(pids).flatMap { $0.split(separator: "\n").first }.flatMap { pid_t($0) })
        #expect(eventually { kill(pid, 0) != 0 })
    }

    @Test func `what cannot be started or fails is told with what it said, and changes no exit status`() throws {
        try configure(
            #"  on_archive: ["./no-such-program"]"# + "\n"
                + #"  on_failed: ["/bin/sh", "-c", "printf 'no \\033[31mway\\n' >&2; exit 7"]"#
        )
        try failed.write(toRunning: running)
        let archive = try run("archive")
        #expect(archive.status == 0)
        #expect(
            archive.errorOutput.contains("hook on_archive for fix/\(failed.runID) was not run: posix_spawnp ./no-such")
        )
        #expect(archive.errorOutput.contains("/bin/sh ended with 7; it said:\nno \\x1b[31mway\n"))
    }

    @Test func `an agent that ends does not wait for its hooks`() throws {
        let pid = place.path("pid")
        try configure(#"  on_archive: ["/bin/sh", "-c", "echo $$ >'\#(pid)'; exec sleep 600"]"#)
        let agent = try AgentProcess(
            watching: [place.path("app/.loops")],
            configuration: place.path(".config/loopsync/config.yaml"),
            in: place.path
        )
        try failed.write(toRunning: running)
        #expect(eventually { Disk.text(pid)?.isEmpty == false })
        let began = ContinuousClock().now
        agent.process.signal(SIGTERM)
        #expect(try agent.process.wait(within: .seconds(10)) == .exited(0))
        #expect(ContinuousClock().now - began < .seconds(2))
        let hook = try #require(Disk.text(pid).flatMap { pid_t($0.prefix { $0.isNumber }) })
        #expect(eventually { kill(hook, 0) != 0 })
    }
}
