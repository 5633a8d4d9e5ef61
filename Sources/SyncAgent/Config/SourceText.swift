import LoopModel

/// The text of a configuration file, for showing places in it.
struct SourceText {
    let lines: [Substring]

    init(_ text: String) {
        lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    /// Describes a problem at a place, with the line and a caret.
    ///
    /// For YAML a last line without its end is followed by one more, in which the file ends; that is the end of the last.
    func problem(_ message: String, line: Int, column: Int) -> ConfigurationProblem {
        // It may quote the file, which may come from a stranger.
        let message = PrintableText.escaping(message.utf8)
        if line > lines.count, let last = lines.last {
            return problem(message, line: lines.count, column: last.unicodeScalars.count + 1)
        }
        guard lines.indices.contains(line - 1) else {
            return ConfigurationProblem(line: line, column: column, message: message)
        }
        let scalars = Array(lines[line - 1].unicodeScalars)
        let before = printable(scalars.prefix(max(0, column - 1)))
        let width = 100
        // Of a long line the part around the place is shown.
        let start = before.count > width ? before.count - width / 2 : 0
        let shown = (before + printable(scalars.dropFirst(max(0, column - 1)))).dropFirst(start).prefix(width)
        let caret = String(repeating: " ", count: before.count - start) + "^"
        return ConfigurationProblem(line: line, column: column, message: message, excerpt: [String(shown), caret])
    }

    /// A tab is one space, so that the caret stands where it should.
    private func printable(_ scalars: some Sequence<Unicode.Scalar>) -> [Character] {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.map { $0 == "\t" ? " " : $0 })
        return Array(PrintableText.escaping(String(text).utf8))
    }
}

/// How many letters to insert, delete or change to make one word of another; more than the limit counts as nil.
func editDistance(_ left: String, _ right: String, limit: Int) -> Int? {
    let left = Array(left.unicodeScalars)
    let right = Array(right.unicodeScalars)
    guard abs(left.count - right.count) <= limit else { return nil }
    var row = Array(0...right.count)
    for (line, scalar) in left.enumerated() {
        var diagonal = row[0]
        row[0] = line + 1
        for column in right.indices {
            let changed = diagonal + (scalar == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
        }
    }
    return row[right.count] <= limit ? row[right.count] : nil
}

/// The known word nearest to a mistyped one, at most two letters away; the first of equals by name.
func nearest(to word: String, among known: some Sequence<String>) -> String? {
    known.sorted().compactMap { candidate in
        editDistance(word, candidate, limit: 2).map { (candidate, $0) }
    }.filter { $0.1 < word.count }.min { $0.1 < $1.1 }?.0
}
