import Glibc
import LoopModel
import TestSupport
import Testing

@testable import loopsync

/// `report` through the real program, and its page in a real browser.
@Suite
struct ReportTests {
    private let project: ArchivedProject

    /// What would run, load or break out if any of it were live in the page.
    private static let payloads = [
        "<script>document.title='owned'</script>", "\\\"><img src=x onerror=alert(1)>", "</title></svg></pre>",
        "'onmouseover='x", "&lt;script&gt;", "<!--", "]]>", "http://example.invalid/x.png",
    ]

    init() throws {
        project = try ArchivedProject()
        for (index, payload) in Self.payloads.enumerated() {
            let second = Int64(index) * 1000
            try ToldRun.archive(in: project, second: second, verdicts: ["no", "no"], status: "failed")
            let id = RunID(startedAt: Timestamp(seconds: 1_769_860_800 + second).iso).description
            for file in ["events.jsonl", "state.json"] {
                let path = project.loops(".history/fix/\(id)/\(file)")
                let text = Disk.text(path) ?? ""
                try Disk.write(
                    text.replacing(ToldRun.hostile, with: payload + ToldRun.hostile).replacing(
                        "\"check\"",
                        with: "\"\(payload)\""
                    )
                    .replacing("\"fix\"", with: "\"fix \(payload)\"").replacing("max_iterations", with: payload),
                    to: path
                )
            }
        }
        try ToldRun.archive(in: project, second: 90_000, loop: "other")
    }

    private func page(_ arguments: String...) throws -> String {
        let file = project.place.path("report.html")
        let run = try CommandRun(["report", "-o", file] + arguments, in: project.path)
        #expect(run.status == 0)
        return try #require(Disk.text(file))
    }

    /// The page's tags with their attributes, quotes taken into account.
    private func tags(_ page: String) -> [Substring] {
        var tags: [Substring] = []
        var rest = page[...]
        while let open = rest.firstIndex(of: "<") {
            var end = rest.index(after: open)
            var isQuoted = false
            while end < rest.endIndex, isQuoted || rest[end] != ">" {
                if rest[end] == "\"" { isQuoted.toggle() }
                end = rest.index(after: end)
            }
            tags.append(rest[open..<end])
            rest = rest[end...]
        }
        return tags
    }

    @Test func `nothing that a loop wrote is live in the page`() throws {
        let page = try page()
        for harm in ToldRun.harmful { #expect(!page.contains(harm)) }
        let known: Set<Substring> = [
            "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "h3", "p",
            "span",
            "dl", "div", "dd", "dt", "section", "svg", "desc", "text", "line", "circle", "path", "rect", "table",
            "thead",
            "tbody", "tr", "th", "td", "article", "pre", "code",
        ]
        for tag in tags(page) {
            let name = tag.dropFirst().drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber || $0 == "!" }
            #expect(known.contains(name), "\(tag)")
            #expect(!tag.contains(" on") && !tag.contains("src=") && !tag.contains("href="), "\(tag)")
        }
        #expect(page.contains("&lt;script&gt;document.title=&#39;owned&#39;&lt;/script&gt;"))
        #expect(page.contains("default-src 'none'"))
    }

    @Test func `every chart has a title and a description, the page its sections`() throws {
        let page = try page()
        let charts = page.split(separator: "<svg role=\"img\"").dropFirst()
        #expect(charts.count >= 4)
        #expect(charts.allSatisfy { $0.contains("<title") || $0.contains("aria-label") })
        for title in ["Timeline", "Loops", "Slowest states", "Failures", "Retention"] {
            #expect(page.contains("<h2>\(title)</h2>"))
        }
        #expect(page.contains("prefers-color-scheme: dark") && page.contains("@media print"))
    }

