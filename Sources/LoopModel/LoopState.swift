/// The snapshot of a run that the executor rewrites at every state, of either version.
///
/// Types are not checked, as the specification does not: what stands there is kept and written again. The typed
/// properties show a value of another type in a way that loses nothing that matters; `subscript(_:)` gives the value.
public struct LoopState: Hashable, Sendable {
    /// The known keys as the file spells them, in the order in which they are written: A's, then B's.
    public enum Key: String, CaseIterable, Sendable {
        case loopName = "loop_name"
        case currentState = "current_state"
        case iteration
        case captured
        case previousResult = "prev_result"
        case lastResult = "last_result"
        case startedAt = "started_at"
        case updatedAt = "updated_at"
        case status
        case accumulatedMilliseconds = "accumulated_ms"
        case continuationPrompt = "continuation_prompt"
        case retryCounts = "retry_counts"
        case activeSubLoop = "active_sub_loop"
        case rateLimitRetries = "rate_limit_retries"
        case consecutiveRateLimitExhaustions = "consecutive_rate_limit_exhaustions"
        case edgeRevisitCounts = "edge_revisit_counts"
        case iterationCount = "iteration_count"
        case pid
        case reconciledAt = "reconciled_at"
        case messages
        case preCapState = "pre_cap_state"
        case context
    }

    /// Every known key that has a value, defaults included, also where it is left out of the file.
    private var values: [Key: JSONValue]

    /// The keys that neither version knows, in the order in which they were read; written last.
    ///
    /// A known key in here would be written twice and is ignored.
    public var unknown: JSONObject

    /// A state with the keys that have no default; every other has its default.
    public init(
        loopName: JSONString,
        currentState: JSONString,
        iteration: JSONValue,
        startedAt: JSONString,
        updatedAt: JSONString = "",
        status: RunStatus
    ) {
        values = Self.defaults
        unknown = [:]
        self[.loopName] = .string(loopName)
        self[.currentState] = .string(currentState)
        self[.iteration] = iteration
        self[.startedAt] = .string(startedAt)
        self[.updatedAt] = .string(updatedAt)
        self[.status] = .string(status.rawValue)
    }

    /// Takes a state apart as the specification's `LoopState.from_dict` does.
    ///
    /// Absent `captured`, `prev_result`, `last_result`, `updated_at`, `accumulated_ms` and `retry_counts` become `{}`,
    /// null, null, `""`, 0 and `{}`; a null that stands there stays null.
    public init(json: JSONValue) throws(LoopStateError) {
        guard case .object(let object) = json else { throw .notAnObject }
        values = Self.defaults
        unknown = [:]
        for member in object.members {
            if let key = Key(rawValue: member.key.string) {
                values[key] = member.value
            } else {
                unknown[member.key] = member.value
            }
        }
        for key in Self.required where values[key] == nil { throw .missingKey(key) }
    }

    /// Reads a state file.
    ///
    /// - Parameter bytes: the file's content.
    public init(parsing bytes: some Collection<UInt8>) throws(LoopStateError) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw .notJSON(error)
        }
        try self.init(json: json)
    }

    /// What is written: A's keys in A's order as its `to_dict` gives them, then B's under B's conditions, then unknown.
    public var json: JSONValue {
        var object = JSONObject()
        for key in Key.allCases {
            guard let value = values[key], Self.isWritten(key, value) else { continue }
            object[JSONString(key.rawValue)] = value
        }
        for member in unknown.members where Key(rawValue: member.key.string) == nil {
            object[member.key] = member.value
        }
        return .object(object)
    }

    /// The state file's content as the specification writes it: `json.dumps(..., indent=2)`, no newline at the end.
    public func serialized() -> [UInt8] {
        json.serialized(indent: 2)
    }

    /// A key's value as it was read or set, whatever its type.
    ///
    /// - Returns: nil where the key is absent and has no default. Setting nil restores a default.
    public subscript(key: Key) -> JSONValue? {
        get { values[key] }
        set { values[key] = newValue ?? Self.defaults[key] }
    }

    /// The keys without which a file is no state, in the order in which the specification asks for them.
    private static let required: [Key] = [.loopName, .currentState, .iteration, .startedAt, .status]

    private static let defaults: [Key: JSONValue] = [
        .captured: [:], .previousResult: .null, .lastResult: .null, .updatedAt: "", .accumulatedMilliseconds: 0,
        .retryCounts: [:],
    ]

    private static func isWritten(_ key: Key, _ value: JSONValue) -> Bool {
        switch key {
        case .loopName, .currentState, .iteration, .captured, .previousResult, .lastResult, .startedAt, .updatedAt,
            .status, .accumulatedMilliseconds:
            true
        case .continuationPrompt, .activeSubLoop, .pid, .reconciledAt, .preCapState:
            value != .null
        case .retryCounts, .rateLimitRetries, .consecutiveRateLimitExhaustions, .edgeRevisitCounts, .iterationCount,
            .messages, .context:
            value.isTruthy
        }
    }
}

/// Why a file holds no state.
public enum LoopStateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is no JSON; for an executor that truncates before it writes, also an empty or half-written file.
    case notJSON(JSONError)
    /// It is JSON, but no object.
    case notAnObject
    /// A key is absent that has no default.
    case missingKey(LoopState.Key)

    /// The reason, with the key where it is about one; it names no file, which the caller knows.
    public var description: String {
        switch self {
        case .notJSON(let error): "not JSON: \(error)"
        case .notAnObject: "JSON, but not an object"
        case .missingKey(let key): "missing key '\(key.rawValue)'"
        }
    }
}
