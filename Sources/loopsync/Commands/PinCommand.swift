import ArgumentParser

/// `loopsync pin`.
struct PinCommand: Verb {
    static let configuration = verb("pin")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "pin is not built in yet")
    }
}
