import ArgumentParser
import CommandLineKit
import Glibc

@main
enum Program {
    static func main() {
        // Whoever started this may have it ignored, and then no child could be waited for.
        signal(SIGCHLD, SIG_DFL)
        let given = Array(CommandLine.arguments.dropFirst())
        if let mistake = Looprun.verbFirst.mistake(in: given) {
            Output.talk("Error: \(mistake)\n  See 'looprun --help' for more information.")
            exit(ExitStatus.usage.rawValue)
        }
        do {
            var command = try Looprun.parseAsRoot(Looprun.verbFirst.sorted(given))
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
