import ArgumentParser
import Glibc

@main
enum Program {
    static func main() {
        do {
            var command = try Looprun.parseAsRoot(Array(CommandLine.arguments.dropFirst()))
            try command.run()
        } catch let failure as Failure {
            Output.talk(failure.message)
            exit(failure.status.rawValue)
        } catch {
            let code = Looprun.exitCode(for: error)
            let text = Looprun.fullMessage(for: error)
            if code.isSuccess {
                print(text)
            } else if !text.isEmpty {
                Output.talk(text)
            }
            exit(code.rawValue)
        }
    }
}
