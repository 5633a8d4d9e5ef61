import ArgumentParser

/// `loopsync config`: the configuration file.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        _superCommandName: "loopsync",
        abstract: "Check the configuration file.",
        subcommands: [ConfigCheckCommand.self]
    )
}

/// `loopsync config check`.
struct ConfigCheckCommand: Verb {
    static let configuration = verb("config check")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "config check is not built in yet")
    }
}
