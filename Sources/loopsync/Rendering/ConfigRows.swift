import LoopModel
import SyncAgent
import SyncCore
import YAMLReading

/// What a configuration amounts to; pure.
enum ConfigRows {
    static func text(_ loaded: ConfigurationLoader.Loaded) -> String {
        let settings = loaded.configuration
        let hooks = HookSettings.Event.allCases.filter { settings.hooks.commands[$0] != nil }.map(\.rawValue)
        return """
            \(loaded.file.map { "\($0.path): valid" } ?? "no configuration file: the built-in defaults hold")
              watch       \(settings.watch.joined(separator: "\n              "))
              layout      \(settings.archive.layout?.rawValue ?? "auto")
              clear       \(settings.archive.clearAfter.map { "after " + DurationText.format($0) } ?? "never")
              mirror      \(settings.mirror.to ?? "none")
              retention   \(settings.retention)
              time zone   \(loaded.zone.name)
              hooks       \(hooks.isEmpty ? "none" : hooks.joined(separator: ", "))

            """
    }

    static func json(_ loaded: ConfigurationLoader.Loaded) -> JSONValue {
        let settings = loaded.configuration
        return .object([
            "file": loaded.file.map { .string(JSONString($0.path)) } ?? .null,
            "valid": .bool(true),
            "watch": .array(settings.watch.map { .string(JSONString($0)) }),
            "layout": .string(JSONString(settings.archive.layout?.rawValue ?? "auto")),
            "mirror": settings.mirror.to.map { .string(JSONString($0)) } ?? .null,
            "retention": .string(JSONString(settings.retention.description)),
            "time_zone": .string(JSONString(loaded.zone.name)),
            "notices": .array(loaded.notices.map { .string(JSONString($0)) }),
            "problems": .array([]),
        ])
    }

    static func json(_ error: ConfigurationError) -> JSONValue {
        .object([
            "file": error.file.map { .string(JSONString($0)) } ?? .null,
            "valid": .bool(false),
            "watch": .null, "layout": .null, "mirror": .null, "retention": .null, "time_zone": .null,
            "notices": .array([]),
            "problems": .array(
                error.problems.map { problem in
                    .object([
                        "line": .number(JSONNumber(problem.line)),
                        "column": .number(JSONNumber(problem.column)),
                        "message": .string(JSONString(problem.message)),
                    ])
                }
            ),
        ])
    }
}
