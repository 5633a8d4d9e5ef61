/// Rows for people and for programs; pure.
///
/// On a terminal: a header, and no line that is wider than it: columns that can be done without go first, then those that
/// may be cut are, then all others. In a pipe: tab-separated values without a header, nothing cut, so that `cut -f` and
/// `awk` work.
struct Table {
    /// One column.
    struct Column {
        let title: String
        var isRightAligned = false
        /// Whether this column gives way where a line is too long.
        var isFlexible = false
        /// Whether this column is left out where even that does not make a line fit; the last such column goes first.
        var isDispensable = false
        /// Whether what does not fit goes on below, parted at words; at most the last column.
        ///
        /// For reasons, of which nothing should be cut.
        var isProse = false
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
            return rows.reduce(into: "") { text, row in
                for (column, cell) in row.enumerated() {
                    if column > 0 { text += "\t" }
                    text += cell.text
                }
                text += "\n"
            }
        }
        let needless = leastWidth > width ? columns.lastIndex(where: \.isDispensable) : nil
        let impossible = columns.count > 1 && (columns.count - 1) * (Self.gap + 1) + 1 > width ? columns.count - 1 : nil
        if let column = needless ?? impossible {
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

    /// How narrow it gets with all columns that may give way at their narrowest.
    private var leastWidth: Int {
        columns.indices.reduce(Self.gap * (columns.count - 1)) { sum, column in
            let natural = naturalWidth(of: column)
            if columns[column].isProse { return sum + min(natural, Self.narrowestProse) }
            return sum + (columns[column].isFlexible ? min(natural, Self.narrowest) : natural)
        }
    }

    private func naturalWidth(of column: Int) -> Int {
        rows.reduce(columns[column].title.columns) { max($0, $1[column].text.columns) }
    }

    private static let gap = 2
    private static let narrowest = 8
    private static let narrowestProse = 24

    private func fitted(to width: Int) -> [Int] {
        var widths = columns.indices.map(naturalWidth)
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - width
        func cut(to least: Int, where mayBeCut: (Column) -> Bool = { _ in true }) {
            for column in columns.indices.reversed() where mayBeCut(columns[column]) && excess > 0 {
                let cut = min(excess, max(0, widths[column] - least))
                widths[column] -= cut
                excess -= cut
            }
        }
        cut(to: Self.narrowestProse, where: \.isProse)
        cut(to: Self.narrowest, where: \.isFlexible)
        cut(to: Self.narrowest)
        cut(to: 1)
        return widths
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ terminal: Terminal) -> String {
        guard let last = cells.last, columns[cells.count - 1].isProse else {
            return line(cells.map(\.text), cells, widths, terminal)
        }
        let pieces = last.text.wrapped(toColumns: widths[cells.count - 1])
        return pieces.enumerated().map { index, piece in
            line(cells.dropLast().map { index == 0 ? $0.text : "" } + [piece], cells, widths, terminal)
        }.joined()
    }

    private func line(_ texts: [String], _ cells: [Cell], _ widths: [Int], _ terminal: Terminal) -> String {
        var line = ""
        for (column, text) in texts.enumerated() {
            let shown = text.cut(toColumns: widths[column])
            let padding = String(repeating: " ", count: max(0, widths[column] - shown.columns))
            let toned = cells[column].tone.applied(to: shown, hasColor: terminal.hasColor)
            let isLast = column == texts.count - 1
            line += columns[column].isRightAligned ? padding + toned : toned + (isLast ? "" : padding)
            if !isLast { line += String(repeating: " ", count: Self.gap) }
        }
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }
}
