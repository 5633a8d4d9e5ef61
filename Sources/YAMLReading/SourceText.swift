import LoopModel

/// The text of a file, for showing places in it.
package struct SourceText: Sendable {
    let lines: [Substring]

    package init(_ text: String) {
        lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    /// Describes a problem at a place, with the line and a caret.
    ///
    /// For YAML a last line without its end is followed by one more, in which the file ends; that is the end of the last.
    package func problem(_ message: String, line: Int, column: Int) -> SourceProblem {
        // It may quote the file, which may come from a stranger.
        let message = PrintableText.escaping(message.utf8)
        if line > lines.count, let last = lines.last {
            return problem(message, line: lines.count, column: last.unicodeScalars.count + 1)
        }
        guard lines.indices.contains(line - 1) else {
            return SourceProblem(line: line, column: column, message: message)
        }
        let scalars = Array(lines[line - 1].unicodeScalars)
        let before = printable(scalars.prefix(max(0, column - 1)))
        let width = 100
        // Of a long line the part around the place is shown.
        let start = before.count > width ? before.count - width / 2 : 0
        let shown = (before + printable(scalars.dropFirst(max(0, column - 1)))).dropFirst(start).prefix(width)
        let caret = String(repeating: " ", count: before.count - start) + "^"
        return SourceProblem(line: line, column: column, message: message, excerpt: [String(shown), caret])
    }

    /// A tab is one space, so that the caret stands where it should.
    private func printable(_ scalars: some Sequence<Unicode.Scalar>) -> [Character] {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.map { $0 == "\t" ? " " : $0 })
        return Array(PrintableText.escaping(String(text).utf8))
    }
}
