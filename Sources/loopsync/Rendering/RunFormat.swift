import LoopModel
import LoopStore
import SyncCore

/// A line per run in a form that a person gave: text with `{field}` in it.
struct RunFormat {
    private enum Part {
        case text(String)
        case field(Field)
    }

    /// What can be asked for.
    enum Field: String, CaseIterable {
        case id, loop, run, status, started, ended, took, seconds, states, final, size, bytes, kept, pinned, mirrored,
            path, loops, directory
    }

    private var parts: [Part] = []

    /// - Parameter template: `\t`, `\n` and `\\` in it mean what they do elsewhere; `{{` is a brace.
    /// - Throws: a `Failure` that lists the fields.
    init(_ template: String) throws {
        var text = ""
        var rest = Substring(template)
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                switch rest.popFirst() {
                case "t": text += "\t"
                case "n": text += "\n"
                case let other: text += other.map(String.init) ?? "\\"
                }
            case "{" where rest.first == "{":
                rest.removeFirst()
                text += "{"
            case "{":
                let name = rest.prefix { $0 != "}" }
                guard name.count < rest.count else { throw Self.unclosed(String(name)) }
                guard let field = Field(rawValue: String(name)) else {
                    throw Failure(.usage, "--format has no field '{\(name)}'. There are: \(Self.known)")
                }
                rest = rest.dropFirst(name.count + 1)
                if !text.isEmpty { parts.append(.text(text)) }
                text = ""
                parts.append(.field(field))
            default: text.append(character)
            }
        }
        if !text.isEmpty { parts.append(.text(text)) }
    }

    private static let known = Field.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")

    private static func unclosed(_ rest: String) -> Failure {
        let word = String(rest.prefix { $0.isLetter })
        let shown = word.isEmpty ? "{" : "{\(word)"
        let meant = Field(rawValue: word) ?? Field.allCases.first { !word.isEmpty && $0.rawValue.hasPrefix(word) }
        let next = meant.map { "Type {\($0.rawValue)}" } ?? "There are: \(known)"
        return Failure(.usage, "'\(shown)' in --format is not closed. \(next); a brace itself is {{")
    }

    /// The line for a run, with its newline; what came from the run is safe to print.
    func line(_ run: ListedRun) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .field(let field): value(field, run)
            }
        }.joined() + "\n"
    }

    private func value(_ field: Field, _ listed: ListedRun) -> String {
        let run = listed.run
        return switch field {
        case .id: run.shownID
        case .loop: run.shownLoop
        case .run: run.selector
        case .status: RunTone.word(run.status)
        case .started: run.startedAt.map { PrintableText.escaping($0.bytes, limit: 64) } ?? "?"
        case .ended: run.endedAt?.iso.string ?? "?"
        case .took: run.took.map(Amount.duration) ?? "?"
        case .seconds: run.took.map { String(Double($0.milliseconds) / 1000) } ?? "?"
        case .states: run.iteration?.integerValue.map(String.init) ?? "?"
        case .final: run.shownFinalState
        case .size: SizeText.rounded(run.size)
        case .bytes: String(run.size)
        case .kept: listed.kept
        case .pinned: run.isPinned ? "yes" : "no"
        case .mirrored: listed.isMirrored.map { $0 ? "yes" : "no" } ?? "?"
        case .path: ".history/\(run.place)"
        case .loops: listed.site.loops
        case .directory: listed.directory
        }
    }
}

extension ArchivedRun {
    /// The state that it was in last, safe to print.
    var shownFinalState: String {
        finalState.map { PrintableText.escaping($0.bytes, limit: 100) } ?? "?"
    }
}
