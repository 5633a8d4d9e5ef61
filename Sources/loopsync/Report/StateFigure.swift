import LoopModel
import SyncCore

/// Where a loop's time goes, a bar for each state.
enum StateFigure {
    private static let most = 12
    private static let row = 34.0

    /// - Returns: nil where no event tells of a state.
    static func figure(_ loop: LoopStatistics, number: Int) -> Figure? {
        let states = loop.states.prefix(most)
        guard let longest = states.first?.time, longest > .zero else { return nil }
        let whole = loop.states.reduce(Duration.zero) { $0 + $1.time }
        var content = ""
        for (index, state) in states.enumerated() {
            let top = Double(index) * row
            let share = Double(state.time.milliseconds) / max(Double(whole.milliseconds), 1)
            let length = max(100 * Double(state.time.milliseconds) / max(Double(longest.milliseconds), 1), 0.4)
            content += Figure.words(HTML.escaped(state.state, limit: 30), at: 0, top + 12, kind: "name")
            let facts = "\(Amount.duration(state.time)), \(Int((share * 100).rounded()))%"
            content += Figure.words(HTML.escaped(facts), at: 100, top + 12, anchor: "end", kind: "axis")
            content +=
                "<rect x=\"0\" y=\"\(HTML.number(top + 18))\" width=\"\(HTML.number(length))%\" height=\"9\" rx=\"2\""
                + " class=\"b plain\"><title>\(label(state))</title></rect>\n"
        }
        let told = states.prefix(5).map {
            "\(PrintableText.escaping($0.state.bytes, limit: 40)) \(Amount.duration($0.time))"
        }
        return Figure(
            title: "Time per state of \(PrintableText.escaping(loop.loop.bytes))",
            description: told.joined(separator: ", "),
            height: Int(Double(states.count) * row),
            id: "states-\(number)",
            content: content
        )
    }

    private static func label(_ state: StateStatistics) -> String {
        HTML.escaped(state.state, limit: 60)
            + HTML.escaped(
                ": \(Amount.duration(state.time)) in \(Amount.count(state.visits, "visit")) of \(Amount.count(state.runs, "run"))"
            )
    }
}
