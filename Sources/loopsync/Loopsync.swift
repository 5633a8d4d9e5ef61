import ArgumentParser

@main
struct Loopsync: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "loopsync")
}
