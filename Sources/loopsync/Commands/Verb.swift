import ArgumentParser
import LoopModel
import SyncAgent
import SyncCore

/// A verb of the command line: it works, prints and answers how it went.
protocol Verb: ParsableCommand {
    var global: GlobalOptions { get }

    /// - Throws: a `Failure`, where nothing could be done.
    func perform() throws -> ExitStatus
}

/// A word that verbs stand behind and that does nothing by itself.
protocol VerbGroup: ParsableCommand {}

extension VerbGroup {
    /// Without a verb nothing was asked for, as with the program's own name alone.
    func run() throws {
        Output.talk(Self.helpMessage())
        throw ExitCode(ExitStatus.usage.rawValue)
    }
}

extension Verb {
    /// How a verb presents itself.
    ///
    /// - Parameters:
    ///   - name: the verb, after its parent's where it has one.
    ///   - arguments: what stands after the verb in the usage line.
    ///   - abstract: one line.
    ///   - discussion: what to know, then examples.
    static func verb(
        _ name: String,
        _ arguments: String = "",
        abstract: String = "",
        discussion: String = ""
    ) -> CommandConfiguration {
        let words = name.split(separator: " ").map(String.init)
        return CommandConfiguration(
            commandName: words.last,
            _superCommandName: (["loopsync"] + words.dropLast()).joined(separator: " "),
            abstract: abstract,
            usage: "loopsync \(name) \(arguments.isEmpty ? "" : arguments + " ")[OPTIONS]",
            discussion: discussion,
            version: Version.text
        )
    }

    func run() throws {
        let status = try perform()
        if status != .done { throw ExitCode(status.rawValue) }
    }

    /// What standard output is.
    var terminal: Terminal { .current(global.color) }

    /// Prints a table, or with `--json` the document in its place.
    func show(_ table: @autoclosure () -> Table, json: @autoclosure () -> JSONValue) throws {
        if global.json {
            try Output.document(json())
        } else {
            try Output.data(table().rendered(for: terminal))
        }
    }

    /// Says something on standard error, unless `--quiet` asks not to.
    func talk(_ text: String) {
        if !global.quiet { Output.talk(text) }
    }

    /// Tells a person at a terminal how far it is.
    func meter(_ verb: String) -> ProgressMeter {
        ProgressMeter(verb, isQuiet: global.quiet)
    }

    /// Says on standard error which patterns name no loop that there are runs of.
    ///
    /// That is no failure: a job may name a loop before its first run.
    ///
    /// - Parameter met: the loops that there was something to do for; the histories are read only for other patterns.
    func talkOfMistakes(in patterns: [Glob], met: some Sequence<JSONString>, _ places: [LoopsPlace]) {
        let met = Array(met)
        let others = patterns.filter { glob in !met.contains { glob.matches($0) } }
        guard !others.isEmpty, !global.quiet, let all = try? places.map({ try RunCollection.read($0) }) else { return }
        for mistake in RunCollection.mistakes(in: others, among: all) { talk("loopsync: \(mistake)") }
    }
}
