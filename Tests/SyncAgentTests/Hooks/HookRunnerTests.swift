import LoopModel
import LoopStore
import Synchronization
import TestSupport
import Testing

@testable import SyncAgent

@Suite
struct HookRunnerTests {
    private func facts(_ number: Int) -> HookFacts {
        .unreadable("\(number)", "is empty", loops: "/l", now: Timestamp(seconds: 0))
    }

    /// What a runner told.
    private final class Told: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func hear(_ line: String) { lines.withLock { $0.append(line) } }
    }

    @Test func `what finds the queue full is not run, counted and told; the rest runs in order`() throws {
        let place = try TemporaryDirectory()
        let settings = HookSettings(
            commands: [
                .unreadable: [
                    "/bin/sh", "-c",
                    "while [ ! -e '\(place.path("go"))' ]; do sleep 0.01; done; echo $LOOPSYNC_FILE >>'\(place.path("ran"))'",
                ]
            ]
        )
        let told = Told()
        let runner = HookRunner(settings, limit: 2) { told.hear($0) }
        runner.post(facts(0))
        // The first is under way, two more may wait.
        for number in 1..<40 { runner.post(facts(number)) }
        try Disk.write("", to: place.path("go"))
        runner.finish()
        let ran = try #require(Disk.text(place.path("ran"))).split(separator: "\n")
        #expect(ran.first == "/l/.running/0")
        #expect(ran.count == 2 || ran.count == 3)
        #expect(told.all.count == 2)
        #expect(told.all.first?.hasPrefix("hooks: 2 wait already; on_unreadable is not run for /l/.running/") == true)
        #expect(told.all.last == "hooks: \(40 - ran.count) were not run")
        #expect(runner.dropped == 40 - ran.count)
        runner.post(facts(99))
        runner.finish()
        #expect(Disk.text(place.path("ran"))?.hasSuffix("/99\n") == true)
    }

    @Test func `an event without a command starts no thread`() {
        let runner = HookRunner(HookSettings()) { _ in Issue.record("nothing to tell") }
        runner.post(facts(0))
        runner.finish()
        runner.end(within: 0)
    }

    @Test func `of a program's output the end is kept, and its input may stay unread`() throws {
        let script = "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); done; exit 3"
        let child = ChildProcess(["/bin/sh", "-c", script], input: [UInt8](repeating: 65, count: 1 << 20))
        let ended = try child.run(within: 60_000, keeping: 20)
        #expect(ended == .init(way: .exited(3), output: Array("line 2998\nline 2999\n".utf8)))
        let signalled = try ChildProcess(["/bin/sh", "-c", "kill -9 $$"]).run(within: 60_000)
        #expect(signalled.way == .killed(signal: 9))
        let echoed = try ChildProcess(["cat"], input: Array("facts".utf8)).run(within: 60_000)
        #expect(echoed == .init(way: .exited(0), output: Array("facts".utf8)))
    }

    @Test func `a program that left something in the background is not waited for`() throws {
        let ended = try ChildProcess(["/bin/sh", "-c", "sleep 30 & echo $!"]).run(within: 20_000)
        #expect(ended.way == .exited(0))
        let pid = try #require(Int32(String(decoding: ended.output, as: UTF8.self).prefix { $0.isNumber }))
        #expect(SystemProcessTable().process(pid) != nil)
        _ = try ChildProcess(["/bin/kill", "\(pid)"]).run(within: 20_000)
    }

    @Test func `a NUL in an argument is an error, not a shorter argument`() {
        #expect(throws: PosixError.self) { try ChildProcess(["/bin/true", "a\0b"]).run(within: 1000) }
    }
}
