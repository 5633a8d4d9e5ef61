import LoopModel
import SyncCore
import YAMLReading
import Yams

/// Reads typed values out of YAML nodes and collects whatever is wrong on the way.
///
/// A value that does not parse is never replaced by anything: the reader notes the problem and the whole file is refused.
struct ConfigurationReader {
    let source: SourceText
    /// Made-up names of keys that are given twice, with their true names.
    let renamed: [String: String]
    /// Every key with the section that it belongs into, to tell people where a misplaced one should go.
    let sections: [String: String]
    private(set) var problems: [ConfigurationProblem] = []

    init(source: SourceText, renamed: [String: String] = [:], sections: [String: String] = [:]) {
        self.source = source
        self.renamed = renamed
        self.sections = sections
    }

    /// Notes a problem at a node.
    mutating func report(_ message: String, at node: Node) {
        problems.append(source.problem(message, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0))
    }

    /// The members of a mapping whose keys are all known; a section with nothing in it is an empty one.
    ///
    /// - Parameters:
    ///   - section: the key that the mapping stands under, for messages; nil for the file itself.
    ///   - known: the keys that it may have.
    mutating func fields(of node: Node, in section: String?, known: [String]) -> [String: Node] {
        guard isPlain(node) else { return [:] }
        guard let mapping = node.mapping else {
            if !isNull(node) { report("\(section ?? "the file") takes keys with values, not \(kind(node))", at: node) }
            return [:]
        }
        var fields: [String: Node] = [:]
        var firstLines: [String: Int] = [:]
        for (key, value) in mapping {
            guard isPlain(key), let written = key.scalar?.string else {
                if key.scalar == nil { report("a key must be a word", at: key) }
                continue
            }
            if let name = renamed[written] {
                firstLines[name] = key.mark?.line
                continue
            }
            if let first = firstLines[written] { report("\(written) is given twice, first in line \(first)", at: key) }
            guard known.contains(written) else {
                report(unknown(written, in: section, known: known), at: key)
                continue
            }
            fields[written] = value
        }
        return fields
    }

    private func unknown(_ key: String, in section: String?, known: [String]) -> String {
        let place = section.map { " in \($0)" } ?? ""
        let message = "unknown key \(quoted(key))\(place)"
        if let home = sections[key], home != section { return "\(message); it belongs below \(home)" }
        if let near = nearest(to: key, among: known) { return "\(message); did you mean \(near)?" }
        return "\(message); known: \(known.joined(separator: ", "))"
    }

    /// Anchors, aliases and tags are refused, and nothing below them is looked at.
    mutating func isPlain(_ node: Node) -> Bool {
        guard node.anchor == nil else {
            report(YAMLDocument.aliasMessage, at: node)
            return false
        }
        let tag: Tag =
            switch node {
            case .scalar(let scalar): scalar.tag
            case .mapping(let mapping): mapping.tag
            case .sequence(let sequence): sequence.tag
            case .alias(let alias): alias.tag
            }
        // Yams notes the type of a text once it has compared it with another.
        guard ["", "!", "tag:yaml.org,2002:str"].contains(tag.description) else {
            report("tags (\(tag.description)) are not used in this file", at: node)
            return false
        }
        return true
    }
}

// MARK: - Single values

extension ConfigurationReader {
    /// A value's text with whether it stands in quotes; nil, and a problem, for anything but one text.
    private mutating func text(_ node: Node, _ expected: String) -> (text: String, isQuoted: Bool)? {
        guard isPlain(node) else { return nil }
        guard let scalar = node.scalar else {
            report("expected \(expected), not \(kind(node))", at: node)
            return nil
        }
        guard !isNull(node) else {
            let hint = scalar.string == "~" ? " (~ alone is YAML's way to write nothing; put it in quotes)" : ""
            report("expected \(expected), but there is no value\(hint)", at: node)
            return nil
        }
        return (scalar.string, scalar.style == .singleQuoted || scalar.style == .doubleQuoted)
    }

    /// Any text.
    mutating func string(_ node: Node, _ expected: String) -> String? {
        guard let (text, _) = text(node, expected) else { return nil }
        guard !text.isEmpty, !text.unicodeScalars.contains("\0") else {
            report("expected \(expected), not an empty text", at: node)
            return nil
        }
        return text
    }

