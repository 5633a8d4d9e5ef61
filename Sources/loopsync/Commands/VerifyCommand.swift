import ArgumentParser

/// `loopsync verify`.
struct VerifyCommand: Verb {
    static let configuration = verb("verify")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "verify is not built in yet")
    }
}
