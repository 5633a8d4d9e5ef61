import LoopModel
import LoopStore
import SyncCore

/// One run told for people; pure.
struct StoryText {
    let run: FoundRun
    let story: RunStory
    /// What its state has captured.
    let captured: JSONValue
    let terminal: Terminal
    /// Whether no visit is left out, however many there are.
    var isWhole = false

    /// So many visits are shown from the beginning and from the end, where not all are.
    private static let shownAtEnds = (first: 20, last: 15)

    /// The story, with a newline at the end.
    var text: String {
        let sections = [header, visits, times, captures, error, others, output]
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var header: String {
        let isLive = run.process != nil
        var lines = [
            Tone.strong.applied(to: run.selector, hasColor: terminal.hasColor) + "  "
                + RunTone.of(run.status, isLive: isLive).applied(
                    to: RunTone.word(run.status, isLive: isLive),
                    hasColor: terminal.hasColor
                )
        ]
        func add(_ label: String, _ text: String?) {
            guard let text else { return }
            lines.append("  " + label + String(repeating: " ", count: max(1, 10 - label.count)) + text)
        }
        add("began", story.startedAt.map(LocalTime.withZone))
        add(run.process == nil ? "ended" : "last seen", story.endedAt.map(LocalTime.withZone))
        add("took", took)
        add("end", ending)
        add(
            "kept",
            "\(run.path)\(run.archive.map { ", \(SizeText.rounded($0.size))\($0.isPinned ? ", pinned" : "")" } ?? "")"
        )
        add("process", run.process.map(String.init))
        if story.damagedLines > 0 { add("damage", "\(Amount.count(story.damagedLines, "line")) without an event") }
        return lines.joined(separator: "\n") + "\n"
    }

    private var took: String? {
        guard let began = story.startedAt, let ended = story.endedAt else { return nil }
        let segments = story.segments > 1 ? " in \(story.segments) segments" : ""
        let pause = story.segments > 1 ? " (\(Amount.duration(story.time)) at work)" : ""
        return "\(Amount.duration(ended - began))\(pause), \(Amount.count(story.visitCount, "state"))\(segments)"
    }

    private var ending: String? {
        switch story.ending {
        case .none: run.process == nil ? "none is told of: it was killed, or its last lines are missing" : nil
        case .complete(let reason, let state, _):
            "in \(state.map(Self.shown) ?? "?") (\(reason.map(Self.shown) ?? "?"))"
        case .handoff(let continuation):
            "handed off" + (continuation.map { ": " + Self.shown($0, limit: 200) } ?? "")
        }
    }

    // MARK: States

    private var visits: String {
        guard !story.visits.isEmpty else { return "" }
        var table = Table(columns: [
            .init(title: "AT", isRightAligned: true), .init(title: "STATE", isFlexible: true),
            .init(title: "TOOK", isRightAligned: true), .init(title: "EXIT", isRightAligned: true),
            .init(title: "VERDICT"), .init(title: "THEN", isFlexible: true),
        ])
        let all = story.visits
        let ends = Self.shownAtEnds
        let isCut = !isWhole && all.count > ends.first + ends.last + 1
        for (index, visit) in all.enumerated() {
            if isCut, index >= ends.first, index < all.count - ends.last {
                if index == ends.first {
                    table.rows.append([
                        "", .init("… \(all.count - ends.first - ends.last) more: --all", .dim), "", "", "", "",
                    ])
                }
                continue
            }
            table.rows.append(row(visit))
        }
        if story.omittedVisits > 0 {
            table.rows.append(["", .init("… and \(story.omittedVisits) after these", .dim), "", "", "", ""])
        }
        return table.rendered(for: wide)
    }

    private func row(_ visit: RunStory.Visit) -> [Table.Cell] {
        let at = visit.enteredAt.flatMap { at in story.startedAt.map { Amount.duration(at - $0) } } ?? "?"
        let verdict = visit.verdict.map { Self.shown($0) } ?? (visit.isOpen ? "…" : "")
        let why = visit.reason.map { " (\(Self.shown($0)))" } ?? ""
        return [
            .init(at, .dim), .init(Self.shown(visit.state)), .init(Amount.duration(visit.time)),
            .init(visit.exitCode.map(String.init) ?? "", visit.exitCode ?? 0 == 0 ? .plain : .warning),
            .init(verdict), .init(visit.next.map { Self.shown($0) + why } ?? "", .dim),
        ]
    }

    /// The time by state, as bars where there is a terminal.
    private var times: String {
        guard story.states.count > 1 || story.visitCount > 1 else { return "" }
        let sorted = story.states.sorted { $0.time > $1.time }
        var table = Table(columns: [
            .init(title: "STATE", isFlexible: true), .init(title: "VISITS", isRightAligned: true),
            .init(title: "TOOK", isRightAligned: true), .init(title: "VERDICTS", isFlexible: true), .init(title: ""),
        ])
        let longest = Double(sorted.first?.time.milliseconds ?? 0)
        table.rows = sorted.prefix(30).map { total in
            [
                .init(Self.shown(total.state)), .init(String(total.visits)), .init(Amount.duration(total.time)),
                .init(total.verdicts.map { "\($0.count) \(Self.shown($0.name))" }.joined(separator: ", "), .dim),
                .init(
                    terminal.width == nil
                        ? "" : Chart.bar(Double(total.time.milliseconds), of: longest, width: barWidth),
                    .good
                ),
            ]
        }
        return table.rendered(for: wide)
    }

    private var barWidth: Int { min(max((terminal.width ?? 72) / 3, 8), 24) }

    // MARK: What it left

    private var captures: String {
        guard let captured = captured.objectValue, !captured.isEmpty else { return "" }
        let lines = captured.members.prefix(50).map { member in
            let value = member.value.objectValue?["output"] ?? member.value
            let text = value.stringValue ?? JSONString(wtf8: value.serialized()) ?? ""
            let shown = Self.lines(of: text).prefix(50).joined(separator: " ⏎ ")
            return cut("  \(Self.shown(member.key)) = \(shown)", indent: 0) + "\n"
        }
        return title("captured") + lines.joined()
    }

    private var error: String {
        var lines: [String] = []
        if let error = story.error { lines += Self.lines(of: error) }
        if story.lastExitCode ?? 0 != 0, let text = story.lastErrorOutput { lines += Self.lines(of: text) }
        guard !lines.isEmpty else { return "" }
        return title("error") + lines.suffix(20).map { quoted($0, .bad) }.joined()
    }

    private var others: String {
        guard !story.others.isEmpty else { return "" }
        let all = story.others.map { "\(Self.shown($0.name)) \($0.count)" }.joined(separator: ", ")
        return title("also") + "  " + cut(all, indent: 2) + "\n"
    }

    private var output: String {
        guard !story.output.isEmpty else { return "" }
        let part =
            story.outputLines > story.output.count ? " (last \(story.output.count) of \(story.outputLines) lines)" : ""
        return title("output\(part)")
            + story.output.map { quoted(PrintableText.escaping($0.bytes), .plain) }.joined()
    }

    // MARK: Text

    /// In a pipe nothing is cut, but columns are aligned all the same: this is for people.
    private var wide: Terminal {
        Terminal(width: terminal.width ?? 1 << 20, hasColor: terminal.hasColor)
    }

    private func title(_ text: String) -> String {
        Tone.dim.applied(to: text, hasColor: terminal.hasColor) + "\n"
    }

    private func quoted(_ line: String, _ tone: Tone) -> String {
        "  " + Tone.dim.applied(to: "│", hasColor: terminal.hasColor) + " "
            + tone.applied(to: cut(line, indent: 4), hasColor: terminal.hasColor) + "\n"
    }

    private func cut(_ text: String, indent: Int) -> String {
        guard let width = terminal.width else { return text }
        return text.cut(toColumns: max(width - indent, 8))
    }

    private static func shown(_ text: JSONString) -> String { shown(text, limit: 200) }

    private static func shown(_ text: JSONString, limit: Int) -> String {
        PrintableText.escaping(text.bytes, limit: limit)
    }

    private static func lines(of text: JSONString) -> [String] {
        text.bytes.split(separator: UInt8(ascii: "\n")).map { PrintableText.escaping($0) }
    }
}
