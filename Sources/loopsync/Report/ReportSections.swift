import LoopModel
import SyncCore

/// The parts of the page that are words and tables; pure.
enum ReportSections {
    /// The four numbers that answer first.
    static func tiles(_ data: ReportData) -> String {
        let statistics = RunStatistics(
            data.runs.map { .init(status: $0.status, took: $0.took, iterations: nil, endedAt: $0.endedAt) }
        )
        let rate = statistics.successRate.map { "\(Int(($0 * 100).rounded()))%" } ?? "–"
        let newest = data.runs.first
        let tiles = [
            (String(data.runs.count), "runs of \(Amount.count(data.loops.count, "loop"))"),
            (rate, "completed of \(Amount.count(statistics.countedRuns, "run")) that ended by themselves"),
            (statistics.durations.map { Amount.duration($0.median) } ?? "–", "median duration"),
            (
                newest?.endedAt.map { Amount.duration(max(data.now - $0, .zero)) + " ago" } ?? "–",
                "last: \(newest.map { "\($0.selector) \($0.status?.description ?? "unreadable")" } ?? "no run yet")"
            ),
        ]
        return "<dl class=\"tiles\">"
            + tiles.map { "<div><dd>\(HTML.escaped($0))</dd><dt>\(HTML.escaped($1))</dt></div>" }.joined() + "</dl>\n"
    }

    /// A row for each loop.
    static func loops(_ data: ReportData) -> String {
        HTML.table(
            ["Loop", ">Runs", "Outcomes", ">Success", ">Median", ">P90", ">States"],
            data.loops.map { loop in
                let statistics = loop.statistics
                return [
                    HTML.escaped(loop.loop, limit: 100), String(statistics.runs.count), outcomes(statistics),
                    statistics.successRate.map { "\(Int(($0 * 100).rounded()))%" } ?? "–",
                    HTML.escaped(statistics.durations.map { Amount.duration($0.median) } ?? "–"),
                    HTML.escaped(statistics.durations.map { Amount.duration($0.p90) } ?? "–"),
                    statistics.iterations.map { String($0.median) } ?? "–",
                ]
            }
        )
    }

    /// What was left out, so that the numbers mean what a reader takes them for.
    static func limits(_ data: ReportData) -> String {
        StatisticsRows.limits(data.loops).map { "<p>\(HTML.escaped($0)).</p>\n" }.joined()
    }

    /// The outcomes of a loop's runs as one bar, with the numbers as its text.
    private static func outcomes(_ statistics: RunStatistics) -> String {
        let all = Double(max(statistics.runs.count, 1))
        let counts = [
            ("ok", statistics.runs.count { $0.isSuccess == true }),
            ("bad", statistics.runs.count { $0.isSuccess == false }),
            ("other", statistics.runs.count { $0.isSuccess == nil }),
        ]
        let words = "\(counts[0].1) completed, \(counts[1].1) failed, \(counts[2].1) neither"
        var place = 0.0
        var content = ""
        for (kind, count) in counts where count > 0 {
            let width = 100 * Double(count) / all
            content +=
                "<rect x=\"\(HTML.number(place))%\" width=\"\(HTML.number(width))%\" height=\"10\" class=\"b \(kind)\"/>"
            place += width
        }
        return
            "<svg role=\"img\" aria-label=\"\(words)\" width=\"110\" height=\"10\"><title>\(words)</title>\(content)</svg>"
    }

    /// The states that take longest per visit, over all loops.
    static func slowest(_ data: ReportData) -> String {
        let all = data.loops.flatMap { loop in loop.states.map { (loop.loop, $0) } }
            .sorted { $0.1.time / max($0.1.visits, 1) > $1.1.time / max($1.1.visits, 1) }
        return HTML.table(
            ["State", "Loop", ">Per visit", ">Visits", ">Longest in one run"],
            all.prefix(10).map { loop, state in
                [
                    HTML.escaped(state.state, limit: 60), HTML.escaped(loop, limit: 60),
                    HTML.escaped(Amount.duration(state.time / max(state.visits, 1))), String(state.visits),
                    HTML.escaped(Amount.duration(state.longest)),
                ]
            }
        )
    }

