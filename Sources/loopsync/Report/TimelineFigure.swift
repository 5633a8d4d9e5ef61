import LoopModel
import SyncCore

/// When the runs of each loop ended, and how.
enum TimelineFigure {
    private static let mostLoops = 40
    private static let mostRuns = 400
    private static let row = 38.0

    /// - Returns: nil where no run has a time.
    static func figure(_ data: ReportData) -> Figure? {
        let times = data.runs.compactMap(\.endedAt)
        guard let first = times.min(), let last = times.max() else { return nil }
        let loops = data.loops.prefix(mostLoops)
        let span = max(Double(last.microseconds) - Double(first.microseconds), 1)
        var content = ""
        for (index, loop) in loops.enumerated() {
            let top = Double(index) * row
            let runs = data.runs.lazy.filter { $0.loop == loop.loop }.prefix(mostRuns)
            content += Figure.words(HTML.escaped(loop.loop, limit: 40), at: 0, top + 12, kind: "name")
            content += Figure.rule(top + 26)
            for run in runs.reversed() {
                guard let ended = run.endedAt else { continue }
                // A margin on both sides, so that no mark is cut.
                let place = 2 + 96 * (Double(ended.microseconds) - Double(first.microseconds)) / span
                content += Figure.mark(run.outcome, at: place, top + 26, label: run.label)
            }
        }
        let bottom = Double(loops.count) * row
        content += Figure.words(HTML.escaped(LocalTime.withZone(first)), at: 0, bottom + 14, kind: "axis")
        content += Figure.words(
            HTML.escaped(LocalTime.withZone(last)),
            at: 100,
            bottom + 30,
            anchor: "end",
            kind: "axis"
        )
        let more = data.loops.count > mostLoops ? "; the first \(mostLoops) of \(data.loops.count) loops" : ""
        return Figure(
            title: "Runs by when they ended",
            description: summary(data) + " from \(LocalTime.withZone(first)) to \(LocalTime.withZone(last))\(more)",
            height: Int(bottom) + 36,
            id: "timeline",
            content: content
        )
    }

    private static func summary(_ data: ReportData) -> String {
        let completed = data.runs.count { $0.isSuccess == true }
        let failed = data.runs.count { $0.isSuccess == false }
        let rest = data.runs.count - completed - failed
        return "\(Amount.count(completed, "run")) completed, \(failed) failed, \(rest) neither,"
    }
}
