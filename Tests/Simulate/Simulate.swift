import Glibc
import Simulation

/// Runs simulated histories: by default some thousands, otherwise one, with all that happened.
///
/// - `--from N --count N`: these seeds, on both cores.
/// - `--seconds N`: as many as that time allows, from `--from` on.
/// - `--seed N`: one seed, with the trace of the smallest scenario that breaks the same promise, or, with `--whole`, of
///   the one that the seed stands for.
/// - `--defect NAME`: with a mistake made on purpose, until it is found; exits with 0 then.
/// - `--defects`: the names of all mistakes.
@main
struct Simulate {
    private var first: UInt64 = 1
    private var count: UInt64 = 5000
    private var seconds: Double?
    private var single: UInt64?
    private var isWhole = false
    private var defect: String?

    static func main() {
        var simulate = Simulate()
        exit(simulate.run(Array(CommandLine.arguments.dropFirst())))
    }

    private mutating func run(_ arguments: [String]) -> Int32 {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--from": first = rest.popFirst().flatMap { UInt64($0) } ?? first
            case "--count": count = rest.popFirst().flatMap { UInt64($0) } ?? count
            case "--seconds": seconds = rest.popFirst().flatMap { Double($0) }
            case "--seed": single = rest.popFirst().flatMap { UInt64($0) }
            case "--whole": isWhole = true
            case "--defect": defect = rest.popFirst()
            case "--defects":
                for name in Simulation.defects { print(name) }
                return 0
            default:
                print("unknown argument: \(argument)")
                return 64
            }
        }
        if let single { return trace(single) }
        if let defect { return find(defect) }
        return search()
    }

    private func trace(_ seed: UInt64) -> Int32 {
        let result = isWhole ? Simulation.run(seed: seed, isTracing: true) : Simulation.shrink(seed: seed)
        for line in result.trace { print(line) }
        for violation in result.violations { print("seed \(seed): \(violation)") }
        return result.violations.isEmpty ? 0 : 1
    }

    private func search() -> Int32 {
        let outcome = SimulationSearch(from: first, count: count, seconds: seconds).run()
        for failure in outcome.failures.prefix(20) { print(failure.description) }
        for failure in outcome.open { print("known and open: \(failure.description)") }
        print(outcome.summary)
        return outcome.failures.isEmpty ? 0 : 1
    }

    private func find(_ name: String) -> Int32 {
        guard Simulation.make(defect: name) else {
            print("no such mistake, or a build without them (LOOPSYNC_DEFECTS=1 makes one that has them): \(name)")
            return 64
        }
        let outcome = SimulationSearch(from: first, count: count, seconds: seconds, stopsAtFirst: true).run()
        guard let failure = outcome.failures.first else {
            print("\(name): not found in \(outcome.count) runs")
            return 1
        }
        print("\(name): found by seed \(failure.seed): \(failure.violations.joined(separator: "; "))")
        return 0
    }
}
