import LoopModel

/// One thing that was looked at, and how it is.
struct Finding: Equatable {
    enum Level: String, CaseIterable {
        case ok = "OK"
        case warn = "WARN"
        case fail = "FAIL"

        var tone: Tone {
            switch self {
            case .ok: .good
            case .warn: .warning
            case .fail: .bad
            }
        }
    }

    let level: Level
    /// What was looked at, in a word.
    let subject: String
    let text: String
    /// What to do; nil where nothing is to be done.
    let fix: String?

    static func ok(_ subject: String, _ text: String) -> Finding {
        Finding(level: .ok, subject: subject, text: text, fix: nil)
    }

    static func warn(_ subject: String, _ text: String, fix: String) -> Finding {
        Finding(level: .warn, subject: subject, text: text, fix: fix)
    }

    static func fail(_ subject: String, _ text: String, fix: String) -> Finding {
        Finding(level: .fail, subject: subject, text: text, fix: fix)
    }
}

extension [Finding] {
    /// One line each, with the fix below it.
    func text(hasColor: Bool) -> String {
        let width = reduce(0) { Swift.max($0, $1.subject.count) }
        return map { finding in
            let word = finding.level.rawValue
            let gap = String(repeating: " ", count: 6 - word.count)
            let subject = finding.subject + String(repeating: " ", count: width - finding.subject.count)
            let line =
                finding.level.tone.applied(to: word, hasColor: hasColor) + "\(gap)\(subject)  \(clean(finding.text))\n"
            let indent = String(repeating: " ", count: 8 + width)
            return line + (finding.fix.map { "\(indent)-> \(clean($0))\n" } ?? "")
        }.joined()
    }

    /// Names of files and texts of executors come into it.
    private func clean(_ text: String) -> String {
        PrintableText.escapingControls(in: text).replacing("\n", with: " ")
    }

    var json: JSONValue {
        .array(
            map { finding in
                .object([
                    "level": .string(JSONString(finding.level.rawValue.lowercased())),
                    "subject": .string(JSONString(finding.subject)),
                    "text": .string(JSONString(finding.text)),
                    "fix": finding.fix.map { .string(JSONString($0)) } ?? .null,
                ])
            }
        )
    }
}
