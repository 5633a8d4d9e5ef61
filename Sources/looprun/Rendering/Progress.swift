import Glibc
import LoopEngine
import LoopModel
import LoopStore

/// Shows a run as it goes on: for people, or as JSON Lines.
struct Progress {
    private let loop: LoopDefinition
    private let isQuiet: Bool
    private let isJSON: Bool
    private let style: Style
    private let start = WallClock.now()

    init(_ loop: LoopDefinition, isQuiet: Bool, isJSON: Bool) {
        self.loop = loop
        self.isQuiet = isQuiet
        self.isJSON = isJSON
        style = Style.ofStandardOutput()
    }

    /// Shows one event.
    func show(_ event: LoopEvent) {
        if isJSON { return Output.line(event) }
        guard !isQuiet, let text = text(of: event) else { return }
        Output.data(text)
    }

    /// Says how the run ended.
    func end(_ outcome: RunOutcome) {
        guard !isQuiet, !isJSON else { return }
        let tone: Style.Tone = outcome.reason == .terminal ? .good : .bad
        let state = style.apply(tone, PrintableText.escapingControls(in: outcome.progress.currentState))
        Output.data(
            "\(style.printable(loop.name)) ended (\(outcome.reason)) in \(state): "
                + "\(outcome.progress.iteration) states, \(Self.duration(outcome.duration))\n"
        )
    }

    private func text(of event: LoopEvent) -> String? {
        let fields = event.json
        func field(_ key: JSONString) -> String { style.printable(fields[key]?.stringValue?.string ?? "") }
        switch event.name {
        case "state_enter":
            let count = fields["iteration"]?.integerValue ?? 0
            let elapsed = (WallClock.now() - start).components.seconds
            return "[\(count)/\(loop.maxIterations)] \(style.apply(.strong, field("state"))) "
                + style.apply(.dim, "(\(Self.duration(Int(elapsed) * 1000)))") + "\n"
        case "action_start":
            let lines = (fields["action"]?.stringValue?.string ?? "").split(separator: "\n")
            let isPrompt = fields["is_prompt"]?.boolValue == true
            let more = lines.count > 1 ? " … (\(lines.count) lines)" : ""
            let first = style.printable(String(lines.first ?? ""))
            return "    " + style.apply(.dim, (isPrompt ? "> " : "$ ") + first + more) + "\n"
        case "action_output":
            return "    \(field("line"))\n"
        case "action_complete":
            let code = fields["exit_code"]?.integerValue ?? 0
            let time = Self.duration(fields["duration_ms"]?.integerValue ?? 0)
            let what = code == 0 ? "" : code == 124 ? "timed out, " : "exit \(code), "
            return "    " + style.apply(code == 0 ? .dim : .bad, "(\(what)\(time))") + "\n"
        case "evaluate":
            let verdict = field("verdict")
            let isGood = ["yes", "target", "progress", "success"].contains(verdict)
            let reason = field("error").isEmpty ? field("reason") : field("error")
            return "    " + style.apply(isGood ? .good : .bad, verdict) + (reason.isEmpty ? "" : ": \(reason)") + "\n"
        case "route":
            return "    -> \(field("to"))\n"
        case "retry_exhausted":
            return "    " + style.apply(.bad, "too many retries") + " -> \(field("next"))\n"
        case "handoff_detected":
            return "    " + style.apply(.bad, "handed over") + " in \(field("state")): looprun resume goes on\n"
        default:
            return nil
        }
    }

    /// `340ms`, `2.3s`, `4m12s`.
    private static func duration(_ milliseconds: Int) -> String {
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        if milliseconds < 60_000 { return "\(milliseconds / 1000).\(milliseconds / 100 % 10)s" }
        return "\(milliseconds / 60_000)m\(milliseconds / 1000 % 60)s"
    }
}

/// Colours where standard output is a terminal, and none elsewhere.
struct Style {
    enum Tone: String {
        case strong = "1"
        case dim = "2"
        case good = "32"
        case bad = "33"
    }

    let hasColor: Bool

    static func ofStandardOutput() -> Style {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        return Style(
            hasColor: isTerminal && Environment.value("NO_COLOR") == nil && Environment.value("TERM") != "dumb"
        )
    }

    func apply(_ tone: Tone, _ text: String) -> String {
        hasColor && !text.isEmpty ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Text from a definition or a command, which must not steer the terminal.
    func printable(_ text: String) -> String {
        PrintableText.escapingControls(in: text)
    }
}
