import LoopModel
import SyncCore

/// Charts as inline SVG: places in per cent, so that a chart takes any width while its marks and words keep their size.
struct Figure {
    /// What the chart shows, in a few words.
    let title: String
    /// What can be read off it, for who does not see it.
    let description: String
    let height: Int
    /// Unique in the page.
    let id: String
    let content: String

    /// The chart; title and description are escaped here.
    var svg: String {
        """
        <svg role="img" aria-labelledby="\(id)-t \(id)-d" width="100%" height="\(height)">
        <title id="\(id)-t">\(HTML.escaped(title))</title><desc id="\(id)-d">\(HTML.escaped(description))</desc>
        \(content)</svg>

        """
    }

    /// A mark whose shape tells the outcome as well as its colour.
    ///
    /// - Parameters:
    ///   - place: from 0 to 100.
    ///   - label: HTML.
    static func mark(_ outcome: String, at place: Double, _ y: Double, label: String) -> String {
        let shape =
            switch outcome {
            case "ok": "<circle r=\"4\"/>"
            case "bad": "<path d=\"M-4 -4L4 4M-4 4L4 -4\"/>"
            default: "<path d=\"M0 -5L5 0L0 5L-5 0Z\"/>"
            }
        return "<svg x=\"\(HTML.number(place))%\" y=\"\(HTML.number(y))\" overflow=\"visible\" class=\"m \(outcome)\">"
            + "<title>\(label)</title>\(shape)</svg>\n"
    }

    /// Words in a chart.
    static func words(_ html: String, at place: Double, _ y: Double, anchor: String = "start", kind: String = "")
        -> String
    {
        "<text x=\"\(HTML.number(place))%\" y=\"\(HTML.number(y))\" text-anchor=\"\(anchor)\" class=\"\(kind)\">\(html)</text>\n"
    }

    /// A line from left to right.
    static func rule(_ y: Double, kind: String = "rule") -> String {
        "<line x1=\"0\" x2=\"100%\" y1=\"\(HTML.number(y))\" y2=\"\(HTML.number(y))\" class=\"\(kind)\"/>\n"
    }
}
