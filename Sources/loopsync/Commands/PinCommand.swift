import ArgumentParser

/// `loopsync pin`.
struct PinCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "pin")

    @OptionGroup var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "pin is not built in yet")
    }
}
