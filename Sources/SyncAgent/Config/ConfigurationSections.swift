import LoopModel
import SyncCore
import YAMLReading
import Yams

extension ConfigurationFile {
    static let topLevel = ["version", "watch", "archive", "mirror", "retention", "hooks", "log"]

    /// Keys that only one section has, for telling where a misplaced one belongs.
    static let sections: [String: String] = {
        let all = [
            ("archive", ArchiveSettings.keys), ("mirror", MirrorSettings.keys), ("retention", RetentionPolicy.keys),
            ("hooks", HookSettings.keys), ("log", LogSettings.keys),
        ]
        return Dictionary(all.flatMap { section, keys in keys.map { ($0, section) } }) { first, _ in first }
    }()
}

extension ArchiveSettings {
    static let keys = ["layout", "settle", "abandoned_after", "clear_after", "clear_statuses", "run_files"]

    mutating func read(_ node: Node, _ reader: inout ConfigurationReader) {
        let fields = reader.fields(of: node, in: "archive", known: ArchiveSettings.keys)
        if let node = fields["layout"] {
            layout = reader.choice(node, ["auto": nil, "nested": .nested, "flat": .flat] as KeyValuePairs) ?? layout
        }
        if let node = fields["settle"] { settle = reader.duration(node) ?? settle }
        if let node = fields["abandoned_after"] { abandonedAfter = reader.durationOrNever(node) ?? abandonedAfter }
        if let node = fields["clear_after"] { clearAfter = reader.durationOrNever(node) ?? clearAfter }
        if let node = fields["clear_statuses"], let statuses = reader.list(node, of: "statuses") {
            clearStatuses = Set(statuses.compactMap { reader.status($0.text, at: $0.node) })
        }
        if let node = fields["run_files"], let patterns = reader.list(node, of: "patterns") {
            for (pattern, node) in patterns {
                let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
                if parts.contains(where: { ["", ".", ".."].contains($0) }) {
                    reader.report("a pattern is a path below the run's directory, without . and ..", at: node)
                }
            }
            runFiles = patterns.map(\.text)
        }
    }
}

extension MirrorSettings {
    static let keys = ["to", "namespace", "live", "live_interval", "include", "exclude", "deletions"]

    mutating func read(_ fields: [String: Node], _ reader: inout ConfigurationReader) {
        if let node = fields["namespace"], let text = reader.string(node, "a name such as {host}/{project}") {
            do throws(NamespaceError) {
                namespace = try NamespaceTemplate(text)
            } catch {
                reader.report("a namespace \(error)", at: node)
            }
        }
        if let node = fields["live"] { live = reader.bool(node) ?? live }
        if let node = fields["live_interval"] { liveInterval = reader.duration(node) ?? liveInterval }
        if let node = fields["include"], let globs = reader.list(node, of: "loops") {
            filter.include = globs.map { Glob($0.text) }
        }
        if let node = fields["exclude"], let globs = reader.list(node, of: "loops") {
            filter.exclude = globs.map { Glob($0.text) }
        }
        if let node = fields["deletions"] { deletions = reader.choice(node, of: MirrorDeletions.self) ?? deletions }
    }
}

extension HookSettings {
    static let keys = ["timeout"] + Event.allCases.map(\.rawValue)

    mutating func read(_ node: Node, _ reader: inout ConfigurationReader) {
        let fields = reader.fields(of: node, in: "hooks", known: HookSettings.keys)
        if let node = fields["timeout"] { timeout = reader.duration(node) ?? timeout }
        for event in Event.allCases {
            guard let node = fields[event.rawValue], let words = reader.list(node, of: "a command and its arguments")
            else { continue }
            if words.isEmpty {
                reader.report("expected a command; remove the key to run none", at: node)
            } else {
                commands[event] = words.map(\.text)
            }
        }
    }

    /// Writes `~/` at the beginning of a program's path in full, as no shell will.
    mutating func expand(home: String?) {
        guard let home else { return }
        commands = commands.mapValues { words in
            words.first?.hasPrefix("~/") == true ? [home + words[0].dropFirst()] + words.dropFirst() : words
        }
    }
}

extension LogSettings {
    static let keys = ["level", "format"]

    mutating func read(_ node: Node, _ reader: inout ConfigurationReader) {
        let fields = reader.fields(of: node, in: "log", known: LogSettings.keys)
        if let node = fields["level"] { level = reader.choice(node, of: Level.self) ?? level }
        if let node = fields["format"] { format = reader.choice(node, of: Format.self) ?? format }
    }
}

extension ConfigurationReader {
    /// The statuses that executors know.
    ///
    /// The set is open in what is read from runs, but a name mistyped here would
    /// silently match none.
    static let statuses: [RunStatus] = [
        .running, .completed, .failed, .interrupted, .awaitingContinuation, .timedOut, .userStopped,
    ]

    mutating func status(_ name: String, at node: Node) -> RunStatus? {
        let status = RunStatus(rawValue: JSONString(name))
        if ConfigurationReader.statuses.contains(status) { return status }
        let names = ConfigurationReader.statuses.map(\.rawValue.string)
        let hint = nearest(to: name, among: names).map { "did you mean \($0)?" }
        report("unknown status \(quoted(name)); \(hint ?? "known: " + names.joined(separator: ", "))", at: node)
        return nil
    }
}
