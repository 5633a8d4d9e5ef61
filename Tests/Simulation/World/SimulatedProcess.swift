import LoopModel
import LoopStore

/// A process of the simulated machine.
final class SimulatedProcess {
    let pid: Int32
    let started: Int64
    let commandLine: String
    private(set) var isAlive = true
    /// How many operations it has asked the disk for.
    var operations = 0

    init(pid: Int32, started: Int64, commandLine: String) {
        self.pid = pid
        self.started = started
        self.commandLine = commandLine
    }

    func die() { isAlive = false }
}

/// The processes of the simulated machine, as the agent asks for them.
final class SimulatedProcesses: ProcessTable, @unchecked Sendable {  // confined to the simulation's thread
    private(set) var all: [Int32: SimulatedProcess] = [:]
    private var next: Int32 = 100
    /// Milliseconds since the machine's start.
    var steady: () -> Int64 = { 0 }

    func start(_ commandLine: String) -> SimulatedProcess {
        next += 1
        let process = SimulatedProcess(pid: next, started: steady(), commandLine: commandLine)
        all[next] = process
        return process
    }

    func isAlive(_ pid: Int32) -> Bool { all[pid]?.isAlive == true }

    func process(_ pid: Int32) -> ProcessFacts? {
        guard let process = all[pid], process.isAlive else { return nil }
        return ProcessFacts(started: process.started, commandLine: Array(process.commandLine.utf8))
    }

    func sinceBoot() -> Int64 { steady() }
}
