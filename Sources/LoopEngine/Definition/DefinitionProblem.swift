import YAMLReading

/// One thing about a loop's file that a person should know, and where it is.
public struct DefinitionProblem: Sendable, Hashable, CustomStringConvertible {
    /// Whether a file is refused for it.
    public enum Severity: String, Sendable, Hashable {
        /// The file is refused.
        case error
        /// The file is taken.
        case warning
    }

    /// Whether the file is refused for it.
    public var severity: Severity
    /// The keys that lead to it, with dots between them: `states.check.evaluate.operator`; empty for the whole file.
    public var key: String
    /// What is wrong.
    public var message: String
    /// The file, as it was named.
    public var file: String
    /// Counted from 1; 0 where it is with the file as a whole.
    public var line: Int
    /// Counted from 1, in Unicode scalars.
    public var column: Int
    /// The offending line and a caret below the place, both printable; empty where there is no such line.
    public var excerpt: [String]

    /// One paragraph in the form that editors understand: `file:line:column: error: key: …`.
    public var description: String {
        let place = line == 0 ? "\(file): " : "\(file):\(line):\(column): "
        let what = key.isEmpty ? message : "\(key): \(message)"
        return ([place + "\(severity.rawValue): " + what] + excerpt.map { "    " + $0 }).joined(separator: "\n")
    }
}

/// Why there is no definition of a loop.
public struct LoopDefinitionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Kind: Sendable, Hashable {
        /// There is no file of that name.
        case notFound
        /// The file cannot be read.
        case unreadable
        /// The file is no YAML.
        case malformed
        /// The file describes no loop that could run.
        case invalid
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// Everything that is wrong, in the order of the lines, warnings included.
    public var problems: [DefinitionProblem]

    /// One paragraph per problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
