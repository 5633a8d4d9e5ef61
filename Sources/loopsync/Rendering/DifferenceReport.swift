import LoopModel
import SyncCore

/// How two runs differ; pure.
struct DifferenceReport {
    let left: FoundRun
    let right: FoundRun
    let leftStory: RunStory
    let rightStory: RunStory
    /// What the states of both have captured.
    let captured: (left: JSONValue, right: JSONValue)

    var difference: StoryDifference { StoryDifference(leftStory, rightStory) }

    /// So many of the visits before the parting are shown.
    static let shownBefore = 3

    // MARK: For people

    /// The report for a terminal, with a newline at the end.
    func text(for terminal: Terminal) -> String {
        let difference = difference
        var sections = [heads(terminal), parting(difference, terminal)]
        let changed = difference.states.filter { $0.left != $0.right }
        if !changed.isEmpty { sections.append(states(changed, terminal)) }
        let captures = captures
        if !captures.isEmpty { sections.append(table(captures).rendered(for: terminal)) }
        return sections.joined(separator: "\n")
    }

    private func heads(_ terminal: Terminal) -> String {
        var table = Table(columns: [
            .init(title: "RUN", isFlexible: true), .init(title: "STATUS"),
            .init(title: "BEGAN", isDispensable: true), .init(title: "TOOK", isRightAligned: true, isDispensable: true),
            .init(title: "STATES", isRightAligned: true, isDispensable: true),
            .init(title: "END", isFlexible: true),
        ])
        table.rows = [(left, leftStory), (right, rightStory)].map { run, story in
            let took = story.startedAt.flatMap { began in story.endedAt.map { Amount.duration($0 - began) } } ?? "?"
            return [
                .init(run.selector, .strong),
                .init(
                    RunTone.word(run.status, isLive: run.process != nil),
                    RunTone.of(run.status, isLive: run.process != nil)
                ),
                .init(story.startedAt.map(LocalTime.withZone) ?? "?"), .init(took), .init(String(story.visitCount)),
                .init(Self.end(story.ending)),
            ]
        }
        return table.rendered(for: terminal)
    }

    static func end(_ ending: RunStory.Ending) -> String {
        switch ending {
        case .none: "none"
        case .complete(let reason, let state, _): "\(shown(state)) (\(shown(reason)))"
        case .handoff: "handed off"
        }
    }

    private func parting(_ difference: StoryDifference, _ terminal: Terminal) -> String {
        guard let parting = difference.parting else { return sentence + "\n" }
        var table = Table(columns: [
            .init(title: ""), .init(title: left.id == right.id ? "FIRST" : left.id, isFlexible: true),
            .init(title: left.id == right.id ? "SECOND" : right.id, isFlexible: true),
        ])
        for index in max(0, parting.index - Self.shownBefore)..<parting.index {
            let visit = Self.way(leftStory.visits[index])
            table.rows.append([.init(String(index + 1), .dim), .init(visit, .dim), .init("same", .dim)])
        }
        table.rows.append([
            .init(String(parting.index + 1)), .init(Self.way(parting.left), .warning),
            .init(Self.way(parting.right), .warning),
        ])
        return sentence + "\n" + table.rendered(for: terminal)
    }

    /// Where they part, in words.
    var sentence: String {
        guard let parting = difference.parting else {
            let end = difference.hasOtherEnd ? ", but ended differently" : ""
            return "both went the same way through \(Amount.count(leftStory.visits.count, "state"))\(end)"
        }
        let common =
            parting.index == 0
            ? "they part at the first state"
            : "the same way through \(Amount.count(parting.index, "state")), then they part"
        return "\(common) (\(Self.words[parting.what] ?? ""))"
    }

    private static let words: [StoryDifference.What: String] = [
        .state: "another state", .verdict: "another verdict", .exitCode: "another exit code",
        .next: "another way on", .end: "one ended",
    ]

    static func way(_ visit: RunStory.Visit?) -> String {
        guard let visit else { return "(ended)" }
        let verdict = visit.verdict.map { ": " + shown($0) } ?? ""
        let code = visit.exitCode.map { ", exit \($0)" } ?? ""
        return "\(shown(visit.state))\(verdict)\(code)" + (visit.next.map { " → " + shown($0) } ?? "")
    }

    private func states(_ states: [StoryDifference.State], _ terminal: Terminal) -> String {
        var table = Table(columns: [
            .init(title: "STATE", isFlexible: true), .init(title: "VISITS", isRightAligned: true), .init(title: ""),
            .init(title: "TOOK", isRightAligned: true), .init(title: ""),
        ])
        table.rows = states.prefix(30).map { state in
            [
                .init(Self.shown(state.state)), .init(String(state.left.visits)),
                .init(state.left.visits == state.right.visits ? "" : "→ \(state.right.visits)"),
                .init(Amount.duration(state.left.time)), .init("→ \(Amount.duration(state.right.time))"),
            ]
        }
        return table.rendered(for: terminal)
    }

    private func table(_ captures: [Capture]) -> Table {
        Table(
            columns: [
                .init(title: "CAPTURED", isFlexible: true), .init(title: "FIRST", isFlexible: true),
                .init(title: "SECOND", isFlexible: true),
            ],
            rows: captures.map { [.init($0.name), .init($0.left), .init($0.right)] }
        )
    }

    /// Something that both captured and that differs, in one line each.
    struct Capture {
        let name: String
        let left: String
        let right: String
    }

    var captures: [Capture] {
        let (one, other) = (captured.left.objectValue ?? [:], captured.right.objectValue ?? [:])
        let keys = one.keys.map(\.self) + other.keys.filter { one[$0] == nil }
        return keys.map { Capture(name: Self.shown($0), left: Self.output(one[$0]), right: Self.output(other[$0])) }
            .filter { $0.left != $0.right }
    }

    /// What a capture holds, in one line; how long it took does not count.
    private static func output(_ value: JSONValue?) -> String {
        guard let value else { return "" }
        let output = value.objectValue?["output"] ?? value
        let bytes = output.stringValue?.bytes ?? output.serialized()
        return bytes.split(separator: UInt8(ascii: "\n")).prefix(50).map { PrintableText.escaping($0, limit: 500) }
            .joined(separator: " ⏎ ")
    }

    static func shown(_ text: JSONString?) -> String {
        text.map { PrintableText.escaping($0.bytes, limit: 200) } ?? "?"
    }

    // MARK: For programs

    var json: JSONValue {
        let difference = difference
        var object = JSONObject()
        object["left"] = .object(StoryJSON.summary(left, leftStory))
        object["right"] = .object(StoryJSON.summary(right, rightStory))
        object["parting"] = difference.parting.map(Self.json) ?? .null
        object["other_end"] = .bool(difference.hasOtherEnd)
        object["states"] = .array(
            difference.states.map { state in
                .object([
                    "state": .string(state.state), "left": Self.json(state.left), "right": Self.json(state.right),
                ])
            }
        )
        return .object(object)
    }

    private static func json(_ parting: StoryDifference.Parting) -> JSONValue {
        .object([
            "index": StoryJSON.number(parting.index), "what": .string(JSONString(parting.what.rawValue)),
            "left": parting.left.map(StoryJSON.visit) ?? .null, "right": parting.right.map(StoryJSON.visit) ?? .null,
        ])
    }

    private static func json(_ sum: StoryDifference.Sum) -> JSONValue {
        .object(["visits": StoryJSON.number(sum.visits), "seconds": StoryJSON.seconds(sum.time)])
    }
}
