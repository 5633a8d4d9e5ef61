import LoopStore
import SyncAgent
import YAMLReading

/// The configuration as one process uses it.
enum Settings {
    /// Reads the one file that counts, and applies environment and options.
    ///
    /// - Parameters:
    ///   - global: the verb's options.
    ///   - watched: the directories that the command line names, by which a project's own file is found.
    /// - Throws: a `Failure` with every problem at once.
    static func load(_ global: GlobalOptions, watched: [String]) throws -> ConfigurationLoader.Loaded {
        do {
            return try loader(global, watched: watched).load()
        } catch {
            throw Failure(.configuration, error.description)
        }
    }

    static func loader(_ global: GlobalOptions, watched: [String]) -> ConfigurationLoader {
        ConfigurationLoader(.init(config: global.config, watch: watched, sync: global.sync))
    }
}
