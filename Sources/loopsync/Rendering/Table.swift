/// Rows for people and for programs; pure.
///
/// On a terminal: a header, columns fitted to the width. In a pipe: tab-separated values without a header, nothing cut,
/// so that `cut -f` and `awk` work.
struct Table {
    /// One column.
    struct Column {
        let title: String
        var isRightAligned = false
        /// Whether this column gives way where a line is too long.
        var isFlexible = false
        /// Whether this column is left out where even that does not make a line fit; the last such column goes first.
        var isDispensable = false
    }

    /// One value, with no control characters in it.
    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let tone: Tone

        init(_ text: String, _ tone: Tone = .plain) {
            self.text = text
            self.tone = tone
        }

        init(stringLiteral text: String) {
            self.init(text)
        }
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    /// The table as text, with a newline at the end of each line; empty where there is no row.
    func rendered(for terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "" }
        guard let width = terminal.width else {
            return rows.map { $0.map(\.text).joined(separator: "\t") + "\n" }.joined()
        }
        if let column = columns.lastIndex(where: \.isDispensable), leastWidth > width {
            var narrower = self
            narrower.columns.remove(at: column)
            for row in narrower.rows.indices { narrower.rows[row].remove(at: column) }
            return narrower.rendered(for: terminal)
        }
        let widths = fitted(to: width)
        let header = columns.map { Cell($0.title, .dim) }
        return ([header] + rows).map { line($0, widths, terminal) }.joined()
    }

    /// The rows alone, aligned and never cut, wherever they go: for a text that has a table in it.
    func aligned(hasColor: Bool) -> String {
        let widths = columns.indices.map { column in rows.reduce(0) { max($0, $1[column].text.columns) } }
        let terminal = Terminal(width: nil, hasColor: hasColor)
        return rows.map { line($0, widths, terminal) }.joined()
    }

    /// How narrow it gets with all flexible columns at their narrowest.
    private var leastWidth: Int {
        columns.indices.reduce(Self.gap * (columns.count - 1)) { sum, column in
            let natural = naturalWidth(of: column)
            return sum + (columns[column].isFlexible ? min(natural, Self.narrowest) : natural)
        }
    }

    private func naturalWidth(of column: Int) -> Int {
        rows.reduce(columns[column].title.columns) { max($0, $1[column].text.columns) }
    }

    private static let gap = 2
    private static let narrowest = 8

    private func fitted(to width: Int) -> [Int] {
        var widths = columns.indices.map(naturalWidth)
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - width
        for column in columns.indices.reversed() where columns[column].isFlexible && excess > 0 {
            let cut = min(excess, max(0, widths[column] - Self.narrowest))
            widths[column] -= cut
            excess -= cut
        }
        return widths
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ terminal: Terminal) -> String {
        var text = ""
        for (column, cell) in cells.enumerated() {
            let shown = cell.text.cut(toColumns: widths[column])
            let padding = String(repeating: " ", count: max(0, widths[column] - shown.columns))
            let toned = cell.tone.applied(to: shown, hasColor: terminal.hasColor)
            let isLast = column == cells.count - 1
            text += columns[column].isRightAligned ? padding + toned : toned + (isLast ? "" : padding)
            if !isLast { text += String(repeating: " ", count: Self.gap) }
        }
        while text.last == " " { text.removeLast() }
        return text + "\n"
    }
}
