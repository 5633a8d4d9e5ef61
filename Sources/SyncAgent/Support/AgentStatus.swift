package import LoopModel

/// What the agent tells of itself in `.loopsync/status.json`, for `loopsync status`.
///
/// The agent writes one per watched directory. Whether it lives is never judged by this file but by its lock. A reader
/// takes keys that are missing or of another type for their defaults, since another version may have written it.
package struct AgentStatus: Sendable, Hashable {
    /// loopsync's version.
    package var version: String
    package var process: Int
    /// When the agent started, as RFC 3339.
    package var startedAt: String
    package var updatedAt: String
    /// The configuration file in use; nil for built-in defaults.
    package var configuration: String?
    /// Why the last change of the configuration was not taken; nil where it was.
    package var configurationProblem: String?
    /// How the directory is watched, for instance "inotify, 3 watches" or "polling: out of watches (…)".
    package var watching: String
    /// False where something keeps the agent from its best way of watching.
    package var isWatching: Bool
    package var mirror: MirrorStatus?
    /// The policy in a few words, for instance "keep everything".
    package var retention: String
    /// When pruning is due next, as RFC 3339.
    package var nextPrune: String?
    /// What the agent did since it started.
    package var archived: Int
    package var pruned: Int
    package var overflows: Int
    /// Hooks that were not run since too many waited already.
    package var droppedHooks: Int
    /// What a person should know, newest last: unreadable states, conflicts, abandoned runs, failed removals.
    package var problems: [Problem]

    /// How the mirror stands.
    package struct MirrorStatus: Sendable, Hashable {
        /// The mirror's own directory, namespace included.
        package var path: String
        /// The sync directory, absolute; nil in the status of an older version.
        package var to: String?
        /// Why nothing is written there now, with the next command to type; nil while all is well.
        package var suspended: String?
        /// Runs that are not there yet.
        package var pending: Int

        package init(path: String, suspended: String? = nil, pending: Int = 0) {
            self.path = path
            self.suspended = suspended
            self.pending = pending
        }
    }

    /// Something that went wrong and still matters.
    package struct Problem: Sendable, Hashable {
        /// When it was seen last, as RFC 3339.
        package var at: String
        /// What, on which path, why it matters and what to do next.
        package var text: String

        package init(at: String, text: String) {
            self.at = at
            self.text = text
        }
    }

    package init(version: String, process: Int, startedAt: String) {
        self.version = version
        self.process = process
        self.startedAt = startedAt
        updatedAt = startedAt
        configuration = nil
        configurationProblem = nil
        watching = ""
        isWatching = true
        mirror = nil
        retention = "keep everything"
        nextPrune = nil
        archived = 0
        pruned = 0
        overflows = 0
        droppedHooks = 0
        problems = []
    }

    /// Whether `status` should end with 3.
    package var isDegraded: Bool {
        !problems.isEmpty || !isWatching || configurationProblem != nil || mirror?.suspended != nil
    }
}

extension AgentStatus {
    /// The document, as it is written and as `status --json` shows it.
    package var json: JSONValue {
        .object([
            "version": text(version), "pid": .number(JSONNumber(process)), "started_at": text(startedAt),
            "updated_at": text(updatedAt), "configuration": optional(configuration),
            "configuration_problem": optional(configurationProblem), "watching": text(watching),
            "is_watching": .bool(isWatching),
            "mirror": mirror.map { mirror in
                .object([
                    "path": text(mirror.path), "to": optional(mirror.to), "suspended": optional(mirror.suspended),
                    "pending": .number(JSONNumber(mirror.pending)),
                ])
            } ?? .null,
            "retention": text(retention), "next_prune": optional(nextPrune),
            "archived": .number(JSONNumber(archived)), "pruned": .number(JSONNumber(pruned)),
            "overflows": .number(JSONNumber(overflows)), "dropped_hooks": .number(JSONNumber(droppedHooks)),
            "problems": .array(problems.map { .object(["at": text($0.at), "text": text($0.text)]) }),
        ])
    }

    /// Reads what some version wrote; nil for what is no object.
    package init?(json: JSONValue) {
        guard let object = json.objectValue else { return nil }
        func string(_ key: JSONString) -> String? { object[key]?.stringValue?.string }
        func count(_ key: JSONString) -> Int { object[key]?.integerValue ?? 0 }
        self.init(
            version: string("version") ?? "?",
            process: count("pid"),
            startedAt: string("started_at") ?? "?"
        )
        updatedAt = string("updated_at") ?? startedAt
        configuration = string("configuration")
        configurationProblem = string("configuration_problem")
        watching = string("watching") ?? ""
        isWatching = object["is_watching"]?.boolValue ?? true
        if let mirror = object["mirror"]?.objectValue {
            self.mirror = MirrorStatus(
                path: mirror["path"]?.stringValue?.string ?? "?",
                suspended: mirror["suspended"]?.stringValue?.string,
                pending: mirror["pending"]?.integerValue ?? 0
            )
            self.mirror?.to = mirror["to"]?.stringValue?.string
        }
        retention = string("retention") ?? "?"
        nextPrune = string("next_prune")
        archived = count("archived")
        pruned = count("pruned")
        overflows = count("overflows")
        droppedHooks = count("dropped_hooks")
        problems = (object["problems"]?.arrayValue ?? []).compactMap { value in
            guard let problem = value.objectValue, let text = problem["text"]?.stringValue?.string else { return nil }
            return Problem(at: problem["at"]?.stringValue?.string ?? "?", text: text)
        }
    }
}

private func text(_ value: String) -> JSONValue {
    .string(JSONString(value))
}

private func optional(_ value: String?) -> JSONValue {
    value.map(text) ?? .null
}
