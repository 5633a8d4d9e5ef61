import TestSupport

/// One run of the real program, in a home of its own.
struct CommandRun {
    /// The exit status; -1 after a signal.
    let status: Int32
    let output: String
    let errorOutput: String

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - arguments: after the program's name.
    ///   - directory: where, and its home; a temporary one by default.
    ///   - environment: variables beside the few that every test has.
    ///   - wrapper: a command that runs it.
    init(
        _ arguments: [String],
        in directory: String? = nil,
        environment: [String: String] = [:],
        under wrapper: [String] = []
    ) throws {
        let temporary = try TemporaryDirectory()
        let directory = directory ?? temporary.path
        var variables = ["PATH": "/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8", "TZ": "UTC"]
        variables.merge(environment) { _, new in new }
        let finished = try Subprocess.run(
            wrapper + [try BuiltProduct.loopsync()] + arguments,
            in: directory,
            environment: variables
        )
        status = if case .exited(let status) = finished.termination { status } else { -1 }
        output = finished.output
        errorOutput = finished.errorOutput
    }
}
