import ArgumentParser
import Glibc

@main
enum Program {
    static func main() {
        let arguments = VerbFirst.sorted(Array(CommandLine.arguments.dropFirst()), verbs: Loopsync.verbs)
        do {
            var command = try Loopsync.parseAsRoot(arguments)
            try command.run()
        } catch let failure as Failure {
            Output.talk("loopsync: \(failure.message)")
            exit(failure.status.rawValue)
        } catch {
            Loopsync.exit(withError: error)
        }
    }
}
