import Glibc
import LoopModel
import TestSupport
import Testing

extension LifeTests {
    /// kill -9 at any moment: the files can be read, and a resume goes on from them.
    @Suite(.serialized)
    struct KilledRunTests {
        private static let loop = """
            initial: s1
            states:
              s1: {action: "echo one; echo more", capture: c1, on_yes: s2}
              s2: {action: "echo two; exit 1", capture: c2, on_no: s3}
              s3: {evaluate: {type: output_numeric, source: "3", operator: eq, target: 3}, on_yes: s4}
              s4: {next: s5}
              s5: {action: "printf '%s' '${captured.c1.output}'", capture: c5, on_yes: s6}
              s6: {action: "seq 40", on_yes: s7}
              s7: {action: "echo seven", on_yes: done}
              done: {terminal: true}
            """

        private static let seed =
            getenv("LOOPSYNC_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 1...(.max))

        /// How many kills; `LOOPSYNC_KILLS=500` for more of them.
        private static let count = getenv("LOOPSYNC_KILLS").flatMap { Int(String(cString: $0)) } ?? 40

        @Test func `a run killed at any moment can be gone on with`() throws {
            print("looprun killed at moments of LOOPSYNC_SEED=\(Self.seed)")
            var random = SplitMix(seed: Self.seed)
            let whole = try LoopLab(.a)
            try whole.define("loop", Self.loop)
            #expect(try whole.run(.looprun, ["run", "loop", "--quiet"]).succeeded)
            let total = whole.events("loop").count
            try #require(total > 50)
            var resumed = 0
            for number in 0..<Self.count {
                let lab = try LoopLab(.a)
                try lab.define("loop", Self.loop)
                let run = try lab.start(.looprun, ["run", "loop", "--quiet"])
                // Every line comes in turn; forty lines of one action are few moments.
                let line = number * total / Self.count
                _ = eventually(every: 0) { lab.events("loop").count >= line || !run.isRunning }
                for _ in 0..<random.below(30) { sched_yield() }
                try run.kill9()
                run.signalGroup(SIGKILL)
                resumed += try expectReadable(lab) ? 1 : 0
            }
            // On a loaded machine many come after the end; a few in each run of the tests are enough over the days.
            #expect(resumed > Self.count / 8, "kills have to come while the run lives")
        }

        /// Expects whole files and a resume to the end.
        ///
        /// - Returns: whether there was something to go on with.
        private func expectReadable(_ lab: LoopLab) throws -> Bool {
            let bytes = Disk.read("\(lab.running)/loop.events.jsonl") ?? []
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for line in lines.dropLast() {
                #expect(
                    (try? JSONValue(parsing: Array(line)))?.objectValue != nil,
                    "\(String(decoding: line, as: UTF8.self))"
                )
            }
            guard Disk.exists("\(lab.running)/loop.state.json") else {
                let refused = try lab.run(.looprun, ["resume", "loop"])
                #expect(refused.termination == .exited(1), "\(refused)")
                #expect(try lab.run(.looprun, ["run", "loop"]).succeeded)
                return false
            }
            let state = try #require(lab.state("loop"), "the state has to be whole")
            let status = try #require(lab.status("loop"))
            guard status == "running" else {
                #expect(status == "completed")
                return false
            }
            let done = try lab.run(.looprun, ["resume", "loop"])
            #expect(done.succeeded, "\(done)")
            #expect(lab.status("loop") == "completed")
            #expect(lab.stems(".pid") == [] && lab.stems(".lock") == [])
            let after = try #require(Disk.read("\(lab.running)/loop.events.jsonl"))
            #expect(after.starts(with: bytes), "what was written stays")
            let new = lab.events("loop").drop { !$0.hasPrefix(#"{"event": "loop_resume""#) }
            let entered = try #require(new.first { $0.hasPrefix(#"{"event": "state_enter""#) })
            let current = try #require(state["current_state"]?.stringValue?.string)
            let iteration = try #require(state["iteration"]?.integerValue)
            // A terminal state is not entered; the run then ends at once.
            #expect(entered.contains(#""state": "\#(current)", "iteration": \#(iteration + 1)}"#), "\(entered)")
            #expect(new.last?.contains(#""terminated_by": "terminal""#) == true)
            for line in new { #expect((try? JSONValue(parsing: Array(line.utf8))) != nil, "\(line)") }
            return true
        }

        @Test func `a torn last line stands alone after a resume`() throws {
            let lab = try LoopLab(.a)
            try lab.define(
                "loop",
                Self.loop.replacing("echo seven", with: "[ -e go ] || { touch go; kill -KILL $PPID; }")
            )
            #expect(try lab.run(.looprun, ["run", "loop"]).termination == .killed(signal: SIGKILL))
            let path = "\(lab.running)/loop.events.jsonl"
            let bytes = try #require(Disk.read(path))
            try Disk.write(bytes.dropLast(9), to: path)
            #expect(try lab.run(.looprun, ["resume", "loop"]).succeeded)
            let damaged = lab.events("loop").filter { (try? JSONValue(parsing: Array($0.utf8))) == nil }
            #expect(damaged.count == 1, "\(damaged)")
            #expect(lab.status("loop") == "completed")
        }

        @Test func `leftovers of a killed run are set aside whole, under a name that says when it began`() throws {
            let lab = try LoopLab(.a)
            try lab.define(
                "loop",
                Self.loop.replacing("echo seven", with: "[ -e go ] || { touch go; kill -KILL $PPID; }")
            )
            #expect(try lab.run(.looprun, ["run", "loop"]).termination == .killed(signal: SIGKILL))
            let events = Disk.read("\(lab.running)/loop.events.jsonl")
            let state = Disk.read("\(lab.running)/loop.state.json")
            let inode = Disk.status("\(lab.running)/loop.events.jsonl")?.inode
            #expect(try lab.run(.looprun, ["run", "loop"]).succeeded)
            let aside = try #require(lab.stems(".events.jsonl").first { $0 != "loop" })
            #expect(aside.wholeMatch(of: /loop-\d{8}T\d{6}(-\d+)?/) != nil, "\(aside)")
            #expect(Disk.read("\(lab.running)/\(aside).events.jsonl") == events)
            #expect(Disk.read("\(lab.running)/\(aside).state.json") == state)
            #expect(Disk.status("\(lab.running)/\(aside).events.jsonl")?.inode == inode, "renamed, not copied")
            #expect(lab.events("loop").count { $0.contains("\"loop_start\"") } == 1)
        }
    }
}
