import Glibc
import LoopModel
import TestSupport
import Testing

/// `--background` and `stop` through the real program.
@Suite
struct BackgroundTests {
    private let place: TemporaryDirectory

    init() throws {
        place = try TemporaryDirectory()
        try Disk.makeDirectories(place.path("app/.loops/.running"))
    }

    private var log: String { place.path("app/.loops/.loopsync/agent.log") }

    private func run(_ arguments: String...) throws -> CommandRun {
        try CommandRun(arguments, in: place.path("app"), environment: ["HOME": place.path])
    }

    @Test func `it answers once the agent watches, which goes on by itself until it is stopped`() throws {
        let started = try run("--watch", ".loops", "--background", "--json")
        #expect(started.status == 0, "\(started.errorOutput)")
        defer { _ = try? run("stop") }
        let answer = try JSONValue(parsing: Array(started.output.utf8)).objectValue
        let pid = try #require(answer?["pid"]?.integerValue.flatMap { pid_t(exactly: $0) })
        #expect(answer?["log"] == .string(JSONString(log)))
        // A session of its own, and neither terminal nor pipe of this one.
        #expect(getsid(pid) == pid)
        #expect(try run("status").output.hasPrefix("●"))
        let run = SyntheticRun(loop: "fix")
        try run.write(toRunning: place.path("app/.loops/.running"))
        #expect(eventually { Disk.text(log)?.contains("archived fix") == true })
        let second = try self.run("--watch", ".loops", "--background")
        #expect(second.status == 11)
        let stopped = try self.run("stop")
        #expect(stopped.status == 0)
        #expect(stopped.errorOutput == "the agent (pid \(pid)) ended\n")
        #expect(try self.run("status").output.hasPrefix("○"))
        let again = try self.run("stop")
        #expect(again.status == 0)
        #expect(again.errorOutput == "no agent watches .loops\n")
    }

    @Test func `stop ends an agent of a terminal too, and believes no status that somebody forged`() throws {
        let bystander = try Subprocess(["/bin/sleep", "600"])
        let agent = try AgentProcess(watching: [place.path("app/.loops")], in: place.path)
        defer { agent.process.signal(SIGKILL) }
        let status = place.path("app/.loops/.loopsync/status.json")
        #expect(eventually { Disk.exists(status) })
        let text = try #require(Disk.text(status))
        try Disk.write(text.replacing("\(agent.process.pid)", with: "\(bystander.pid)"), to: status)
        #expect(try run("stop").status == 0)
        #expect(try agent.process.wait(within: .seconds(10)) == .exited(0))
        #expect(bystander.isRunning)
    }

    @Test func `a log that cannot be written is named, not the program`() throws {
        try Disk.makeDirectories(log)
        let started = try run("--watch", ".loops", "--background")
        #expect(started.status == 1)
        #expect(started.errorOutput.contains("open \(log): Is a directory: the agent was not started"))
        #expect(!started.errorOutput.contains("spawn"))
    }

    @Test func `what keeps the agent from starting is told, with its own exit status`() throws {
        try Disk.write("version: 2\n", to: place.path("bad.yaml"))
        let bad = try run("--watch", ".loops", "--config", "../bad.yaml", "--background")
        #expect(bad.status == 78 && bad.errorOutput.hasPrefix("../bad.yaml:1:10: error: "))
        let nowhere = try run("--watch", "nowhere/.loops", "--background")
        #expect(nowhere.status == 10 && nowhere.errorOutput.contains("does not exist yet"))
        let once = try run("--watch", ".loops", "--once", "--background")
        #expect(once.status == 64)
    }
}
