import ArgumentParser

/// `loopsync mirror`.
struct MirrorCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "mirror")

    @OptionGroup var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "mirror is not built in yet")
    }
}
