import ArgumentParser

/// `loopsync history`.
struct HistoryCommand: Verb {
    static let configuration = verb("history")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "history is not built in yet")
    }
}
