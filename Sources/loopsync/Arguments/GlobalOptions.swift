import ArgumentParser
import Logging

/// What every verb takes, before or after it.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The loops directory (default: $LOOPSYNC_LOOPS, else .loops).", valueName: "dir"))
    var loops: String?

    @Option(help: ArgumentHelp("The sync directory (default: the configuration's mirror.to).", valueName: "dir"))
    var sync: String?

    @Option(help: ArgumentHelp("The configuration file (default: $LOOPSYNC_CONFIG, see README).", valueName: "file"))
    var config: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @Option(help: ArgumentHelp("Colours: auto, always or never; NO_COLOR is honoured.", valueName: "when"))
    var color = ColorChoice.auto

    @Flag(name: .shortAndLong, help: "Only errors on standard error.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "More on standard error.")
    var verbose: Int

    /// How much is told on standard error; nil where the configuration decides.
    var logLevel: Logger.Level? {
        if quiet { return .error }
        return verbose > 0 ? .debug : nil
    }

    func validate() throws {
        if quiet && verbose > 0 { throw ValidationError("--quiet and --verbose exclude each other.") }
    }
}

/// When to use colours.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}
