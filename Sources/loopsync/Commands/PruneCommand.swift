import ArgumentParser

/// `loopsync prune`.
struct PruneCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "prune")

    @OptionGroup var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "prune is not built in yet")
    }
}
