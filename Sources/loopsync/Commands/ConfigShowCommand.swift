import ArgumentParser
import Logging
import LoopModel
import SyncAgent
import YAMLReading

/// `loopsync config show`: what holds, and why.
struct ConfigShowCommand: Verb {
    static let configuration = verb(
        "config show",
        abstract: "Print every setting that holds, with where it comes from.",
        discussion: """
            Each value has the file and line that gave it, the variable or the option; all
            others are built in. Rules and limits of the retention that are not set are
            left out: they do not hold.

            JSON: file, values (key, value, from, file, line, name), notices.

            Examples:
              loopsync config show
              loopsync config show | grep -v 'default$'
              loopsync config show --json | jq -r '.values[] | select(.from == "file").key'
            """
    )

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        // The directory decides which file counts; what is watched is only what that file says.
        let loops = global.loops ?? Environment.value("LOOPSYNC_LOOPS") ?? ".loops"
        let loader = Settings.loader(global, watched: [loops])
        do {
            var loaded = try loader.load()
            loaded.configuration.watch = try loaded.file.map { try loader.parse($0).0.watch } ?? []
            var sources = try loader.sources(of: loaded)
            if global.logLevel != nil { sources.set("log.level", to: .option(global.quiet ? "--quiet" : "--verbose")) }
            switch global.logLevel {
            case .error?: loaded.configuration.log.level = .error
            case nil: break
            default: loaded.configuration.log.level = .debug
            }
            try show(ConfigValues.table(loaded, sources), json: ConfigValues.json(loaded, sources))
            for notice in loaded.notices { talk("loopsync: \(notice)") }
            return .done
        } catch let error as ConfigurationError {
            throw Failure(.configuration, error.description)
        }
    }
}
