import ArgumentParser

/// `loopsync archive`.
struct ArchiveCommand: Verb {
    static let configuration = verb("archive")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "archive is not built in yet")
    }
}
