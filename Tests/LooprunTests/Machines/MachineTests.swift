import Glibc
import TestSupport
import Testing

/// Random loops: A and looprun leave the same files.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct MachineTests {
    /// How many; `LOOPSYNC_MACHINES=500` for all.
    private static let count = variable("LOOPSYNC_MACHINES").flatMap { Int($0) } ?? 60

    /// The first seed; `LOOPSYNC_SEED` goes on from another.
    private static let seed = variable("LOOPSYNC_SEED").flatMap { UInt64($0) } ?? 1

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    @Test func `random machines take the same way`() throws {
        var failures = 0
        for begin in stride(from: 0, to: Self.count, by: 30) {
            let seeds = (begin..<min(begin + 30, Self.count)).map { Self.seed + UInt64($0) }
            let machines = seeds.map { Machine(seed: $0) }
            let outcomes = try BothExecutors.run(zip(seeds, machines).map { $1.loopCase("seed \($0)") })
            for ((seed, machine), outcome) in zip(zip(seeds, machines), outcomes) {
                guard let found = Self.difference(outcome) else { continue }
                failures += 1
                let small = failures > 3 ? machine : try Self.shrink(machine)
                Issue.record("seed \(seed): \(found)\n\(small.yaml)")
            }
        }
    }

    /// Most machines have to do something, or their agreement says nothing.
    @Test func `random machines reach every kind of end`() throws {
        let machines = (1...60).map { Machine(seed: $0).loopCase("seed \($0)") }
        let events = try BothExecutors.run(machines).map(\.a.events)
        #expect(events.count { $0.count > 8 } > 20)
        let all = events.joined().joined(separator: "\n")
        let ends = ["terminal", "max_iterations", "error", "signal"].map { "\"terminated_by\": \"\($0)\"" }
        let words = [
            "handoff_detected", "retry_exhausted", "\"maintain\"", "\"convergence\"", "\"output_json\"",
            "\"output_contains\"",
        ]
        #expect((ends + words).filter { !all.contains($0) } == [])
    }

    private static func difference(_ outcome: BothExecutors.Outcome) -> String? {
        outcome.a.difference(from: outcome.looprun.withoutContext)
    }

    /// Leaves out what can be left out while A and looprun still differ.
    private static func shrink(_ machine: Machine) throws -> Machine {
        var best = machine
        for _ in 0..<40 {
            let smaller = best.smaller
            let outcomes = try BothExecutors.run(smaller.map { $0.loopCase("shrinking") })
            // A definition that is refused differs for another reason.
            let next = zip(smaller, outcomes).first { !$1.a.events.isEmpty && difference($1) != nil }
            guard let next else { break }
            best = next.0
        }
        return best
    }
}
