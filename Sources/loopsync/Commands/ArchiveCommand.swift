import ArgumentParser

/// `loopsync archive`.
struct ArchiveCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "archive")

    @OptionGroup var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "archive is not built in yet")
    }
}
