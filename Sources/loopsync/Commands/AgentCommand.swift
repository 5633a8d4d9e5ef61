import Logging
import LoopStore
import SyncAgent
import YAMLReading

/// `loopsync --watch`: the agent itself, in the foreground unless it is asked to detach.
struct AgentCommand {
    let directories: [String]
    let once: Bool
    let background: Bool
    let global: GlobalOptions

    func perform() throws -> ExitStatus {
        for directory in directories { try LoopsPlace.refuseParent(directory, option: "--watch") }
        let loader = Settings.loader(global, watched: directories)
        let loaded: ConfigurationLoader.Loaded
        do {
            loaded = try loader.load()
        } catch {
            throw Failure(.configuration, error.description)
        }
        guard !loaded.configuration.watch.isEmpty else {
            let file = loaded.file.map { " (\($0.path) has no watch:)" } ?? ""
            throw Failure(.usage, "no directory to watch\(file). Name one: loopsync --watch .loops")
        }
        if once { return try OnceCommand(loaded: loaded, global: global).perform() }
        if background {
            return try BackgroundStart(
                directories: loaded.configuration.watch,
                isQuiet: global.quiet,
                isJSON: global.json
            )
            .perform()
        }
        // Before any other thread is started, so that each of them leaves the signals to the one that waits for them.
        SignalWaiter.block()
        let threshold = LogThreshold(level(loaded.configuration.log))
        let log = logger(loaded.configuration.log, threshold)
        for notice in loaded.notices { log.notice("\(notice)") }
        let agent = Agent(loaded: loaded, loader: loader, log: log, notifier: ServiceNotifier()) { new in
            threshold.level = level(new.log)
        }
        let remote = agent.remote
        SignalWaiter.start { signal in
            switch signal {
            case .end: remote.stop()
            case .reload: remote.reload()
            }
        }
        switch agent.run() {
        case .stopped:
            return .done
        case .taken(let path):
            throw Failure(.locked, "another agent watches \(path). See: loopsync status --loops \(path)")
        case .cannotWatch(let why):
            throw Failure(.failed, "cannot watch: \(why)")
        }
    }

    private func level(_ settings: LogSettings) -> Logger.Level {
        global.logLevel ?? settings.level.loggerLevel
    }

    private func logger(_ settings: LogSettings, _ threshold: LogThreshold) -> Logger {
        let format: LogFormat =
            switch settings.format {
            case .json: .json
            case .text: global.json ? .json : .text
            case .auto: global.json ? .json : LogOutput.automaticFormat()
            }
        let bound = BoundedLog()
        return Logger(label: "loopsync") { _ in LogOutput(threshold: threshold, format: format, bound: bound) }
    }
}

extension LogSettings.Level {
    fileprivate var loggerLevel: Logger.Level {
        switch self {
        case .error: .error
        case .warning: .warning
        case .info: .info
        case .debug: .debug
        }
    }
}
