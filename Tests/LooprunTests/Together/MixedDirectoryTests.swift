import Glibc
import LoopModel
import TestSupport
import Testing

extension TogetherTests {
    /// A, B and looprun in one loops directory beside the agent.
    @Suite(.serialized)
    struct MixedDirectoryTests {
        private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

        /// How many runs; `LOOPSYNC_MIXED_RUNS=100` for the full length.
        private static let count = variable("LOOPSYNC_MIXED_RUNS").flatMap { Int($0) } ?? 24
        private static let seed = variable("LOOPSYNC_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 1...(.max))

        /// Loops that end in different ways, each of a scope of its own, so that they may run beside each other.
        private static let loops = [
            "plain": """
            initial: a
            states:
              a: {action: "echo one; echo two", capture: x, on_yes: b}
              b: {action: "echo 3", evaluate: {type: output_numeric, operator: ge, target: 2}, on_yes: done, on_no: a}
              done: {terminal: true}
            """,
            "slow": """
            initial: a
            states:
              a: {action: "for i in 1 2 3 4 5; do echo line $i; sleep 0.06; done", on_yes: done}
              done: {terminal: true}
            """,
            "capped": """
            initial: a
            max_iterations: 4
            states:
              a: {action: "false", on_no: a, on_yes: done}
              done: {terminal: true}
            """,
            "failing": """
            initial: a
            states:
              a: {action: "echo 'FATAL_ERROR: no use'", on_yes: done}
              done: {terminal: true}
            """,
        ]
        private static let exits: [String: Int32] = ["plain": 0, "slow": 0, "capped": 1, "failing": 1]

        @Test func `every run of three executors is archived whole and none is disturbed`() throws {
            print("mixed directory of LOOPSYNC_SEED=\(Self.seed)")
            var random = SplitMix(seed: Self.seed)
            let lab = try LoopLab(.b)
            for (name, yaml) in Self.loops { try lab.define(name, yaml) }
            let recorder = try RunRecorder(running: lab.running, keep: lab.directory.path("recorded"))
            defer { recorder.stop() }
            let agent = try lab.agent()

            var lanes: [String: (process: Subprocess, runner: Runner)] = [:]
            var begun: [Runner: Int] = [:]
            var left = Self.count
            while left > 0 || !lanes.isEmpty {
                for (loop, lane) in lanes where !lane.process.isRunning {
                    let end = lane.process.poll()
                    lanes[loop] = nil
                    if Self.isSweptAway(lane) {
                        left += 1
                        continue
                    }
                    #expect(
                        end == .exited(Self.exits[loop] ?? 0),
                        "\(loop) by \(lane.runner.rawValue): \(lane.process.output)\(lane.process.errorOutput)"
                    )
                }
                let idle = Self.loops.keys.sorted().filter { lanes[$0] == nil }
                if left > 0, lanes.count < 2, !idle.isEmpty {
                    let runner = random.pick(Runner.allCases)
                    let loop = random.pick(idle)
                    lanes[loop] = (try lab.start(runner, ["run", loop]), runner)
                    begun[runner, default: 0] += 1
                    left -= 1
                    pause(milliseconds: Int32(random.below(250)))
                }
                pause(milliseconds: 5)
            }
            recorder.catchUp()
            let runs = recorder.runs()
            #expect(runs.count == Self.count, "\(runs)")
            #expect(begun.count == 3)
            for run in runs {
                let lines = String(decoding: run.events, as: UTF8.self).split(separator: "\n")
                #expect(run.starts.count == 1 && lines.last?.contains("\"loop_complete\"") == true, "\(run)")
            }
            _ = eventually(within: .seconds(30), every: 50) { Self.problems(lab, runs).isEmpty }
            #expect(Self.problems(lab, runs) == [], "\(agent.errorOutput)")
            #expect(try lab.loopsync("verify").succeeded)
            #expect(try agent.terminate() == .exited(0))
        }

        /// Whether A died before its run began, because B's start swept away what A was about to archive.
        ///
        /// A looks whether the leftovers are there and then copies them; no lock keeps B's sweep out (executor protocol,
        /// section 7). No agent is needed for that.
        private static func isSweptAway(_ lane: (process: Subprocess, runner: Runner)) -> Bool {
            let text = lane.process.output + lane.process.errorOutput
            return lane.runner == .a && text.contains("in archive_run") && text.contains("FileNotFoundError")
        }

        /// The runs that the history has not once, with the bytes that their executor wrote.
        private static func problems(_ lab: LoopLab, _ runs: [RecordedRun]) -> [String] {
            let tree = TreeSnapshot(of: lab.history)
            let places = tree.files.filter { $0.hasSuffix("/events.jsonl") }
            var known: Set<String> = []
            return runs.compactMap { run in
                let own = places.filter { tree[$0] == run.events }
                known.formUnion(own)
                guard own.count == 1 else { return "\(own.count) times: \(run) at \(own)" }
                let states = own.map { tree[$0.replacing("events.jsonl", with: "state.json")] }
                let isSame = states.allSatisfy { $0 == run.state || settled($0) == settled(run.state) }
                return isSame
                    ? nil
                    : "another state: \(run) at \(own): \(states.map { $0.map { String(decoding: $0, as: UTF8.self) } })"
            } + places.filter { !known.contains($0) }.map { "of no run: \($0)" }
        }

        /// What the first and the last save of a finished run have alike: between the two B's start may sweep it away.
        private static func settled(_ state: [UInt8]?) -> JSONObject? {
            guard var object = state.flatMap({ try? JSONValue(parsing: $0) })?.objectValue else { return nil }
            for key: JSONString in ["updated_at", "accumulated_ms", "retry_counts", "pid"] { object[key] = nil }
            return object
        }
    }
}
