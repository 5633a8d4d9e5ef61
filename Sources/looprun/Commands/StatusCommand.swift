import ArgumentParser
import LoopEngine
import LoopModel
import LoopStore

/// `looprun status`: the runs below `.running`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the current runs, or those of one loop.",
        discussion: """
            Nothing is changed. Finished runs stay until the loop is run again.

            Examples:
              looprun status
              looprun status fix-tests
              looprun status --json | jq '.runs[] | select(.pid != null).loop_name'
            """
    )

    @Argument(help: ArgumentHelp("The loop, or a run of it.", valueName: "name"))
    var name: String?

    @OptionGroup(title: "Every verb takes") var place: PlaceOptions

    func run() throws {
        let loops = Loops(place.directory)
        let runs = try name.map { try loops.runs(of: $0) } ?? loops.runs()
        if let name, runs.isEmpty { throw Failure("looprun: no run of \(name) in \(place.directory)/.running") }
        if place.json {
            Output.document(["runs": .array(runs.map(\.json))])
        } else {
            for run in runs { Output.data(name == nil ? run.line : run.paragraph) }
        }
    }
}

extension Loops.Run {
    /// The status, and that its process is gone where it should have one.
    private var standing: String {
        guard state.status == .running else { return state.status.description }
        return process == nil ? "running, but its executor has died" : "running"
    }

    private var iteration: String { state.iteration.integerValue.map(String.init) ?? "?" }

    fileprivate var line: String {
        let pid = process.map { "\($0)" } ?? "-"
        return "\(stem)\t\(standing)\t\(state.currentState)\t\(iteration)\t\(pid)\t\(state.updatedAt)\n"
    }

    fileprivate var paragraph: String {
        var lines = [
            ("run", "\(stem)"), ("loop", "\(state.loopName)"), ("status", standing),
            ("state", "\(state.currentState) (\(iteration))"), ("started", "\(state.startedAt)"),
            ("updated", "\(state.updatedAt)"),
        ]
        if let process { lines.append(("process", "\(process)")) }
        if let prompt = state.continuationPrompt { lines.append(("continue", "\(prompt)")) }
        return lines.map { "\($0.0): \($0.1)\n" }.joined()
    }

    /// The state's own keys, but the context, which may hold secrets.
    fileprivate var json: JSONValue {
        var object = state.json.objectValue ?? [:]
        object["context"] = nil
        object["run"] = .string(JSONString(fileSystemBytes: stem.bytes))
        object["pid"] = process.map { .number(JSONNumber($0)) } ?? .null
        return .object(object)
    }
}
