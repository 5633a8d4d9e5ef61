import ArgumentParser
import LoopModel
import SyncAgent
import YAMLReading

/// `loopsync config`: the configuration file.
struct ConfigCommand: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "config",
        _superCommandName: "loopsync",
        abstract: "Write, check and show the configuration.",
        version: Version.text,
        subcommands: [ConfigInitCommand.self, ConfigCheckCommand.self, ConfigShowCommand.self]
    )
}

/// `loopsync config check`.
struct ConfigCheckCommand: Verb {
    static let configuration = verb(
        "config check",
        "[FILE]",
        abstract: "Read the configuration file and report everything that is wrong with it.",
        discussion: """
            Without FILE, the one that counts here is read: --config, else
            $LOOPSYNC_CONFIG, else loopsync.yaml beside the loops directory, else
            ~/.config/loopsync/config.yaml. Problems are printed as FILE:LINE:COLUMN, all
            at once, and the status is then 78. The directories that it lists are looked
            at too, as an agent would.

            JSON: file, valid, watch, layout, mirror, retention, time_zone, notices,
            problems (line, column, message).

            Examples:
              loopsync config check
              loopsync config check Config/loopsync.yaml
            """
    )

    @Argument(
        help: ArgumentHelp("The file to check.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var file: String?

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func validate() throws {
        if file != nil && global.config != nil { throw ValidationError("Give FILE or --config FILE, not both.") }
    }

    func perform() throws -> ExitStatus {
        var options = global
        options.config = file ?? global.config
        do {
            let loops = global.loops ?? Environment.value("LOOPSYNC_LOOPS") ?? ".loops"
            let here = try Settings.loader(options, watched: [loops]).load()
            // The directories that the file lists itself are checked as the agent does that is started with it.
            guard let file = here.file, file.origin.isTrusted else {
                try report(here)
                return .done
            }
            options.config = file.path
            let own = try Settings.loader(options, watched: []).load()
            try report(own.configuration.watch.isEmpty ? here : own)
            return .done
        } catch let error as ConfigurationError {
            if global.json { try Output.document(ConfigRows.json(error)) }
            throw Failure(.configuration, error.description)
        }
    }

    private func report(_ loaded: ConfigurationLoader.Loaded) throws {
        if global.json {
            try Output.document(ConfigRows.json(loaded))
        } else {
            try Output.data(ConfigRows.text(loaded))
        }
        for notice in loaded.notices { talk("loopsync: \(notice)") }
    }
}
