import ArgumentParser

/// `loopsync status`.
struct StatusCommand: Verb {
    static let configuration = verb("status")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "status is not built in yet")
    }
}
