import ArgumentParser
import Glibc

/// What every verb takes.
struct PlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The loops directory (default: $LOOPSYNC_LOOPS, else .loops).", valueName: "dir"))
    var loops: String?

    @Flag(help: "JSON: one document, or for run and resume one line per event.")
    var json = false

    /// The loops directory's path.
    var directory: String { loops ?? Environment.value("LOOPSYNC_LOOPS") ?? ".loops" }
}

/// What both verbs take that run a loop.
struct RunOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A value for ${context.KEY}; may be given again.", valueName: "key=value")
    )
    var context: [String] = []

    @Option(help: ArgumentHelp("Pause after each transition, in place of the loop's back-off.", valueName: "seconds"))
    var delay: Double?

    @Option(
        help: ArgumentHelp("Sets LL_HANDOFF_THRESHOLD for the actions, from 1 to 100.", valueName: "percent")
    )
    var handoffThreshold: Int?

    @Option(
        help: ArgumentHelp("The program for prompts (default: $LOOPRUN_CLAUDE, else claude).", valueName: "command")
    )
    var claude: String?

    @Flag(help: "Have every event and state on the disk before the loop goes on.")
    var fsync = false

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    func validate() throws {
        if let pair = context.first(where: { !$0.contains("=") }) {
            throw ValidationError("--context '\(pair)' is no KEY=VALUE.")
        }
        if let delay, !delay.isFinite || delay < 0 { throw ValidationError("--delay needs seconds from 0 on.") }
        if let handoffThreshold, !(1...100).contains(handoffThreshold) {
            throw ValidationError("--handoff-threshold needs a number from 1 to 100.")
        }
        if claude?.split(separator: " ").isEmpty == true { throw ValidationError("--claude names no program.") }
    }

    /// The program for prompts, with its first arguments.
    var claudeCommand: [String] {
        let words = (claude ?? Environment.value("LOOPRUN_CLAUDE") ?? "claude").split(separator: " ").map(String.init)
        return words.isEmpty ? ["claude"] : words
    }

    /// The pairs of `--context`, without white space around keys and values.
    var contextPairs: [(key: String, value: String)] {
        context.map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.trimmed(parts[0]), Self.trimmed(parts.count > 1 ? parts[1] : ""))
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

/// The process's environment.
enum Environment {
    /// A variable's value; nil where it is not set or empty.
    static func value(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
