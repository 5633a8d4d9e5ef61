import ArgumentParser
import LoopEngine
import LoopModel

/// `looprun validate`: everything that is wrong with a loop's file, at once.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check a loop's file.",
        discussion: """
            Says everything that is wrong, by file, line and key. Ends with 1 where the
            loop cannot be run; warnings alone end with 0.

            Examples:
              looprun validate fix-tests
              looprun validate .loops/fix-tests.yaml --json | jq .problems
            """
    )

    @Argument(help: ArgumentHelp("The loop: .loops/NAME.yaml, or a path.", valueName: "name"))
    var name: String

    @OptionGroup(title: "Every verb takes") var place: PlaceOptions

    func run() throws {
        let problems: [DefinitionProblem]
        var loop: LoopDefinition?
        do {
            let loaded = try LoopDefinition.load(name, in: place.directory)
            problems = loaded.warnings
            loop = loaded.loop
        } catch {
            problems = error.problems
        }
        if place.json {
            Output.document(["valid": .bool(loop != nil), "problems": .array(problems.map(\.json))])
        } else {
            for problem in problems { Output.talk(problem.description) }
            if let loop { Output.data("\(loop.name): valid, \(loop.states.count) states\n") }
        }
        if loop == nil { throw ExitCode(ExitStatus.failed.rawValue) }
    }
}

extension DefinitionProblem {
    fileprivate var json: JSONValue {
        [
            "severity": .string(JSONString(severity.rawValue)), "key": .string(JSONString(key)),
            "message": .string(JSONString(message)), "file": .string(JSONString(file)),
            "line": .number(JSONNumber(line)), "column": .number(JSONNumber(column)),
        ]
    }
}
