import ArgumentParser

/// `loopsync restore`.
struct RestoreCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "restore")

    @OptionGroup var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "restore is not built in yet")
    }
}
