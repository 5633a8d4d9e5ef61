import ArgumentParser
import LoopModel

/// A verb of the command line: it works, prints and answers how it went.
protocol Verb: ParsableCommand {
    var global: GlobalOptions { get }

    /// - Throws: a `Failure`, where nothing could be done.
    func perform() throws -> ExitStatus
}

extension Verb {
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
}
