import TestSupport
import Testing

extension FaultTests {
    /// Every call that a command makes fails once, in each way, or is the last one before a kill.
    ///
    /// What is on the disk comes from a real executor; a normal test run makes a fixed part of all trials.
    @Suite(.serialized, .enabled(if: FaultInjector.isAllowed, "needs ptrace: strace cannot trace here"))
    struct InjectedFaultTests {
        /// Which part; prime to the number of faults, so that neighbouring calls fail in different ways.
        private static let stride = FaultTests.every == nil ? 127 : 1

        @Test func `a call that fails beside files of A is told, hurts nothing, and the next run does the rest`() throws
        {
            try expectHealing(.a)
        }

        @Test func `a call that fails beside files of B is told, hurts nothing, and the next run does the rest`() throws
        {
            try expectHealing(.b)
        }

        private func expectHealing(_ executor: Executor) throws {
            let stage = try FaultStage(executor)
            let named = FaultStage.Scene.allCases.filter { $0.rawValue == FaultTests.every }
            for scene in named.isEmpty ? FaultStage.Scene.allCases : named {
                let trial = try FaultTrial(scene, on: stage)
                let all = trial.points.flatMap { point in
                    Fault.allCases.filter { $0.canHappen(at: point) }.map { (point, $0) }
                }
                var counts: [Fault: Int] = [:]
                for number in Swift.stride(from: 0, to: all.count, by: Self.stride) {
                    let (point, fault) = all[number]
                    let problems = try trial.problems(of: fault, at: point)
                    #expect(problems == [], "\(scene.rawValue) of \(executor), \(fault) at \(point)")
                    counts[fault, default: 0] += 1
                }
                let groups = CallGroup.allCases.map { group in
                    "\(trial.points.count { $0.group == group }) \(group.rawValue)"
                }
                let made = Fault.allCases.map { "\(counts[$0, default: 0]) \($0)" }
                print(
                    "faults: \(scene.rawValue) of \(executor): calls: \(groups.joined(separator: ", "));",
                    "trials: \(made.joined(separator: ", "))"
                )
            }
        }
    }
}
