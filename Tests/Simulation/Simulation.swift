/// One simulated history of a machine, from an empty disk until everybody is at rest.
package struct Simulation {
    /// What came of it.
    package struct Result {
        package var seed: UInt64
        package var violations: [String]
        /// What happened, turn by turn; empty unless asked for.
        package var trace: [String]
        package var turns: Int
        package var runs: Int
    }

    /// Runs what a seed determines.
    package static func run(seed: UInt64, isTracing: Bool = false) -> Result {
        run(Scenario(seed: seed), isTracing: isTracing)
    }

    static func run(_ scenario: Scenario, isTracing: Bool = false) -> Result {
        let world = World(scenario)
        world.isTracing = isTracing
        world.run()
        defer { world.end() }
        return Result(
            seed: scenario.seed,
            violations: world.violations,
            trace: world.log,
            turns: world.turns,
            runs: world.ledger.runs.count
        )
    }
}
