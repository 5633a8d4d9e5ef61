import ArgumentParser
import LoopEngine
import LoopModel
import LoopStore

/// `looprun list`: the loops that can be run.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the loops that can be run, with what they are for.",
        discussion: """
            Examples:
              looprun list
              looprun list --json | jq -r '.loops[].name'
            """
    )

    @OptionGroup(title: "Every verb takes") var place: PlaceOptions

    func run() throws {
        let loops = try names().map { name in
            (name: name, loop: try? LoopDefinition.load(name, in: place.directory).loop)
        }
        if place.json {
            let rows = loops.map { name, loop -> JSONValue in
                [
                    "name": .string(JSONString(name)), "valid": .bool(loop != nil),
                    "description": loop?.description.map { .string(JSONString($0)) } ?? .null,
                ]
            }
            Output.document(["loops": .array(rows)])
            return
        }
        for (name, loop) in loops {
            let about = loop.map { $0.description ?? "" } ?? "not valid: looprun validate says why"
            let line = about.split(separator: "\n").first.map(String.init) ?? ""
            Output.data(
                PrintableText.escapingControls(in: name) + "\t" + PrintableText.escapingControls(in: line) + "\n"
            )
        }
    }

    private func names() throws -> [String] {
        do {
            guard let directory = try LoopsDirectory.open(path: place.directory) else {
                throw Failure(
                    "looprun: there is no loops directory \(place.directory): make it, or name one with --loops"
                )
            }
            let names = try directory.root.entries().filter { $0.kind != .directory }.compactMap { entry in
                (entry.name.dropping(suffix: ".fsm.yaml") ?? entry.name.dropping(suffix: ".yaml"))?.bytes
            }
            return Set(names.map { String(decoding: $0, as: UTF8.self) }).sorted()
        } catch let error as PosixError {
            throw Failure("looprun: \(error): the loops cannot be listed")
        }
    }
}
