/// What is known of the processes that may still write a run.
package struct OwnerEvidence: Sendable, Hashable {
    /// A verdict on the owner; in doubt there is one.
    package enum Verdict: Sendable, Hashable {
        /// A process that was seen for this run runs.
        case alive
        /// Its `.lock` and `.pid` were seen to go, while a process of it still runs: it is on its way out.
        case leaving
        /// Every process ever seen for this run is dead, or its tokens went and none was seen.
        case dead
        /// No process was ever seen.
        case unknown
    }

    /// The processes seen, with their start in milliseconds since boot; nil: dead at first sight.
    package private(set) var processes: [Int32: Int64?] = [:]
    /// Whether a `.lock` or `.pid` was there at some time.
    package private(set) var tokensSeen = false
    /// Whether one is there now.
    package private(set) var tokensPresent = false
    private var alive: Set<Int32> = []

    package init() {}

    /// A `.pid` or `.lock` as it stands now.
    package struct Token: Sendable, Hashable {
        package var pid: Int32?
        /// When it was written, in milliseconds since boot.
        package var written: Int64

        package init(pid: Int32?, written: Int64) {
            self.pid = pid
            self.written = written
        }
    }

    /// What the system says of a process now.
    package struct Process: Sendable, Hashable {
        /// Its start in milliseconds since boot.
        package var started: Int64
        package var mayBeExecutor: Bool

        package init(started: Int64, mayBeExecutor: Bool) {
            self.started = started
            self.mayBeExecutor = mayBeExecutor
        }
    }

    /// A process cannot have written a token before it started; clocks differ by up to this (milliseconds).
    private static let tolerance: Int64 = 2000

    /// Takes a look at the run's tokens and at the system's processes.
    ///
    /// - Parameters:
    ///   - tokens: the run's `.pid` and `.lock`.
    ///   - statePid: `pid` of the state, with the time the state was written, milliseconds since boot.
    ///   - processes: the system's answer for every pid named by those or seen before; absent means dead.
    package mutating func look(tokens: [Token], statePid: Token?, processes system: [Int32: Process]) {
        tokensPresent = !tokens.isEmpty
        tokensSeen = tokensSeen || tokensPresent
        for token in tokens + (statePid.map { [$0] } ?? []) {
            guard let pid = token.pid else { continue }
            // A pid that is seen again after its process died may name the next one.
            if let known = processes[pid], known != nil, alive.contains(pid) { continue }
            if let found = system[pid], found.mayBeExecutor, found.started <= token.written + Self.tolerance {
                processes[pid] = .some(found.started)
            } else if processes[pid] == nil {
                processes[pid] = .some(nil)
            }
        }
        alive = Set(
            processes.compactMap { pid, started in
                guard let started, system[pid]?.started == started else { return nil }
                return pid
            }
        )
    }

    /// Whether the processes that were alive at the last look still are, by their start times.
    package func isStill(_ start: (Int32) -> Int64?) -> Bool {
        !alive.isEmpty && alive.allSatisfy { pid in processes[pid].flatMap(\.self) == start(pid) }
    }

    /// The pids whose fate decides.
    package var pids: Set<Int32> { Set(processes.keys) }

    package var verdict: Verdict {
        if tokensSeen, !tokensPresent { return alive.isEmpty ? .dead : .leaving }
        if !alive.isEmpty { return .alive }
        return processes.isEmpty ? .unknown : .dead
    }
}
