import LoopModel
import SyncAgent
import SyncCore

/// The report as one HTML file that needs nothing else: no script, no network, nothing of a run that is live; pure.
enum ReportPage {
    /// Charts of so many loops are drawn, those with the most runs.
    private static let mostLoops = 12

    static func html(_ data: ReportData) -> String {
        let title = HTML.escaped("Loops in \(data.path)")
        var body =
            "<header><h1>\(title)</h1>\n<p>\(HTML.escaped(LocalTime.withZone(data.now))), loopsync \(Version.text)."
            + " <span class=\"key ok\">●</span> completed <span class=\"key bad\">×</span> failed"
            + " <span class=\"key other\">◆</span> neither: under way, handed off, stopped by a person</p></header>\n"
        body += ReportSections.tiles(data)
        guard !data.runs.isEmpty else {
            return page(title, body + section("Runs", "<p>No run yet.</p>\n") + retention(data))
        }
        body += section("Timeline", TimelineFigure.figure(data)?.svg ?? "<p>No run has a time.</p>\n")
        body += section("Loops", ReportSections.loops(data) + ReportSections.limits(data))
        body += charts(data)
        body += section("Slowest states", ReportSections.slowest(data))
        body += section("Failures", ReportSections.failures(data))
        return page(title, body + retention(data))
    }

    private static func retention(_ data: ReportData) -> String {
        section("Retention", ReportSections.retention(data))
    }

    private static func charts(_ data: ReportData) -> String {
        let loops = data.loops.sorted { $0.statistics.runs.count > $1.statistics.runs.count }.prefix(mostLoops)
        return loops.enumerated().map { number, loop in
            let name = HTML.escaped(loop.loop, limit: 100)
            let figures = [
                DurationFigure.figure(loop, data, number: number).map { "<div><h3>Durations</h3>\n\($0.svg)</div>\n" },
                StateFigure.figure(loop, number: number).map { "<div><h3>Time per state</h3>\n\($0.svg)</div>\n" },
            ].compactMap(\.self)
            return figures.isEmpty ? "" : section(name, "<div class=\"pair\">\(figures.joined())</div>\n")
        }.joined()
    }

    /// - Parameters:
    ///   - title: HTML.
    ///   - content: HTML.
    private static func section(_ title: String, _ content: String) -> String {
        "<section><h2>\(title)</h2>\n\(content)</section>\n"
    }

    private static func page(_ title: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <style>
        \(ReportStyle.sheet)
        </style>
        </head>
        <body>
        <main>
        \(body)</main>
        </body>
        </html>

        """
    }
}
