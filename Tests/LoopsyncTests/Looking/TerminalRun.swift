import TestSupport

/// One run of the real program on a terminal of its own.
enum TerminalRun {
    /// - Parameters:
    ///   - arguments: after the program's name; plain words, since a shell reads them.
    ///   - directory: where.
    ///   - columns: the terminal's width.
    ///   - environment: variables beside the few that every test has.
    /// - Returns: what came to the terminal, with plain newlines.
    static func output(
        _ arguments: [String],
        in directory: String,
        columns: Int,
        environment: [String: String] = [:]
    ) throws -> String {
        var variables = ["PATH": "/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "xterm"]
        variables.merge(environment) { _, new in new }
        let words = ([try BuiltProduct.loopsync()] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let command = "stty cols \(columns) rows 24 -opost; exec \(words)"
        let finished = try Subprocess.run(
            ["/usr/bin/script", "-qec", command, "/dev/null"],
            in: directory,
            environment: variables
        )
        return finished.output.replacing("\r\n", with: "\n")
    }
}
