import ArgumentParser
import Logging
import LoopModel
import SyncAgent

/// What every verb takes, before or after it.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The loops directory (default: $LOOPSYNC_LOOPS, else .loops).", valueName: "dir"),
        completion: .directory
    )
    var loops: String?

    @Option(
        help: ArgumentHelp("The sync directory (default: the configuration's mirror.to).", valueName: "dir"),
        completion: .directory
    )
    var sync: String?

    @Option(
        help: ArgumentHelp("The configuration file (default: $LOOPSYNC_CONFIG, see README).", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var config: String?

    @Flag(name: .customLong("json"), help: "Print one JSON document.")
    private var asksForJSON = false

    @Option(
        name: .customLong("color"),
        help: ArgumentHelp("Colours: auto, always or never; NO_COLOR is honoured.", valueName: "when")
    )
    private var colorChoice = ColorChoice.auto

    @Flag(name: [.customShort("q"), .customLong("quiet")], help: "Only errors on standard error.")
    private var asksForQuiet = false

    @Flag(name: [.customShort("v"), .customLong("verbose")], help: "More on standard error.")
    private var verbosity: Int

    /// Whether to print one JSON document; `$LOOPSYNC_JSON`.
    var json: Bool { asksForJSON || Self.isSet("LOOPSYNC_JSON") }

    /// When to use colours; `$LOOPSYNC_COLOR`.
    var color: ColorChoice {
        guard colorChoice == .auto, let word = Environment.value("LOOPSYNC_COLOR") else { return colorChoice }
        return ColorChoice(rawValue: word) ?? .auto
    }

    /// Whether only errors go to standard error; `$LOOPSYNC_QUIET`, unless the command line asks for more.
    var quiet: Bool { asksForQuiet || (verbosity == 0 && Self.isSet("LOOPSYNC_QUIET")) }

    /// Whether more goes to standard error; `$LOOPSYNC_VERBOSE`, unless the command line asks for less.
    private var isVerbose: Bool { verbosity > 0 || (!asksForQuiet && !quiet && Self.isSet("LOOPSYNC_VERBOSE")) }

    /// How much is told on standard error; nil where the configuration decides.
    var logLevel: Logger.Level? {
        if quiet { return .error }
        return isVerbose ? .debug : nil
    }

    func validate() throws {
        if let word = Environment.value("LOOPSYNC_COLOR"), ColorChoice(rawValue: word) == nil {
            let shown = PrintableText.escaping(word.utf8, limit: 60)
            throw ValidationError("LOOPSYNC_COLOR is '\(shown)'; it takes auto, always or never.")
        }
        if asksForQuiet && verbosity > 0 { throw ValidationError("--quiet and --verbose exclude each other.") }
    }

    private static func isSet(_ name: String) -> Bool {
        Environment.value(name).map { !["0", "false", "no"].contains($0) } ?? false
    }
}

/// When to use colours.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}
