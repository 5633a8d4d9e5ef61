import Glibc
import Synchronization

/// A running `loopsync --watch`.
package final class AgentProcess: Sendable {
    private let arguments: [String]
    private let environment: [String: String]
    private let directory: String
    private let ready: String
    private let current: Mutex<Subprocess>
    private let log = Mutex<[String]>([])

    /// Starts an agent and waits until it watches.
    ///
    /// - Parameters:
    ///   - watching: loops directories.
    ///   - sync: the sync directory.
    ///   - configuration: a configuration file; by default the built-in settings, whatever the user has.
    ///   - directory: where it runs; also its home, so that no file of the user is read.
    ///   - ready: a text of its log that says it is ready.
    ///   - further: more arguments.
    ///   - wrapper: a command that runs the agent, such as one that limits it; its process has to become the agent.
    package init(
        watching: [String],
        sync: String? = nil,
        configuration: String? = nil,
        in directory: String,
        ready: String = " watching ",
        further: [String] = [],
        under wrapper: [String] = []
    ) throws {
        var arguments = wrapper + [try BuiltProduct.loopsync(), "--watch"] + watching
        if let sync { arguments += ["--sync", sync] }
        if let configuration { arguments += ["--config", configuration] }
        arguments += further
        self.arguments = arguments
        self.directory = directory
        self.ready = ready
        environment = [
            "PATH": "/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8", "TZ": "UTC",
            "XDG_CONFIG_HOME": "\(directory)/.config",
        ]
        current = Mutex(try Subprocess(arguments, in: directory, environment: environment))
        try waitUntilReady()
    }

    private func waitUntilReady() throws {
        let process = process
        _ = eventually(within: .seconds(30)) { process.errorOutput.contains(ready) || !process.isRunning }
        guard process.isRunning, process.errorOutput.contains(ready) else {
            throw TestSupportError(
                "\(arguments.joined(separator: " ")) did not get ready: \(process.poll()?.description ?? "still runs")\n"
                    + process.errorOutput
            )
        }
    }

    /// The process, for signals.
    package var process: Subprocess { current.withLock { $0 } }

    /// What all its processes so far wrote to standard error.
    package var errorOutput: String {
        (log.withLock { $0 } + [process.errorOutput]).joined()
    }

    /// The most memory that the process had at any time, in bytes; nil where it has ended.
    package var peakMemory: Int? {
        let lines = Disk.text("/proc/\(process.pid)/status")?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("VmHWM:") }.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 }
    }

    /// Ends it as systemd does.
    ///
    /// - Returns: how it ended; it has to within 2 s by its own promise, and gets more here for a loaded machine.
    @discardableResult
    package func terminate(within limit: Duration = .seconds(10)) throws -> Termination {
        process.signal(SIGTERM)
        return try process.wait(within: limit)
    }

    /// Kills it without warning.
    package func kill9() throws {
        try process.kill9()
    }

    /// Starts it again after its end.
    ///
    /// - Parameter waiting: whether to wait until it watches.
    package func restart(waiting: Bool = true) throws {
        if process.isRunning { try terminate() }
        let before = process.errorOutput
        log.withLock { $0.append(before) }
        let next = try Subprocess(arguments, in: directory, environment: environment)
        current.withLock { $0 = next }
        if waiting { try waitUntilReady() }
    }
}
