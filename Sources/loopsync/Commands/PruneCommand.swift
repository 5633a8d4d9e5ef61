import ArgumentParser

/// `loopsync prune`.
struct PruneCommand: Verb {
    static let configuration = verb("prune")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "prune is not built in yet")
    }
}