    /// Each failure with what it said last.
    static func failures(_ data: ReportData) -> String {
        guard !data.failures.isEmpty else { return "<p>No run failed.</p>\n" }
        let more =
            data.failuresInAll > data.failures.count
            ? "<p>The newest \(data.failures.count) of \(data.failuresInAll).</p>\n" : ""
        return more + data.failures.map(failure).joined()
    }

    private static func failure(_ failure: ReportData.Failure) -> String {
        let story = failure.story
        var facts: [String] = []
        if case .complete(let reason, let state, _) = story.ending {
            facts.append(
                "ended in \(HTML.escaped(state ?? "?", limit: 60)) (\(HTML.escaped(reason ?? "?", limit: 60)))"
            )
        } else if case .none = story.ending {
            facts.append("no end is told of")
        }
        if let last = story.visits.last, story.omittedVisits == 0 {
            facts.append("last state \(HTML.escaped(last.state, limit: 60))")
        }
        if let code = story.lastExitCode { facts.append("last exit code \(code)") }
        if let action = story.lastAction {
            facts.append("last action <code>\(HTML.escaped(action, limit: 300))</code>")
        }
        let error = story.error.map { "<pre class=\"error\">\(lines($0))</pre>\n" } ?? ""
        let complaint = story.lastErrorOutput.flatMap { $0.isEmpty ? nil : "<pre class=\"error\">\(lines($0))</pre>\n" }
        let output = story.output.map { HTML.escaped($0, limit: 1000) }.joined(separator: "\n")
        return
            "<article><h3>\(failure.run.label)</h3>\n<p>\(facts.joined(separator: ", "))</p>\n\(error)\(complaint ?? "")"
            + (output.isEmpty ? "<p>It said nothing.</p>" : "<pre tabindex=\"0\">\(output)</pre>") + "</article>\n"
    }

    private static func lines(_ text: JSONString) -> String {
        text.bytes.split(separator: UInt8(ascii: "\n")).suffix(20)
            .map { HTML.escaped(PrintableText.escaping($0, limit: 1000)) }.joined(separator: "\n")
    }

    /// What the policy will remove, and when.
    static func retention(_ data: ReportData) -> String {
        guard let (policy, forecast) = data.retention else {
            return "<p>The settings cannot be read: <code>loopsync config check</code> says why.</p>\n"
        }
        let words = "<p>Policy: \(HTML.escaped(policy)).</p>\n"
        guard !forecast.departures.isEmpty else {
            return words + "<p>It removes none of these runs"
                + (forecast.horizon > data.now ? " before \(HTML.escaped(LocalTime.day(forecast.horizon)))" : "")
                + ".</p>\n"
        }
        let bytes = forecast.departures.reduce(into: Int64(0)) { $0 += $1.run.size }
        let shown = forecast.departures.prefix(30)
        let more =
            forecast.departures.count > shown.count
            ? "<p>And \(forecast.departures.count - shown.count) later.</p>\n" : ""
        return words
            + "<p>If no other run came, it would remove \(Amount.count(forecast.departures.count, "run")) of \(forecast.runs)"
            + " (\(SizeText.rounded(bytes))) until \(HTML.escaped(LocalTime.day(forecast.horizon))); pinned runs stay.</p>\n"
            + HTML.table(
                ["Run", "Goes by", ">Size", "Why"],
                shown.map { departure in
                    [
                        HTML.escaped(departure.run.place.description),
                        departure.by <= data.now ? "at the next prune" : HTML.escaped(LocalTime.day(departure.by)),
                        SizeText.rounded(departure.run.size),
                        HTML.escaped(departure.reasons.map(\.description).joined(separator: "; ")),
                    ]
                },
                kind: "why"
            ) + more
    }
}
