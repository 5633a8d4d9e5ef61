import ArgumentParser

/// `loopsync unpin`.
struct UnpinCommand: Verb {
    static let configuration = verb("unpin")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "unpin is not built in yet")
    }
}
