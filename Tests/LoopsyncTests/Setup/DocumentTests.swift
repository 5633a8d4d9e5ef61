import LoopModel
import TestSupport
import Testing

@testable import loopsync

/// The keys of the documents that `--json` prints, as each verb's help names them.
@Suite
struct DocumentTests {
    private let project: ArchivedProject

    init() throws {
        project = try ArchivedProject()
        try project.archive("fix/2025-11-23T201500", loop: "fix", second: 0, status: "completed")
        try project.configure("retention:\n  keep_last: 3\n")
    }

    /// The keys of a document, and those of the elements of its lists, by what the help says.
    private func documented(_ verb: String) throws -> (keys: Set<String>, inner: [String: Set<String>]) {
        let text = try #require(ManualPage.discussions.first { $0.title == verb }?.text)
        let start = try #require(text.firstRange(of: "JSON: ")).upperBound
        let line = text[start...].prefix { $0 != "." }.replacing("\n", with: " ")
        var keys: Set<String> = []
        var inner: [String: Set<String>] = [:]
        var rest = Substring(line)
        while !rest.isEmpty {
            let name = rest.prefix { $0 != "," && $0 != "(" }.split(separator: " ").joined()
            rest = rest.drop { $0 != "," && $0 != "(" }
            if rest.first == "(" {
                let list = rest.dropFirst().prefix { $0 != ")" }
                inner[name] = Set(list.split(separator: ",").map { $0.split(separator: " ").joined() })
                rest = rest.drop { $0 != ")" }.dropFirst().drop { $0 != "," }
            }
            keys.insert(name)
            rest = rest.dropFirst()
        }
        return (keys, inner)
    }

    @Test(arguments: [
        ("config check", []), ("config show", []), ("policy explain", ["fix@latest"]), ("doctor", []),
        ("service install", ["--no-start"]), ("service status", []), ("service remove", []), ("stop", []),
        ("completions", ["fish"]), ("pin", ["fix@latest"]), ("unpin", ["fix@latest"]), ("config init", ["--user"]),
    ])
    func `a verb's help names the keys of its document`(verb: String, arguments: [String]) throws {
        let (keys, inner) = try documented(verb)
        let words = verb.split(separator: " ").map(String.init)
        let answer = try CommandRun(words + arguments + ["--json"], in: project.path)
        let document = try #require(JSONValue(parsing: Array(answer.output.utf8)).objectValue, "\(answer.errorOutput)")
        #expect(!document.isEmpty)
        #expect(Set(document.keys.map(\.string)).isSubset(of: keys))
        for (name, known) in inner {
            for element in document[JSONString(name)]?.arrayValue ?? [] {
                let names = try #require(element.objectValue).keys.map(\.string)
                #expect(Set(names).isSubset(of: known), "\(name)")
            }
        }
    }
}
