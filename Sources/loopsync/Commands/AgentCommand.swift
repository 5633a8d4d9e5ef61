/// `loopsync --watch`: the agent itself.
struct AgentCommand {
    let directories: [String]
    let once: Bool
    let global: GlobalOptions

    func perform() throws -> ExitStatus {
        throw Failure(.failed, "the agent is not built in yet")
    }
}
