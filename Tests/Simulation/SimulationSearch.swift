import LoopModel
import Synchronization

@testable import SyncAgent

/// Tries many seeds on two threads, each with worlds of its own.
package struct SimulationSearch {
    /// A seed that broke a promise.
    package struct Failure: Sendable {
        package var seed: UInt64
        package var violations: [String]

        /// The seed with what it broke, for a line of output.
        package var description: String { "seed \(seed): \(violations.joined(separator: "; "))" }
    }

    /// What came of all of them.
    package struct Outcome: Sendable {
        package var failures: [Failure] = []
        package var count: UInt64 = 0
        package var turns = 0
        package var runs = 0
        /// Failures that are known and open.
        package var open: [Failure] = []

        /// One line for people.
        package var summary: String {
            "\(count) interleavings, \(runs) runs, \(turns) turns, \(failures.count) failures, \(open.count) known and open"
        }
    }

    private let first: UInt64
    private let count: UInt64
    private let seconds: Double?
    private let stopsAtFirst: Bool

    /// - Parameters:
    ///   - first: the first seed.
    ///   - count: how many of them.
    ///   - seconds: stop after that time; then `count` does not matter.
    ///   - stopsAtFirst: whether one failure is enough.
    package init(from first: UInt64, count: UInt64, seconds: Double? = nil, stopsAtFirst: Bool = false) {
        self.first = first
        self.count = seconds == nil ? count : .max / 2
        self.seconds = seconds
        self.stopsAtFirst = stopsAtFirst
    }

    /// Tries them.
    package func run() -> Outcome {
        let shared = Shared(next: first, end: first + count)
        let deadline = seconds.map { ContinuousClock.now + .seconds($0) }
        let threads = (0..<2).map { _ in
            Thread(name: "simulation") { [stopsAtFirst] in
                while let seed = shared.take() {
                    shared.add(Simulation.run(seed: seed), stopsAtFirst)
                    if let deadline, ContinuousClock.now > deadline { shared.stop() }
                }
            }
        }
        for thread in threads { thread.join() }
        return shared.outcome
    }

    private final class Shared: Sendable {
        private let state: Mutex<(next: UInt64, end: UInt64, outcome: Outcome)>

        init(next: UInt64, end: UInt64) {
            state = Mutex((next, end, Outcome()))
        }

        func take() -> UInt64? {
            state.withLock { state in
                guard state.next < state.end else { return nil }
                defer { state.next += 1 }
                return state.next
            }
        }

        func add(_ result: Simulation.Result, _ stopsAtFirst: Bool) {
            state.withLock { state in
                state.outcome.count += 1
                state.outcome.turns += result.turns
                state.outcome.runs += result.runs
                guard !result.violations.isEmpty else { return }
                let failure = Failure(seed: result.seed, violations: result.violations)
                guard Simulation.knownOpen[result.seed] == nil else { return state.outcome.open.append(failure) }
                state.outcome.failures.append(failure)
                if stopsAtFirst || state.outcome.failures.count >= 20 { state.end = state.next }
            }
        }

        func stop() { state.withLock { $0.end = $0.next } }

        var outcome: Outcome {
            state.withLock { state in
                state.outcome.failures.sort { $0.seed < $1.seed }
                return state.outcome
            }
        }
    }
}

extension Simulation {
    /// The mistakes that can be made on purpose.
    package static var defects: [String] { Defect.allCases.map(\.rawValue) }

    /// Makes one in everything that follows; false where this build cannot.
    package static func make(defect name: String) -> Bool {
        #if LOOPSYNC_DEFECTS
            guard let defect = Defect(rawValue: name) else { return false }
            Defect.current = defect
            return true
        #else
            return false
        #endif
    }
}
