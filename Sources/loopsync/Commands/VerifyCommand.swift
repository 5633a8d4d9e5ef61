import ArgumentParser

/// `loopsync verify`.
struct VerifyCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "verify")

    @OptionGroup var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "verify is not built in yet")
    }
}
