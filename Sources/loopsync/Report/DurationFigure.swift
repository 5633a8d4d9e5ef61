import LoopModel
import SyncCore

/// How long a loop's newest runs took, one bar each.
enum DurationFigure {
    private static let most = 60
    private static let height = 120.0

    /// - Parameters:
    ///   - number: of the loop in the page.
    /// - Returns: nil where no run has a length.
    static func figure(_ loop: LoopStatistics, _ data: ReportData, number: Int) -> Figure? {
        let runs = Array(data.runs.lazy.filter { $0.loop == loop.loop && $0.took != nil }.prefix(most).reversed())
        guard let longest = runs.compactMap(\.took).max(), let spread = loop.statistics.durations else { return nil }
        let scale = (height - 20) / max(Double(longest.milliseconds), 1)
        let step = 100 / Double(max(runs.count, 12))
        var content = ""
        for (index, run) in runs.enumerated() {
            let length = max(Double(run.took?.milliseconds ?? 0) * scale, 2)
            let place = Double(index) * step
            content +=
                "<rect x=\"\(HTML.number(place))%\" y=\"\(HTML.number(height - length))\" width=\"\(HTML.number(step * 0.8))%\""
                + " height=\"\(HTML.number(length))\" rx=\"1.5\" class=\"b \(run.outcome)\"><title>\(run.label)</title></rect>\n"
            if run.outcome == "bad" {
                content += Figure.words("×", at: place + step * 0.4, height - length - 3, anchor: "middle", kind: "x")
            }
        }
        let median = height - Double(spread.median.milliseconds) * scale
        content += Figure.rule(height, kind: "base")
        content += Figure.rule(max(median, 1), kind: "median")
        let caption =
            "median \(Amount.duration(spread.median)), p90 \(Amount.duration(spread.p90)), "
            + "longest \(Amount.duration(spread.largest))"
        content += Figure.words(HTML.escaped(caption), at: 0, height + 16, kind: "axis")
        return Figure(
            title:
                "How long the last \(Amount.count(runs.count, "run")) of \(PrintableText.escaping(loop.loop.bytes)) took",
            description: caption,
            height: Int(height) + 22,
            id: "took-\(number)",
            content: content
        )
    }
}
