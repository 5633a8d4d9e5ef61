import Glibc
import Logging
import SyncAgent

/// `loopsync --watch`: the agent itself.
struct AgentCommand {
    let directories: [String]
    let once: Bool
    let global: GlobalOptions

    func perform() throws -> ExitStatus {
        let options = ConfigurationLoader.Options(config: global.config, watch: directories, sync: global.sync)
        let loader = ConfigurationLoader(options)
        let loaded: ConfigurationLoader.Loaded
        do {
            loaded = try loader.load()
        } catch {
            throw Failure(.configuration, error.description)
        }
        guard !loaded.configuration.watch.isEmpty else {
            throw Failure(.usage, "nothing to watch: give --watch DIR, or watch: in the configuration file")
        }
        for directory in loaded.configuration.watch { try checkPath(directory) }
        let log = Logger(label: "loopsync") { _ in LogOutput(level: level(loaded), format: format(loaded)) }
        for notice in loaded.notices { log.notice("\(notice)") }
        // Before any other thread: they inherit the mask, and no code runs in a signal handler.
        SignalWaiter.block()
        let agent = Agent(loaded: loaded, loader: loader, log: log, notifier: ServiceNotifier())
        let remote = agent.remote
        SignalWaiter.start { signal in
            switch signal {
            case .end: remote.stop()
            case .reload: remote.reload()
            }
        }
        switch agent.run() {
        case .stopped: return .done
        case .taken(let path):
            throw Failure(.locked, "another agent watches \(path); there can be one for each directory")
        case .cannotWatch(let reason):
            throw Failure(.failed, "cannot watch: \(reason)")
        }
    }

    /// A common slip: the project's directory instead of the loops directory in it.
    private func checkPath(_ path: String) throws {
        guard !path.hasSuffix("/.loops"), access("\(path)/.loops", F_OK) == 0 else { return }
        throw Failure(.usage, "\(path) holds a loops directory and is none itself: --watch \(path)/.loops")
    }

    private func level(_ loaded: ConfigurationLoader.Loaded) -> Logger.Level {
        if let asked = global.logLevel { return asked }
        return switch loaded.configuration.log.level {
        case .error: .error
        case .warning: .warning
        case .info: .info
        case .debug: .debug
        }
    }

    private func format(_ loaded: ConfigurationLoader.Loaded) -> LogFormat {
        switch loaded.configuration.log.format {
        case .auto: LogOutput.automaticFormat()
        case .text: .text
        case .json: .json
        }
    }
}
