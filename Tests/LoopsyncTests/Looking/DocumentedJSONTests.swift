import LoopModel
import TestSupport
import Testing

/// The keys that `JSON.md` lists are those that the program prints.
@Suite
struct DocumentedJSONTests {
    /// One entry of the article: a verb, the path into its document, the keys there.
    private struct Entry {
        let verb: String
        let path: String
        let keys: [String]
    }

    private static func entries() throws -> [Entry] {
        let article = "\(PackageDirectory.path)/Sources/SyncAgent/SyncAgent.docc/JSON.md"
        let text = try #require(Disk.text(article)).replacing("\n  `", with: " `")
        return text.split(separator: "\n").filter { $0.hasPrefix("- `") }.map { line in
            let words = line.dropFirst(2).split(separator: "`").map(String.init).filter { $0 != " " && $0 != ": " }
            let name = words[0].split(separator: " ").map(String.init)
            return Entry(verb: name[0], path: name.count > 1 ? name[1] : "", keys: Array(words.dropFirst()))
        }
    }

    /// The first value at a path like `.loops[].seconds`.
    private func value(at path: String, in document: JSONValue) -> JSONValue? {
        var value: JSONValue? = document
        for name in path.split(separator: ".") {
            let isArray = name.hasSuffix("[]")
            value = value?.objectValue?[JSONString(String(isArray ? name.dropLast(2) : name))]
            if isArray { value = value?.arrayValue?.first }
        }
        return value
    }

    @Test func `every list of keys is what is printed`() throws {
        let project = try ArchivedProject()
        for second: Int64 in [0, 1000, 2000, 3000, 4000] {
            try ToldRun.archive(in: project, second: second, verdicts: ["no"])
        }
        try ToldRun.archive(in: project, second: 5000)
        let sync = project.place.path("sync")
        try Disk.makeDirectories(sync)
        try project.configure("retention:\n  keep_last: 1\n")
        let run = SyntheticRun(loop: "live")
        try run.write(toRunning: project.loops(".running"))
        try Disk.makeDirectories(project.place.path("q/.loops"))
        let several = project.place.path("several.yaml")
        try Disk.write("version: 1\nwatch: [\(project.place.path("q/.loops"))]\n", to: several)
        let arguments = [
            "status": ["status", "--sync", sync], "status-of-several": ["status", "--config", several],
            "history": ["history"],
            "show": ["show", "fix@latest"],
            "diff": ["diff", "fix@-2", "fix@latest"], "stats": ["stats", "fix"], "report": ["report", "fix"],
        ]
        let entries = try Self.entries()
        #expect(Set(entries.map(\.verb)) == Set(arguments.keys))
        for (verb, arguments) in arguments {
            let printed = try CommandRun(arguments + ["--json"], in: project.path).output
            let document = try JSONValue(parsing: printed.utf8)
            for entry in entries where entry.verb == verb {
                let object = value(at: entry.path, in: document)?.objectValue
                #expect(object?.keys.map(\.string) == entry.keys, "\(verb) \(entry.path)")
            }
        }
    }
}
