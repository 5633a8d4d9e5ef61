import TestSupport

/// Runs programs under strace, which sees their calls of the system and can make one of them fail.
enum FaultInjector {
    private static let strace = "/usr/bin/strace"

    /// Whether this machine lets a process trace another.
    static let isAllowed =
        (try? Subprocess.run([strace, "-f", "-qq", "--seccomp-bpf", "-e", "trace=fsync", "/bin/true"]).succeeded)
        ?? false

    /// Runs a program undisturbed and lists its calls.
    ///
    /// - Parameters:
    ///   - place: calls count from the first one that mentions this path, so that the start of a process is left out;
    ///     writes also where they go to standard output.
    ///   - log: a file to write.
    /// - Returns: how it ended, and each call that may fail.
    static func points(
        of command: [String],
        environment: [String: String],
        place: String,
        log: String
    ) throws -> (Subprocess.Finished, [FaultPoint]) {
        let names = CallGroup.allCases.flatMap(\.calls).map { "?\($0)" }.joined(separator: ",")
        let done = try Subprocess.run(
            [strace, "-f", "-qq", "--seccomp-bpf", "-y", "-s", "0", "-e", "signal=none", "-o", log]
                + ["-e", "trace=\(names)"] + command,
            in: "/",
            environment: environment
        )
        var counts: [String: Int] = [:]
        var points: [FaultPoint] = []
        var isBegun = false
        var process: Substring?
        for line in (Disk.text(log) ?? "").split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let end = line.firstIndex(of: "(") else { continue }
            let text = parts[1].drop { $0 == " " }
            guard !text.hasPrefix("<") else { continue }
            // A fault is counted in each thread for itself, and one-shots have but one.
            if process == nil { process = parts[0] }
            guard parts[0] == process else { throw TestSupportError("a second thread: \(line)") }
            let call = String(text[..<end])
            counts[call, default: 0] += 1
            isBegun = isBegun || text.contains(place)
            guard let group = CallGroup.allCases.first(where: { $0.calls.contains(call) }) else { continue }
            let isTalk = text.hasPrefix("write(2<")
            guard isBegun, !isTalk else { continue }
            let short = text.replacing(place, with: "").prefix(200)
            points.append(FaultPoint(group: group, call: call, number: counts[call] ?? 0, line: String(short)))
        }
        return (done, points)
    }

    /// Runs a program and lets one call go wrong.
    ///
    /// - Returns: how it ended, and the call that went wrong; nil where it did not come to that.
    static func run(
        _ command: [String],
        environment: [String: String],
        _ fault: Fault,
        at point: FaultPoint,
        log: String
    ) throws -> (Subprocess.Finished, hit: String?) {
        try Disk.remove(log)
        let done = try Subprocess.run(
            // A signal can only be sent where every call is looked at.
            [strace, "-f", "-qq"] + (fault == .killed ? [] : ["--seccomp-bpf"])
                + [
                    "-y", "-s", "0", "-e", "signal=none", "-o", log, "-e", "trace=\(point.call)", "-e",
                    "inject=\(point.call):\(fault.injection):when=\(point.number)",
                ]
                + command,
            in: "/",
            environment: environment
        )
        // What a signal ends is not marked; it is the last call.
        let lines = (Disk.text(log) ?? "").split(separator: "\n").filter { $0.contains("\(point.call)(") }
        let hit = fault == .killed ? lines.last : lines.first { $0.hasSuffix("(INJECTED)") }
        return (done, hit.map(String.init))
    }
}
