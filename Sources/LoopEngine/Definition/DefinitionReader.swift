import LoopModel
import YAMLReading
import Yams

/// Reads typed values out of the nodes of a loop's file, and collects whatever is wrong on the way.
///
/// It takes what the Python executor takes, which asks little of its types: a number is a length of a text wherever
/// Python compares it, any value is a truth value, and a word that YAML takes for something else is the text that it is
/// written as, with a warning.
struct DefinitionReader {
    /// The file, as it was named.
    let file: String
    let source: SourceText
    /// Made-up names of keys that are given twice, with their true names.
    let renamed: [String: String]
    private(set) var problems: [DefinitionProblem] = []
    /// How many more nodes may be looked at: aliases can stand for more than fit in memory.
    private var budget = 500_000

    init(_ parsed: YAMLDocument.Parsed, file: String) {
        self.file = file
        source = parsed.source
        renamed = parsed.renamed
    }

    /// Whether any of the problems is an error.
    var hasErrors: Bool {
        problems.contains { $0.severity == .error }
    }

    /// Notes a problem at a node, or with the file as a whole.
    mutating func report(
        _ message: String,
        at node: Node?,
        _ key: String,
        _ severity: DefinitionProblem.Severity = .error
    ) {
        let mark = node?.mark
        let problem =
            mark.map { source.problem(message, line: $0.line, column: $0.column) } ?? SourceProblem(message: message)
        problems.append(DefinitionProblem(problem, severity, key: key, file: file))
    }

    /// Counts a node that is looked at; false, with one problem, where there were too many.
    mutating func spend(at node: Node, _ key: String) -> Bool {
        budget -= 1
        if budget == 0 { report("its aliases (*name) stand for too many values", at: node, key) }
        return budget > 0
    }

    func quoted(_ text: String) -> String {
        "\"\(PrintableText.escaping(text.utf8, limit: 60))\""
    }

    func kind(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar):
            scalar.style == .plain && YAMLScalar.resolve(scalar.string) == .null ? "nothing" : quoted(scalar.string)
        case .mapping: "keys with values"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

extension DefinitionProblem {
    /// Places a problem of the text below a key.
    init(_ problem: SourceProblem, _ severity: Severity, key: String, file: String) {
        self.init(
            severity: severity,
            key: key,
            message: problem.message,
            file: file,
            line: problem.line,
            column: problem.column,
            excerpt: problem.excerpt
        )
    }
}

// MARK: - Single values

extension DefinitionReader {
    /// Any text; nil where there is no value.
    mutating func text(_ node: Node?, _ key: String) -> String? {
        guard let node else { return nil }
        guard let scalar = node.scalar else {
            report("expected a text, not \(kind(node))", at: node, key)
            return nil
        }
        switch value(node, key) {
        case .null: return nil
        case .string: break
        case .bool:
            report(
                "\(scalar.string) is a truth value in YAML, and taken as text; put it in quotes",
                at: node,
                key,
                .warning
            )
        default:
            report("\(scalar.string) is a number in YAML, and taken as text; put it in quotes", at: node, key, .warning)
        }
        return scalar.string
    }

    /// The name of a state or a loop, which nobody quotes.
    mutating func name(_ node: Node?, _ key: String) -> String? {
        guard let node else { return nil }
        guard let scalar = node.scalar else {
            report("expected a name, not \(kind(node))", at: node, key)
            return nil
        }
        return value(node, key) == .null ? nil : scalar.string
    }

    /// A truth value, by Python's rules for any type.
    mutating func flag(_ node: Node?, _ key: String, default standard: Bool) -> Bool {
        guard let node else { return standard }
        let value = value(node, key)
        if case .bool(let bool) = value { return bool }
        let taken = value.isTruthy
        if value != .null {
            report("expected true or false, not \(kind(node)); taken as \(taken)", at: node, key, .warning)
        }
        return taken
    }

    /// A number; nil where there is no value.
    mutating func number(_ node: Node?, _ key: String) -> Double? {
        guard let node else { return nil }
        switch value(node, key) {
        case .null: return nil
        case .number(let number): return number.double
        case .bool(let bool): return bool ? 1 : 0
        default:
            report("expected a number, not \(kind(node))", at: node, key)
            return nil
        }
    }

    /// Several texts; one alone is a list of one.
    mutating func list(_ node: Node?, _ key: String, of expected: String) -> [String]? {
        guard let node else { return nil }
        if let sequence = node.sequence { return sequence.compactMap { text($0, key) } }
        guard node.mapping == nil, let single = text(node, key) else {
            if node.scalar == nil { report("expected a list of \(expected), not \(kind(node))", at: node, key) }
            return nil
        }
        report("expected a list of \(expected); write [\(single)]", at: node, key, .warning)
        return [single]
    }

    /// A mapping's values.
    mutating func object(_ node: Node?, _ key: String) -> JSONObject? {
        guard let node else { return nil }
        switch value(node, key) {
        case .null: return nil
        case .object(let object): return object
        default:
            report("expected keys with values, not \(kind(node))", at: node, key)
            return nil
        }
    }

    /// Warns of keys that are read by nobody.
    mutating func warnOfUnknown(_ mapping: YAMLMapping, known: [String], _ key: String) {
        for field in mapping.fields where !known.contains(field.name) {
            let hint = nearest(to: field.name, among: known).map { "; did you mean \($0)?" } ?? ""
            report("unknown key \(quoted(field.name)), which is ignored\(hint)", at: field.key, key, .warning)
        }
    }
}

/// A key inside of another.
func joined(_ key: String, _ name: String) -> String {
    key.isEmpty ? name : "\(key).\(name)"
}
