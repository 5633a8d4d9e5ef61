import ArgumentParser

/// `loopsync status`.
struct StatusCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "status")

    @OptionGroup var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "status is not built in yet")
    }
}
