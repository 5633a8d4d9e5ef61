import CLinuxShims
import Glibc

/// What the agent needs to know of other processes; the simulation has its own.
package protocol ProcessTable: Sendable {
    /// The process that has this number now; nil where there is none, or only a dead one that nobody waited for.
    func process(_ pid: Int32) -> ProcessFacts?

    /// When the process that has this number now started, in milliseconds since boot; nil where there is none.
    func start(of pid: Int32) -> Int64?

    /// Milliseconds since boot, also while the machine slept.
    func sinceBoot() -> Int64
}

extension ProcessTable {
    package func start(of pid: Int32) -> Int64? { process(pid)?.started }
}

/// What `/proc` tells of a process.
package struct ProcessFacts: Hashable, Sendable {
    /// When it started, in milliseconds since boot: with the number it names one process for as long as the machine is up.
    package var started: Int64
    /// Its arguments, joined with spaces; nil where they cannot be read.
    package var commandLine: [UInt8]?

    package init(started: Int64, commandLine: [UInt8]?) {
        self.started = started
        self.commandLine = commandLine
    }

    /// Whether this may be an executor of loops; in doubt it is one.
    package var mayBeExecutor: Bool {
        guard let commandLine, !commandLine.isEmpty else { return true }
        return ["ll-loop", "looprun", "little_loops", "little-loops"].contains { word in
            commandLine.contains(sequence: Array(word.utf8))
        }
    }
}

/// The processes of this machine, from `/proc` (proc(5)).
package struct SystemProcessTable: ProcessTable {
    package init() {}

    package func process(_ pid: Int32) -> ProcessFacts? {
        guard let started = start(of: pid) else { return nil }
        let line = read("/proc/\(pid)/cmdline", limit: 65536)?.map { $0 == 0 ? UInt8(ascii: " ") : $0 }
        return ProcessFacts(started: started, commandLine: line)
    }

    package func start(of pid: Int32) -> Int64? {
        guard let fields = fields(of: pid), fields.count > 19, fields[0] != [UInt8(ascii: "Z")],
            fields[0] != [UInt8(ascii: "X")], let ticks = Int64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        return ticks * 1000 / Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }

    /// The processes that this one was started by, from its parent on.
    package func ancestors() -> Set<Int32> {
        var ancestors: Set<Int32> = []
        var pid = getppid()
        while pid > 1, ancestors.insert(pid).inserted {
            guard let fields = fields(of: pid), fields.count > 1 else { break }
            pid = Int32(String(decoding: fields[1], as: UTF8.self)) ?? 0
        }
        return ancestors
    }

    /// The fields of `/proc/PID/stat` from the process's state on.
    private func fields(of pid: Int32) -> [ArraySlice<UInt8>]? {
        guard pid > 0, let stat = read("/proc/\(pid)/stat", limit: 4096) else { return nil }
        // The name in parentheses may hold anything, also parentheses; the fields begin behind the last one.
        guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        return stat[(end + 1)...].split(separator: UInt8(ascii: " "))
    }

    package func sinceBoot() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private func read(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { return nil }
        defer { _ = Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let piece = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                count = max(0, retrying { Glibc.read(descriptor, buffer.baseAddress, 4096) })
            }
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }
}

extension [UInt8] {
    /// Whether these bytes occur somewhere in a row.
    func contains(sequence: [UInt8]) -> Bool {
        guard count >= sequence.count else { return false }
        return (0...(count - sequence.count)).contains { self[$0..<($0 + sequence.count)].elementsEqual(sequence) }
    }
}
