import LoopModel
import SyncAgent

/// The values of a configuration, each with where it comes from; pure.
enum ConfigValues {
    static func table(_ loaded: ConfigurationLoader.Loaded, _ sources: ConfigurationSources) -> Table {
        var table = Table(columns: [
            .init(title: "KEY"), .init(title: "VALUE", isFlexible: true), .init(title: "FROM"),
        ])
        table.rows = loaded.configuration.listing.map { key, value in
            let source = sources.source(of: key)
            return [
                Table.Cell(key), Table.Cell(text(value)),
                Table.Cell(PrintableText.escaping(source.description.utf8), source == .builtIn ? .dim : .plain),
            ]
        }
        return table
    }

    static func json(_ loaded: ConfigurationLoader.Loaded, _ sources: ConfigurationSources) -> JSONValue {
        .object([
            "file": loaded.file.map { .string(JSONString($0.path)) } ?? .null,
            "values": .array(
                loaded.configuration.listing.map { key, value in
                    var entry: JSONObject = ["key": .string(JSONString(key)), "value": value]
                    switch sources.source(of: key) {
                    case .builtIn: entry["from"] = "default"
                    case .file(let name, let line):
                        entry["from"] = "file"
                        entry["file"] = .string(JSONString(name))
                        entry["line"] = .number(JSONNumber(line))
                    case .environment(let name):
                        entry["from"] = "environment"
                        entry["name"] = .string(JSONString(name))
                    case .option(let name):
                        entry["from"] = "option"
                        entry["name"] = .string(JSONString(name))
                    }
                    return .object(entry)
                }
            ),
            "notices": .array(loaded.notices.map { .string(JSONString($0)) }),
        ])
    }

    /// A value as the file may have it.
    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "none"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): number.description
        case .string(let text): PrintableText.escaping(text.bytes)
        case .array(let values): "[\(values.map(text).joined(separator: ", "))]"
        case .object: ""
        }
    }
}
