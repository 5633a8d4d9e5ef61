import LoopModel
import SyncCore
import YAMLReading
import Yams

/// Reads `loopsync.yaml`.
package struct ConfigurationFile: Sendable {
    /// The name to print, as the person gave it.
    package let name: String
    package let origin: ConfigurationOrigin
    /// The directory that the file is in, absolute: relative paths in it count from there.
    package let directory: String
    /// What `~` stands for.
    package let home: String?
    /// Whether a name is one of the zone database.
    package let isTimeZone: @Sendable (String) -> Bool

    /// A configuration of thousands of loops fits; a file that somebody mistook for one does not.
    static let limits = YAMLDocument.Limits(size: 256 * 1024, kind: "configuration", allowsAliases: false)

    /// Describes a file to read.
    package init(
        name: String,
        origin: ConfigurationOrigin,
        directory: String,
        home: String?,
        isTimeZone: @escaping @Sendable (String) -> Bool
    ) {
        self.name = name
        self.origin = origin
        self.directory = directory
        self.home = home
        self.isTimeZone = isTimeZone
    }

    /// Parses the file's content.
    ///
    /// - Returns: the configuration and what a person should know about it, one line each.
    /// - Throws: everything that is wrong with it, in the order of the lines.
    package func parse(_ bytes: [UInt8]) throws(ConfigurationError) -> (Configuration, notices: [String]) {
        let parsed = try YAMLDocument.parse(bytes, file: name, limits: ConfigurationFile.limits)
        var reader = ConfigurationReader(
            source: parsed.source,
            renamed: parsed.renamed,
            sections: ConfigurationFile.sections
        )
        var configuration = Configuration()
        var notices: [String] = []
        // The parser holds what the nodes refer to.
        withExtendedLifetime(parsed.parser) {
            if let root = parsed.root { read(root, &configuration, &notices, &reader) }
        }
        guard reader.problems.isEmpty else {
            let sorted = reader.problems.enumerated().sorted { left, right in
                (left.element.line, left.element.column, left.offset)
                    < (right.element.line, right.element.column, right.offset)
            }
            throw ConfigurationError(file: name, problems: sorted.map(\.element))
        }
        return (configuration, notices)
    }

    private func read(
        _ root: Node,
        _ configuration: inout Configuration,
        _ notices: inout [String],
        _ reader: inout ConfigurationReader
    ) {
        let fields = reader.fields(of: root, in: nil, known: ConfigurationFile.topLevel)
        if let node = fields["version"] {
            let isKnown = reader.count(node).map { $0 == .exactly(1) }
            if isKnown == false { reader.report("this loopsync reads version 1", at: node) }
        }
        if let node = fields["watch"], !reader.isNull(node) {
            for (path, element) in reader.list(node, of: "directories") ?? [] {
                if let path = absolute(path, element, &reader) { configuration.watch.append(path) }
            }
            if !origin.isTrusted {
                configuration.watch = []
                notices.append("\(name): watch is ignored: it is read from --config or your own file only")
            }
        }
        if let node = fields["archive"] { configuration.archive.read(node, &reader) }
        if let node = fields["mirror"] { read(mirror: node, &configuration.mirror, &reader) }
        if let node = fields["retention"] { configuration.retention.read(node, &reader, isTimeZone: isTimeZone) }
        if let node = fields["hooks"] {
            configuration.hooks.read(node, &reader)
            if !configuration.hooks.commands.isEmpty {
                if origin.isTrusted {
                    configuration.hooks.expand(home: home)
                } else {
                    configuration.hooks = HookSettings()
                    notices.append("\(name): hooks are ignored: they are read from --config or your own file only")
                }
            }
        }
        if let node = fields["log"] { configuration.log.read(node, &reader) }
    }

    private func read(mirror node: Node, _ mirror: inout MirrorSettings, _ reader: inout ConfigurationReader) {
        let fields = reader.fields(of: node, in: "mirror", known: MirrorSettings.keys)
        if let node = fields["to"], let path = reader.string(node, "a directory") {
            mirror.to = absolute(path, node, &reader)
        }
        mirror.read(fields, &reader)
    }

    /// A path of the file as an absolute one.
    private func absolute(_ path: String, _ node: Node, _ reader: inout ConfigurationReader) -> String? {
        guard PrintableText.escapingControls(in: path) == path, !path.contains("\n") else {
            reader.report("a directory's path with a control character in it; nobody names one so on purpose", at: node)
            return nil
        }
        if path.hasPrefix("/") { return path }
        guard path.hasPrefix("~") else { return directory == "/" ? "/\(path)" : "\(directory)/\(path)" }
        guard path == "~" || path.hasPrefix("~/") else {
            reader.report("only ~ and ~/… are expanded; write other people's directories in full", at: node)
            return nil
        }
        guard let home else {
            reader.report("HOME is not set, so ~ cannot be expanded", at: node)
            return nil
        }
        return home + path.dropFirst()
    }
}
