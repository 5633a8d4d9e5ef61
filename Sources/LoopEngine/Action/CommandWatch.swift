import Glibc

/// Follows one process to its end on the calling thread: reads both its outputs, and keeps its time.
struct CommandWatch {
    private let timeout: Double
    private let grace: Double
    /// Readable once the command is to be ended.
    private let wake: Int32

    private var output = LineSplitter()
    private var errorOutput = LineSplitter()
    private var outputIsOpen = true
    private var errorOutputIsOpen = true
    private var hasEnded = false
    private var stage = Stage.running
    private let start = Moment.now()

    /// How far the command is on its way to its end.
    private enum Stage {
        /// Until its time is over.
        case running
        /// Its group was asked to end, and is killed at this time.
        case ending(until: Double)
        /// Its group was killed; what a process that left the group keeps open is not waited for any longer than this.
        case killed(until: Double, isTimeout: Bool)
    }

    /// How long to wait for the rest of what a killed group wrote.
    private static let rest = 1.0
    /// How long standard error may stay open after all else has ended, as in the specification.
    private static let errorPatience = 5.0

    /// What is found at the end.
    struct Ended {
        let output: String
        let errorOutput: String
        let isTimeout: Bool
        /// In seconds.
        let duration: Double
    }

    init(timeout: Double, grace: Double, wake: Int32) {
        self.timeout = timeout
        self.grace = grace
        self.wake = wake
    }

    /// Returns when the process has ended and nobody holds its standard output open any more.
    ///
    /// - Throws: what `onLine` throws; the group is killed then.
    mutating func follow(_ process: borrowing SpawnedProcess, onLine: (String) throws -> Void) throws -> Ended {
        do {
            while let deadline = nextDeadline() {
                try look(at: process, until: deadline, onLine: onLine)
                advance(process)
            }
            try output.finish { try onLine(String(decoding: $0, as: UTF8.self)) }
        } catch {
            process.signalGroup(SIGKILL)
            throw error
        }
        // Who was asked to end and did not may have closed its output.
        if case .ending = stage { process.signalGroup(SIGKILL) }
        var isTimeout = false
        if case .killed(_, isTimeout: true) = stage { isTimeout = true }
        return Ended(
            output: String(decoding: output.text, as: UTF8.self),
            errorOutput: String(decoding: errorOutput.text, as: UTF8.self),
            isTimeout: isTimeout,
            duration: Moment.now() - start
        )
    }

    private var errorDeadline: Double?

    /// When to look again at the latest; nil when there is nothing more to wait for.
    private mutating func nextDeadline() -> Double? {
        if hasEnded, !outputIsOpen {
            guard errorOutputIsOpen else { return nil }
            let deadline = errorDeadline ?? Moment.now() + Self.errorPatience
            errorDeadline = deadline
            if deadline <= Moment.now() { return nil }
        }
        switch stage {
        // The command's own time is over once it has ended.
        case .running: return errorDeadline ?? start + timeout
        case .ending(let until): return min(until, errorDeadline ?? .infinity)
        case .killed(let until, _): return until <= Moment.now() ? nil : min(until, errorDeadline ?? .infinity)
        }
    }

    private mutating func advance(_ process: borrowing SpawnedProcess) {
        let now = Moment.now()
        switch stage {
        case .running:
            guard now >= start + timeout, !(hasEnded && !outputIsOpen) else { return }
            process.signalGroup(SIGKILL)
            stage = .killed(until: now + Self.rest, isTimeout: true)
        case .ending(let until):
            guard now >= until else { return }
            process.signalGroup(SIGKILL)
            stage = .killed(until: now + Self.rest, isTimeout: false)
        case .killed: break
        }
    }

    private mutating func look(
        at process: borrowing SpawnedProcess,
        until deadline: Double,
        onLine: (String) throws -> Void
    ) throws {
        var isRunning = false
        if case .running = stage { isRunning = true }
        // poll(2) leaves out what has a negative number.
        var descriptors = [
            pollfd(fd: outputIsOpen ? process.output : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errorOutputIsOpen ? process.errorOutput : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: hasEnded ? -1 : process.ended, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isRunning ? wake : -1, events: Int16(POLLIN), revents: 0),
        ]
        var patience = Moment.milliseconds(until: deadline)
        // Without a descriptor for the end it has to be asked for.
        if process.ended < 0, !hasEnded { patience = min(patience, 20) }
        guard poll(&descriptors, nfds_t(descriptors.count), patience) >= 0 else { return }
        if descriptors[3].revents != 0 {
            process.signalGroup(SIGTERM)
            // A stopped process takes no other signal.
            process.signalGroup(SIGCONT)
            stage = .ending(until: Moment.now() + grace)
        }
        if descriptors[0].revents != 0 {
            outputIsOpen = try read(process.output) { bytes in
                try output.take(bytes) { try onLine(String(decoding: $0, as: UTF8.self)) }
            }
        }
        if descriptors[1].revents != 0 {
            errorOutputIsOpen = read(process.errorOutput) { errorOutput.take($0) { _ in } }
        }
        if descriptors[2].revents != 0 || (process.ended < 0 && !hasEnded) { hasEnded = process.hasEnded }
    }

    /// Reads what is there; false at the end.
    private func read(_ descriptor: Int32, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows -> Bool {
        try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 { return errno == EINTR || errno == EAGAIN }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return count > 0
        }
    }
}

/// Seconds of the clock that nobody sets.
enum Moment {
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// For poll(2): rounded up, so that nobody looks too early again and again.
    static func milliseconds(until deadline: Double) -> Int32 {
        let left = ((deadline - now()) * 1000).rounded(.up)
        return left <= 0 ? 0 : left >= 3_600_000 ? 3_600_000 : Int32(left)
    }
}
