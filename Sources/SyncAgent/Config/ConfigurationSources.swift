import YAMLReading
import Yams

/// Where a value of the configuration comes from.
package enum ValueSource: Sendable, Hashable, CustomStringConvertible {
    case builtIn
    /// The file as it was named, and the line of the key.
    case file(String, line: Int)
    case environment(String)
    case option(String)

    /// In the form that editors and shells understand.
    package var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let name, let line): "\(name):\(line)"
        case .environment(let name): "$\(name)"
        case .option(let name): name
        }
    }
}

/// Where each value of one configuration comes from, by its key as `retention.loops[0].keep_last`.
package struct ConfigurationSources: Sendable {
    private let file: String
    private var lines: [String: Int] = [:]
    private var others: [String: ValueSource] = [:]

    /// A configuration without a file.
    init() {
        file = ""
    }

    /// Takes the keys of a file that was accepted.
    ///
    /// - Parameter isTrusted: whether what it says of `watch` and `hooks` holds.
    init(file: String, bytes: [UInt8], isTrusted: Bool) throws(ConfigurationError) {
        self.file = file
        let parsed = try YAMLDocument.parse(bytes, file: file, limits: ConfigurationFile.limits)
        withExtendedLifetime(parsed.parser) {
            if let root = parsed.root { add(root, at: "") }
        }
        guard !isTrusted else { return }
        lines = lines.filter { key, _ in !["watch", "hooks"].contains { key == $0 || key.hasPrefix("\($0).") } }
    }

    private mutating func add(_ node: Node, at path: String) {
        if let mapping = node.mapping {
            for (key, value) in mapping {
                guard let name = key.scalar?.string else { continue }
                let place = path.isEmpty ? name : "\(path).\(name)"
                lines[place] = key.mark?.line
                add(value, at: place)
            }
        } else if let sequence = node.sequence {
            for (index, element) in sequence.enumerated() {
                lines["\(path)[\(index)]"] = element.mark?.line
                add(element, at: "\(path)[\(index)]")
            }
        }
    }

    /// Notes that something else than the file decides.
    package mutating func set(_ key: String, to source: ValueSource) {
        others[key] = source
    }

    /// Where the value of a key comes from.
    package func source(of key: String) -> ValueSource {
        others[key] ?? lines[key].map { .file(file, line: $0) } ?? .builtIn
    }
}
