import Glibc
import LoopModel
import TestSupport
import Testing

extension LifeTests {
    /// Signals to looprun, and `looprun stop`.
    @Suite(.serialized)
    struct ShutdownTests {
        /// A command with a child and a grandchild, all of which hold the output open; their numbers are in `pids`.
        private static let family = """
            initial: start
            states:
              start: {action: "echo begun", on_yes: a}
              a:
                action: |
                  bash -c 'echo $$ >> pids; sleep 60 & echo $! >> pids; wait' &
                  echo $$ >> pids
                  until [ $(wc -l < pids) = 3 ]; do sleep 0.01; done
                  echo here
                  wait
                on_yes: done
                on_error: b
                on_no: b
              b: {action: "touch never", on_yes: done}
              done: {terminal: true}
            """

        private func started(_ yaml: String = family, lines: Int = 2) throws -> (lab: LoopLab, run: Subprocess) {
            let lab = try LoopLab(.a)
            try lab.define("loop", yaml)
            let run = try lab.start(.looprun, ["run", "loop"])
            try lab.waitForEvent("action_output", count: lines, in: "loop")
            return (lab, run)
        }

        private func alive(_ lab: LoopLab) -> [String] {
            (Disk.text("\(lab.project)/pids") ?? "").split(separator: "\n").map(String.init).filter { pid in
                guard let status = Disk.text("/proc/\(pid)/status") else { return false }
                return !status.contains("State:\tZ")
            }
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func `one signal ends the whole group and the run, and says so`(_ signal: Int32) throws {
            let (lab, run) = try started()
            #expect(alive(lab).count == 3)
            run.signal(signal)
            #expect(try run.wait(within: .seconds(10)) == .exited(0), "\(run.output)\(run.errorOutput)")
            #expect(eventually { alive(lab).isEmpty }, "\(alive(lab))")
            #expect(lab.status("loop") == "interrupted")
            #expect(lab.events("loop").last?.contains(#""terminated_by": "signal""#) == true)
            #expect(lab.stems(".pid") == [] && lab.stems(".lock") == [])
            #expect(!Disk.exists("\(lab.project)/never"))
        }

        @Test func `a second signal leaves an honest state`() throws {
            // What left the group by a session of its own cannot be killed with it and holds the output open.
            let (lab, run) = try started(
                """
                initial: a
                states:
                  a: {action: "setsid sleep 6 & echo here; wait", on_yes: done, on_error: done, on_no: done}
                  done: {terminal: true}
                """,
                lines: 1
            )
            run.signal(SIGINT)
            pause(milliseconds: 200)
            run.signal(SIGINT)
            let end = try run.wait(within: .seconds(4))
            #expect(end == .exited(1) || end == .exited(0), "\(end)")
            #expect(lab.status("loop") == "interrupted")
            #expect(lab.stems(".pid") == [] && lab.stems(".lock") == [])
        }

        @Test func `a signal in a sub-loop ends the sub-loop too`() throws {
            let lab = try LoopLab(.a)
            try lab.define(
                "child",
                """
                initial: x
                states:
                  x: {action: "echo >> steps; touch here; sleep 30", on_error: y, on_no: y, on_yes: y}
                  y: {action: "echo >> steps", on_yes: z}
                  z: {terminal: true}
                """
            )
            try lab.define(
                "loop",
                "initial: a\nstates:\n  a: {loop: child, on_yes: b, on_no: b}\n  b: {terminal: true}\n"
            )
            let run = try lab.start(.looprun, ["run", "loop"])
            #expect(eventually { Disk.exists("\(lab.project)/here") })
            run.signal(SIGTERM)
            #expect(try run.wait(within: .seconds(10)) == .exited(0))
            #expect(lab.status("loop") == "interrupted")
            #expect(Disk.text("\(lab.project)/steps") == "\n", "the child's next state is not entered")
        }

        @Test func `a signal cuts a back-off short`() throws {
            let (lab, run) = try started(
                "backoff: 30\ninitial: a\nstates:\n  a: {action: 'echo hi', on_yes: b}\n  b: {terminal: true}\n",
                lines: 1
            )
            try lab.waitForEvent("route", in: "loop")
            run.signal(SIGTERM)
            #expect(try run.wait(within: .seconds(5)) == .exited(0))
            #expect(lab.status("loop") == "interrupted")
        }

        @Test func `stop ends a run and its processes`() throws {
            let (lab, run) = try started()
            let stop = try lab.start(.looprun, ["stop", "loop"])
            #expect(try run.wait(within: .seconds(10)) == .exited(0))
            #expect(try stop.wait() == .exited(0), "\(stop.output)\(stop.errorOutput)")
            #expect(eventually { alive(lab).isEmpty })
            #expect(lab.status("loop") == "interrupted")
            #expect(lab.stems(".pid") == [] && lab.stems(".lock") == [])
            let again = try lab.run(.looprun, ["stop", "loop"])
            #expect(again.termination == .exited(1), "\(again)")
        }

        @Test func `ll-loop stops a run of looprun, and looprun one of ll-loop`() throws {
            let (lab, run) = try started()
            let stop = try lab.start(.a, ["stop", "loop"])
            #expect(try run.wait(within: .seconds(10)) == .exited(0))
            #expect(try stop.wait() == .exited(0))
            #expect(lab.status("loop") == "interrupted")
            #expect(eventually { alive(lab).isEmpty })

            let other = try LoopLab(.a)
            try other.define(
                "loop",
                "initial: a\nstates:\n  a: {action: 'echo here; exec sleep 30', on_error: b}\n  b: {terminal: true}\n"
            )
            let theirs = try other.start(.a, ["run", "loop"])
            try other.waitForEvent("action_output", in: "loop")
            let ours = try other.start(.looprun, ["stop", "loop"])
            #expect(try theirs.wait(within: .seconds(10)) == .exited(0))
            #expect(try ours.wait() == .exited(0), "\(ours.output)\(ours.errorOutput)")
            #expect(other.status("loop") == "interrupted")
        }

        @Test func `a time-out ends the whole group while the output is open`() throws {
            let lab = try LoopLab(.a)
            try lab.define(
                "loop",
                Self.family.replacing(
                    "    on_yes: done\n    on_error: b",
                    with: "    timeout: 1\n    on_yes: done\n    on_error: done"
                )
            )
            let done = try lab.run(.looprun, ["run", "loop"])
            #expect(done.succeeded, "\(done)")
            #expect(eventually { alive(lab).isEmpty }, "\(alive(lab))")
            #expect(lab.events("loop").contains { $0.contains(#""exit_code": 124, "duration_ms": 1000"#) })
        }

        @Test func `looprun that is killed leaves no action behind that its successor cannot run`() throws {
            let (lab, run) = try started()
            try run.kill9()
            #expect(lab.status("loop") == "running")
            try Disk.remove("\(lab.project)/pids")
            let resumed = try lab.start(.looprun, ["resume", "loop"])
            try lab.waitForEvent("action_output", count: 3, in: "loop")
            resumed.signal(SIGTERM)
            #expect(try resumed.wait(within: .seconds(10)) == .exited(0))
            #expect(lab.status("loop") == "interrupted")
            run.signalGroup(SIGKILL)
        }
    }
}
