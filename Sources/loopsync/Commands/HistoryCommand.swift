import ArgumentParser

/// `loopsync history`.
struct HistoryCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "history")

    @OptionGroup var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "history is not built in yet")
    }
}
