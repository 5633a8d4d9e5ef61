import LoopModel

/// Text as HTML; pure.
enum HTML {
    /// Text that may come from anywhere, for an element's content and for a quoted attribute.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A run's own words: control characters, and those that turn the direction of text, are spelled out.
    static func escaped(_ text: JSONString, limit: Int = 2000) -> String {
        escaped(PrintableText.escaping(text.bytes, limit: limit))
    }

    /// A number for an attribute, with two decimals.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e9 else { return "0" }
        let hundredths = Int((value * 100).rounded())
        let fraction = abs(hundredths % 100)
        return "\(hundredths < 0 ? "-" : "")\(abs(hundredths / 100)).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    /// A table with its titles.
    ///
    /// - Parameters:
    ///   - columns: titles, already HTML; those that begin with `>` are of numbers.
    ///   - rows: cells, already HTML.
    ///   - kind: a class of the style sheet.
    static func table(_ columns: [String], _ rows: [[String]], kind: String = "") -> String {
        let isNumber = columns.map { $0.hasPrefix(">") }
        let head = columns.enumerated().map { index, title in
            "<th scope=\"col\"\(isNumber[index] ? " class=\"n\"" : "")>\(isNumber[index] ? String(title.dropFirst()) : title)</th>"
        }
        let body = rows.map { row in
            "<tr>" + row.enumerated().map { "<td\(isNumber[$0] ? " class=\"n\"" : "")>\($1)</td>" }.joined() + "</tr>"
        }
        return "<div class=\"scroll \(kind)\"><table><thead><tr>\(head.joined())</tr></thead>\n<tbody>"
            + body.joined(separator: "\n") + "</tbody></table></div>\n"
    }
}
