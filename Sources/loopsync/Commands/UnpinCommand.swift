import ArgumentParser

/// `loopsync unpin`.
struct UnpinCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "unpin")

    @OptionGroup var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "unpin is not built in yet")
    }
}
