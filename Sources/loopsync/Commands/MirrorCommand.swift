import ArgumentParser

/// `loopsync mirror`.
struct MirrorCommand: Verb {
    static let configuration = verb("mirror")

    @OptionGroup(title: "Every verb takes") var global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "mirror is not built in yet")
    }
}