    @Test func `it is about the loops and the time that were asked for`() throws {
        let page = try page("other")
        #expect(!page.contains("fix "))
        #expect(page.contains("No run failed."))
        #expect(try project.run("report", "nobody", "-o", "x.html").status == 1)
        #expect(!Disk.exists("\(project.path)/x.html"))
        let none = try project.run("report", "--since", "1h")
        #expect(none.output.contains("No run yet."))
    }

    @Test func `what the policy will remove is told with its day`() throws {
        for second in 1...5 { try ToldRun.archive(in: project, second: 90_000 + Int64(second) * 1000, loop: "other") }
        try project.configure("retention:\n  keep_within: 7d\n  keep_min: 1\n")
        let page = try page()
        #expect(page.contains("at the next prune"))
        #expect(page.contains("no rule keeps it"))
        let document = try JSONValue(parsing: project.run("report", "--json").output.utf8).objectValue
        #expect(document?["departures"]?.arrayValue?.isEmpty == false)
        #expect(document?["runs"]?.arrayValue?.count == Self.payloads.count + 6)
    }

    @Test func `a file that is there is replaced whole, anything else is left alone`() throws {
        try Disk.write("old", to: "\(project.path)/r.html")
        #expect(try project.run("report", "-o", "r.html").status == 0)
        #expect(Disk.text("\(project.path)/r.html")?.hasPrefix("<!DOCTYPE html>") == true)
        #expect(try project.run("report", "-o", ".loops").status == 1)
        #expect(try project.run("report", "-o", "no/such.html").status == 1)
        #expect(Disk.names(in: project.path).filter { $0.contains("loopsync-tmp") } == [])
        let shown = try TerminalRun.output(["report"], in: project.path, columns: 80)
        #expect(shown.contains("give -o report.html"))
    }

    @Test(.enabled(if: Chromium.isInstalled, "chromium is not installed"))
    func `a browser shows the page as it is, on a phone and on a desk, and prints it`() throws {
        _ = try page()
        let file = "file://" + project.place.path("report.html")
        let document = try Chromium.run(["--dump-dom", file], in: project.place.path)
        #expect(document.contains("<title>Loops in "))
        #expect(!document.contains("<script>"))
        #expect(document.contains("</main>"))
        for width in [390, 1280] {
            let picture = project.place.path("\(width).png")
            _ = try Chromium.run(
                ["--screenshot=\(picture)", "--window-size=\(width),2000", file],
                in: project.place.path
            )
            let bytes = try #require(Disk.read(picture))
            // A blank page of this size has some 5 kB.
            #expect(bytes.count > 20_000)
            #expect(bytes[16..<20].reduce(0) { $0 << 8 | Int($1) } == width)
        }
        let print = project.place.path("report.pdf")
        _ = try Chromium.run(["--print-to-pdf=\(print)", file], in: project.place.path)
        #expect(Disk.read(print)?.starts(with: Array("%PDF".utf8)) == true)
    }

    @Test func `escaping knows all that means something in HTML`() {
        #expect(HTML.escaped("<a href=\"x\" b='y'>&amp;") == "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;")
        #expect(HTML.number(-0.005) == "-0.01" || HTML.number(-0.005) == "0.00")
        #expect(HTML.number(12.345) == "12.35" || HTML.number(12.345) == "12.34")
        #expect(HTML.number(.nan) == "0" && HTML.number(1e300) == "0")
    }
}

/// Debian's headless Chromium.
private enum Chromium {
    static let path = "/usr/bin/chromium"
    static var isInstalled: Bool { access(path, X_OK) == 0 }

    /// Runs it without a network and answers with what it printed.
    static func run(_ arguments: [String], in directory: String) throws -> String {
        let always = [
            "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=\(directory)/chromium",
        ]
        let finished = try Subprocess.run(
            [path] + always + arguments,
            in: directory,
            environment: ["PATH": "/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8", "TZ": "UTC"]
        )
        guard finished.succeeded else { throw TestSupportError("chromium \(arguments): \(finished)") }
        return finished.output
    }
}
