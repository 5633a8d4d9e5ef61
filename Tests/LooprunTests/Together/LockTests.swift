import Glibc
import TestSupport
import Testing

extension TogetherTests {
    /// Executors keep each other out of a scope, whichever comes first.
    @Suite(.serialized)
    struct LockTests {
        private static let hanging = """
            initial: a
            states:
              a: {action: "echo here; until [ -e go ]; do sleep 0.02; done", on_yes: done}
              done: {terminal: true}
            """

        struct Meeting: Sendable, CustomTestStringConvertible {
            let first: Runner
            let second: Runner
            var testDescription: String { "\(second.rawValue) beside a run of \(first.rawValue)" }
            static let all = [
                Meeting(first: .looprun, second: .a), Meeting(first: .looprun, second: .b),
                Meeting(first: .looprun, second: .looprun),
                Meeting(first: .a, second: .looprun), Meeting(first: .b, second: .looprun),
            ]
        }

        /// A lab whose first executor is in the middle of the loop `one`.
        private func meeting(_ first: Runner) throws -> (lab: LoopLab, run: Subprocess, stem: String) {
            let lab = try LoopLab(.a)
            try lab.define("one", Self.hanging)
            try lab.define(
                "two",
                Self.hanging.replacing("initial:", with: "scope: [one/below]\ninitial:").replacing("here", with: "two")
            )
            try lab.define("three", Self.hanging)
            let yaml = try #require(Disk.text("\(lab.loops)/two.yaml"))
            try Disk.write(yaml.replacing("scope: [\"two/\"]\n", with: ""), to: "\(lab.loops)/two.yaml")
            let run = try lab.start(first, ["run", "one"])
            let stem = try eventually("the run of \(first)") {
                lab.stems(".events.jsonl").first { first.isStem($0, of: "one") }
            }
            try lab.waitForEvent("action_output", in: stem)
            return (lab, run, stem)
        }

        private func finish(_ lab: LoopLab, _ run: Subprocess, _ stem: String) throws {
            try Disk.write("", to: "\(lab.project)/go")
            #expect(try run.wait() == .exited(0), "\(run.output)\(run.errorOutput)")
            #expect(lab.status(stem) == "completed")
            #expect(lab.events(stem).count { $0.contains("\"loop_start\"") } == 1)
            #expect(lab.events(stem).last?.contains("loop_complete") == true)
        }

        @Test(arguments: Meeting.all)
        func `a second run of a loop is refused`(_ meeting: Meeting) throws {
            let (lab, run, stem) = try self.meeting(meeting.first)
            let lock = Disk.read("\(lab.running)/\(stem).lock")
            let other = try lab.run(meeting.second, ["run", "one"])
            #expect(other.termination == .exited(1), "\(other)")
            #expect(Disk.read("\(lab.running)/\(stem).lock") == lock)
            // A writes over the pid file before it looks for a lock; looprun does not.
            if meeting.second == .looprun { #expect(Disk.text("\(lab.running)/\(stem).pid") == "\(run.pid)") }
            try finish(lab, run, stem)
        }

        @Test(arguments: Meeting.all)
        func `another loop of the same scope is refused, one of another scope is not`(_ meeting: Meeting) throws {
            let (lab, run, stem) = try self.meeting(meeting.first)
            let other = try lab.run(meeting.second, ["run", "two"])
            #expect(other.termination == .exited(1), "\(other)")
            let free = try lab.start(meeting.second, ["run", "three"])
            let freeStem = try eventually("the run beside it") {
                lab.stems(".events.jsonl").first { meeting.second.isStem($0, of: "three") }
            }
            try lab.waitForEvent("action_output", in: freeStem)
            try finish(lab, run, stem)
            #expect(try free.wait() == .exited(0))
        }

        @Test func `a resume beside a live run is refused`() throws {
            for first in [Runner.a, .looprun] {
                let (lab, run, stem) = try meeting(first)
                let events = lab.events(stem)
                let other = try lab.run(.looprun, ["resume", "one"])
                #expect(other.termination == .exited(1), "\(other)")
                #expect(lab.events(stem) == events)
                try finish(lab, run, stem)
            }
        }

        @Test func `of many that start at once one runs`() throws {
            let lab = try LoopLab(.a)
            try lab.define("one", Self.hanging)
            let all = try (0..<6).map { try lab.start($0 % 3 == 2 ? .a : .looprun, ["run", "one"]) }
            _ = try eventually("five refusals") { all.count { !$0.isRunning } == 5 ? true : nil }
            #expect(all.count { $0.poll() == .exited(1) } == 5)
            try Disk.write("", to: "\(lab.project)/go")
            let last = try #require(all.first { $0.poll() != .exited(1) })
            #expect(try last.wait() == .exited(0))
            #expect(lab.events("one").count { $0.contains("\"loop_start\"") } == 1)
        }

        @Test func `the lock of a process that is dead is none`() throws {
            for first in [Runner.a, .b, .looprun] {
                let (lab, run, _) = try meeting(first)
                try run.kill9()
                run.signalGroup(SIGKILL)
                try Disk.write("", to: "\(lab.project)/go")
                let next = try lab.run(.looprun, ["run", "two"])
                #expect(next.succeeded, "\(next)")
                #expect(lab.status("two") == "completed")
                #expect(lab.stems(".lock") == [], "a stale lock is taken away by who finds it")
            }
        }

        @Test func `no other executor starts while the gate is held`() throws {
            let lab = try LoopLab(.a)
            try lab.define("one", Self.hanging)
            try Disk.makeDirectories(lab.running)
            try Disk.write("", to: "\(lab.project)/go")
            let gate = open("\(lab.running)/.acquire.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            try #require(gate >= 0 && flock(gate, LOCK_EX) == 0)
            let run = try lab.start(.looprun, ["run", "one"])
            // Long enough for a start that does not wait.
            pause(milliseconds: 400)
            #expect(run.isRunning && lab.stems(".events.jsonl") == [])
            close(gate)
            #expect(try run.wait() == .exited(0))
        }
    }
}
