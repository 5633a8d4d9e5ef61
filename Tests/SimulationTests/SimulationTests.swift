import Simulation
import Testing

@testable import Simulation

@Suite struct SimulationTests {
    @Test func `some hundred histories break no promise`() {
        let outcome = SimulationSearch(from: 1_000_000, count: 300).run()
        #expect(outcome.failures.map(\.description) == [])
        #expect(outcome.runs > 300)
    }

    @Test func `a seed gives the same history every time`() {
        for seed in UInt64(1)...5 {
            let first = Simulation.run(seed: seed, isTracing: true)
            #expect(!first.trace.isEmpty)
            #expect(Simulation.run(seed: seed, isTracing: true).turns == first.turns)
        }
    }
}
