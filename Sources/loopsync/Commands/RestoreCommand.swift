import ArgumentParser

/// `loopsync restore`.
struct RestoreCommand: Verb {
    static let configuration = verb("restore")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "restore is not built in yet")
    }
}