    /// A length of time.
    mutating func duration(_ node: Node) -> Duration? {
        let expected = "a duration such as 500ms, 2s, 15m, 1h, 7d, 2w, 1y"
        guard let (text, _) = text(node, expected) else { return nil }
        if let duration = DurationText.parse(text) { return duration }
        if text == "never" {
            report("never has no meaning here; expected \(expected)", at: node)
        } else if Int(text) != nil {
            report("expected \(expected); \(text) has no unit", at: node)
        } else {
            report("expected \(expected), not \(quoted(text))", at: node)
        }
        return nil
    }

    /// A length of time, or `never`, which is the inner nil.
    mutating func durationOrNever(_ node: Node) -> Duration?? {
        if node.scalar?.string == "never" { return .some(nil) }
        return duration(node).map { .some($0) } ?? nil
    }

    /// A number of bytes.
    mutating func size(_ node: Node) -> Int64? {
        let expected = "a size such as 500M or 20G"
        guard let (text, _) = text(node, expected) else { return nil }
        if let size = SizeText.parse(text) { return size }
        report("expected \(expected), not \(quoted(text))", at: node)
        return nil
    }

    /// A count, or `all`.
    mutating func count(_ node: Node) -> RetentionCount? {
        let expected = "a count (0, 1, 2 …) or all"
        guard let (text, isQuoted) = text(node, expected) else { return nil }
        if text == "all" { return .all }
        guard let number = plainNumber(text) else {
            report("expected \(expected), not \(quoted(text))", at: node)
            return nil
        }
        guard !isQuoted else {
            report("expected \(expected); \(text) is in quotes, so it is a text", at: node)
            return nil
        }
        return .exactly(number)
    }

    /// A part between 0 and 1.
    mutating func fraction(_ node: Node) -> Double? {
        let expected = "a number from 0 to 1, such as 0.5"
        guard let (text, isQuoted) = text(node, expected) else { return nil }
        let isDecimal = text.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." }
        guard !isQuoted, isDecimal, let number = Double(text), number <= 1 else {
            report("expected \(expected), not \(quoted(text))", at: node)
            return nil
        }
        return number
    }

    /// `true` or `false`, and none of the other words that YAML has had for them.
    mutating func bool(_ node: Node) -> Bool? {
        guard let (text, isQuoted) = text(node, "true or false") else { return nil }
        switch text {
        case "true" where !isQuoted: return true
        case "false" where !isQuoted: return false
        default:
            report("expected true or false, not \(isQuoted ? "the text " : "")\(quoted(text))", at: node)
            return nil
        }
    }

    /// One of several words.
    mutating func choice<Value>(_ node: Node, _ choices: KeyValuePairs<String, Value>) -> Value? {
        let words = choices.map(\.key)
        let expected = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        guard let (text, _) = text(node, expected) else { return nil }
        if let choice = choices.first(where: { $0.key == text }) { return choice.value }
        let hint = nearest(to: text, among: words).map { "; did you mean \($0)?" } ?? ""
        report("expected \(expected), not \(quoted(text))\(hint)", at: node)
        return nil
    }

    /// One of an enumeration's words.
    mutating func choice<Value: RawRepresentable<String> & CaseIterable>(_ node: Node, of type: Value.Type) -> Value? {
        let words = type.allCases.map(\.rawValue)
        let expected = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        guard let (text, _) = text(node, expected) else { return nil }
        if let choice = type.init(rawValue: text) { return choice }
        let hint = nearest(to: text, among: words).map { "; did you mean \($0)?" } ?? ""
        report("expected \(expected), not \(quoted(text))\(hint)", at: node)
        return nil
    }

    /// A list of texts, each with its node.
    mutating func list(_ node: Node, of expected: String) -> [(text: String, node: Node)]? {
        guard isPlain(node) else { return nil }
        guard let sequence = node.sequence else {
            let hint = node.scalar.map { isNull(node) ? "" : "; write [\"\($0.string)\"]" } ?? ""
            report("expected a list of \(expected), not \(kind(node))\(hint)", at: node)
            return nil
        }
        return sequence.compactMap { element in string(element, "one of \(expected)").map { ($0, element) } }
    }

    /// A whole number in decimal digits: what other readers take for octal (`010`) or hexadecimal is none.
    private func plainNumber(_ text: String) -> Int? {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), text == "0" || !text.hasPrefix("0") else { return nil }
        return Int(text)
    }

    func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style != .singleQuoted, scalar.style != .doubleQuoted else {
            return false
        }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    func quoted(_ text: String) -> String {
        "\"\(PrintableText.escaping(text.utf8, limit: 60))\""
    }

    func kind(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): isNull(node) ? "nothing" : quoted(scalar.string)
        case .mapping: "keys with values"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
