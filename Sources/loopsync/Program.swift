import ArgumentParser
import CommandLineKit
import Glibc

@main
enum Program {
    static func main() {
        // Whoever started this may have it ignored, and then no child could be waited for.
        signal(SIGCHLD, SIG_DFL)
        let given = Array(CommandLine.arguments.dropFirst())
        if let mistake = Loopsync.verbFirst.mistake(in: given) {
            Output.talk("Error: \(mistake)\n  See 'loopsync --help' for more information.")
            exit(ExitStatus.usage.rawValue)
        }
        let arguments = Loopsync.verbFirst.sorted(given)
        // A verb is parsed alone: as a parent, the agent would take the options that both have.
        let verb = Loopsync.configuration.subcommands.first { $0.configuration.commandName == arguments.first }
        guard let verb else { return run(Loopsync.self, arguments) }
        run(verb, Array(arguments.dropFirst()))
    }

    private static func run<Command: ParsableCommand>(_ type: Command.Type, _ arguments: [String]) {
        do {
            var command = try type.parseAsRoot(arguments)
            if type == Loopsync.self, command is any Verb {
                throw ValidationError("The agent's options (--watch, --once) do not go with a verb.")
            }
            try command.run()
        } catch let failure as Failure {
            // Problems of a file begin with its name, so that editors find the place.
            Output.talk(failure.status == .configuration ? failure.message : "loopsync: \(failure.message)")
            exit(failure.status.rawValue)
        } catch {
            let code = type.exitCode(for: error)
            // ArgumentParser names a verb that is parsed alone without the program.
            let name = type.configuration.commandName ?? ""
            let text = type.fullMessage(for: error).replacing("See '\(name) ", with: "See '\(Self.calling(type)) ")
            if code.isSuccess {
                print(text)
            } else if !text.isEmpty {
                Output.talk(text)
            }
            exit(code.rawValue)
        }
    }

    private static func calling(_ type: (some ParsableCommand).Type) -> String {
        type == Loopsync.self ? "loopsync" : "loopsync \(type.configuration.commandName ?? "")"
    }
}
