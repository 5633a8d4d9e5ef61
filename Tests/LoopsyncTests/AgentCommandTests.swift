import Glibc
import TestSupport
import Testing

/// The agent as a service manager and a person at a terminal start it.
@Suite
struct AgentCommandTests {
    private let place: TemporaryDirectory

    init() throws {
        place = try TemporaryDirectory()
        try Disk.makeDirectories(place.path("app/.loops"))
        try Disk.makeDirectories(place.path("Sync"))
    }

    private func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Subprocess {
        var variables = ["PATH": "/usr/bin:/bin", "HOME": place.path, "LANG": "C.UTF-8", "TZ": "UTC"]
        variables.merge(environment) { _, new in new }
        return try Subprocess([try BuiltProduct.loopsync()] + arguments, in: place.path("app"), environment: variables)
    }

    @Test func `readiness, watchdog, reload and end are told to the service manager`() throws {
        let socket = place.path("notify")
        let manager = try FakeManager(socket)
        let agent = try start(
            ["--watch", ".loops"],
            environment: ["NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "400000"]
        )
        defer { agent.signal(SIGKILL) }
        #expect(manager.waitFor("READY=1"))
        #expect(manager.waitFor("WATCHDOG=1"))
        #expect(manager.waitFor("WATCHDOG=1"))
        agent.signal(SIGHUP)
        #expect(manager.waitFor("RELOADING=1"))
        #expect(manager.waitFor("READY=1"))
        agent.signal(SIGTERM)
        #expect(manager.waitFor("STOPPING=1"))
        #expect(try agent.wait(within: .seconds(10)) == .exited(0))
    }

    @Test func `a stopped agent sends no ping`() throws {
        let socket = place.path("notify")
        let manager = try FakeManager(socket)
        let agent = try start(
            ["--watch", ".loops"],
            environment: ["NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "100000"]
        )
        defer { agent.signal(SIGKILL) }
        #expect(manager.waitFor("WATCHDOG=1"))
        agent.signal(SIGSTOP)
        // What was under way when it was stopped, then silence.
        while manager.receive(within: 500) != nil {}
        #expect(manager.receive(within: 500) == nil)
        agent.signal(SIGCONT)
        #expect(manager.waitFor("WATCHDOG=1"))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal ends it with 0 within two seconds`(signal: Int32) throws {
        let agent = try start(["--watch", ".loops"])
        #expect(eventually { agent.errorOutput.contains(" watching ") })
        let began = ContinuousClock().now
        agent.signal(signal)
        #expect(try agent.wait(within: .seconds(10)) == .exited(0))
        #expect(ContinuousClock().now - began < .seconds(2))
    }

    @Test func `a second agent ends with 11 and names the directory`() throws {
        let first = try start(["--watch", ".loops"])
        defer { first.signal(SIGKILL) }
        #expect(eventually { first.errorOutput.contains(" watching ") })
        let second = try start(["--watch", place.path("app/.loops")])
        #expect(try second.wait(within: .seconds(10)) == .exited(11))
        #expect(second.errorOutput.contains("another agent watches \(place.path("app/.loops"))"))
        let status = try CommandRun(["status"], in: place.path("app"))
        #expect(status.output.hasPrefix("●"))
    }

    @Test func `a project in place of its loops directory is refused with the right path`() throws {
        let agent = try start(["--watch", place.path("app")])
        #expect(try agent.wait(within: .seconds(10)) == .exited(64))
        #expect(agent.errorOutput.contains("Did you mean: --watch \(place.path("app"))/.loops"))
    }

    @Test func `a bad configuration starts nothing and names every problem's place`() throws {
        try Disk.write("version: 1\nretention:\n  keep_lsat: 5\nmirror:\n  live: maybe\n", to: place.path("bad.yaml"))
        let agent = try start(["--watch", ".loops", "--config", "../bad.yaml"])
        #expect(try agent.wait(within: .seconds(10)) == .exited(78))
        #expect(agent.errorOutput.hasPrefix("../bad.yaml:3:3: error: "))
        #expect(agent.errorOutput.contains("\n../bad.yaml:5:9: error: "))
        #expect(!Disk.exists(place.path("app/.loops/.loopsync")))
    }

    @Test func `a sync directory inside a watched one is refused with 78`() throws {
        let agent = try start(["--watch", ".loops", "--sync", ".loops/mirror"])
        #expect(try agent.wait(within: .seconds(10)) == .exited(78))
    }

    @Test func `a configuration file with watch: starts the agent, one without is answered with what to type`() throws {
        try Disk.write("version: 1\nwatch:\n  - \(place.path("app/.loops"))\n", to: place.path("good.yaml"))
        let agent = try start(["--config", "../good.yaml"])
        #expect(eventually { agent.errorOutput.contains(" watching \(place.path("app/.loops"))") })
        agent.signal(SIGTERM)
        #expect(try agent.wait(within: .seconds(10)) == .exited(0))
        try Disk.write("version: 1\n", to: place.path("empty.yaml"))
        let other = try start(["--config", "../empty.yaml"])
        #expect(try other.wait(within: .seconds(10)) == .exited(64))
        #expect(other.errorOutput.contains("loopsync --watch .loops"))
    }

    @Test func `a directory whose name is no text is watched like any other`() throws {
        let running = place.path("app/.loops/.running")
        try Disk.makeDirectories(running)
        var path = running.utf8.map { CChar(bitPattern: $0) } + [0x2F, -1, 0]
        #expect(mkdir(&path, 0o755) == 0)
        let agent = try start(["--watch", ".loops"])
        defer { agent.signal(SIGKILL) }
        #expect(eventually { agent.errorOutput.contains(" watching ") })
        let name = "run.events.jsonl".utf8.map { CChar(bitPattern: $0) } + [0]
        let run = SyntheticRun(loop: "run")
        let file = open(path.dropLast() + [0x2F] + name, O_WRONLY | O_CREAT, 0o644)
        try #require(file >= 0)
        #expect(write(file, run.events, run.events.count) == run.events.count)
        close(file)
        #expect(eventually { Disk.names(in: place.path("app/.loops/.loopsync/pins")).count == 1 })
        #expect(!agent.errorOutput.contains("looked at every"), "\(agent.errorOutput)")
        #expect(try CommandRun(["status"], in: place.path("app")).status == 0)
    }

    @Test func `a loops directory that does not exist yet is waited for`() throws {
        let agent = try start(["--watch", "later/.loops"])
        defer { agent.signal(SIGKILL) }
        #expect(eventually { agent.errorOutput.contains("waiting for \(place.path("app/later/.loops"))") })
        try Disk.makeDirectories(place.path("app/later/.loops"))
        #expect(
            try eventually {
                try CommandRun(["--loops", "later/.loops", "status"], in: place.path("app")).output.hasPrefix("●")
            }
        )
    }
}
