import TestSupport

/// What commands left in a project, with all that no two runs have alike made alike.
struct Trace: Hashable, Sendable {
    /// How each command ended.
    var exits: [String]
    /// Lines by the path below the project.
    var files: [String: [String]]

    /// Reads what lies in a case's directory.
    init(of directory: String, exits: [String], unlike: [String]) {
        self.exits = exits
        let alike = Alike(directory: directory, patterns: unlike)
        let tree = TreeSnapshot(of: "\(directory)/project")
        files = [:]
        for path in tree.files {
            files[path] = alike.lines(tree[path] ?? [])
        }
    }

    /// The lines of the events of all runs in `.running`.
    var events: [String] {
        files.filter { $0.key.hasSuffix(".events.jsonl") }.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    /// The same without their times.
    var untimedEvents: [String] {
        events.filter { !$0.isEmpty }.map { $0.replacing(#" "ts": "9999-99-99T99:99:99.999999+99:99","#, with: "") }
    }

    /// The same without the key of the state that A does not know: the context that a resume needs.
    var withoutContext: Trace {
        var copy = self
        for (path, lines) in files where path.hasSuffix(".state.json") {
            guard let begin = lines.firstIndex(where: { $0.hasPrefix(#"  "context": "#) }), begin > 0 else { continue }
            copy.files[path] = Array(lines[..<begin])
            let before = lines[begin - 1]
            copy.files[path]?[begin - 1] = before.hasSuffix(",") ? String(before.dropLast()) : before
            copy.files[path]?.append("}")
        }
        return copy
    }

    /// The first thing that is not the same; nil where all is.
    func difference(from other: Trace) -> String? {
        guard self != other else { return nil }
        if exits != other.exits { return "ended with \(other.exits) instead of \(exits)" }
        for path in Set(files.keys).union(other.files.keys).sorted() {
            guard let one = files[path] else { return "\(path) is only there:\n\(other.text(of: path))" }
            guard let two = other.files[path] else { return "\(path) is missing:\n\(text(of: path))" }
            guard one != two else { continue }
            let same = zip(one, two).prefix { $0 == $1 }.count
            let before = one[max(0, same - 2)..<same].map { "  \($0)\n" }.joined()
            return """
                \(path), line \(same + 1):
                \(before)- \(same < one.count ? one[same] : "(end)")
                + \(same < two.count ? two[same] : "(end)")
                """
        }
        return nil
    }

    private func text(of path: String) -> String {
        (files[path] ?? []).prefix(20).joined(separator: "\n")
    }
}
