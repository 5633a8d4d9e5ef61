extension LoopState {
    /// The loop's name.
    public var loopName: JSONString {
        get { text(.loopName) }
        set { self[.loopName] = .string(newValue) }
    }

    /// The state of the machine that the run is in.
    public var currentState: JSONString {
        get { text(.currentState) }
        set { self[.currentState] = .string(newValue) }
    }

    /// How many states were entered; an integer in every file of an executor.
    public var iteration: JSONValue {
        get { self[.iteration] ?? .null }
        set { self[.iteration] = newValue }
    }

    /// Captured outputs by variable; free JSON.
    public var captured: JSONValue {
        get { self[.captured] ?? .null }
        set { self[.captured] = newValue }
    }

    /// The result of the state before, an object or null.
    public var previousResult: JSONValue {
        get { self[.previousResult] ?? .null }
        set { self[.previousResult] = newValue }
    }

    /// The last evaluation, an object or null.
    public var lastResult: JSONValue {
        get { self[.lastResult] ?? .null }
        set { self[.lastResult] = newValue }
    }

    /// When the run, or in A its last segment, began: ISO 8601.
    public var startedAt: JSONString {
        get { text(.startedAt) }
        set { self[.startedAt] = .string(newValue) }
    }

    /// When the state was last saved: ISO 8601.
    public var updatedAt: JSONString {
        get { text(.updatedAt) }
        set { self[.updatedAt] = .string(newValue) }
    }

    /// How the run stands.
    public var status: RunStatus {
        get { RunStatus(rawValue: text(.status)) }
        set { self[.status] = .string(newValue.rawValue) }
    }

    /// Milliseconds over all segments; an integer in every file of an executor.
    public var accumulatedMilliseconds: JSONValue {
        get { self[.accumulatedMilliseconds] ?? .null }
        set { self[.accumulatedMilliseconds] = newValue }
    }

    /// What the continuation of a handed-off run is to do; nil where it is null or no string.
    public var continuationPrompt: JSONString? {
        get { self[.continuationPrompt]?.stringValue }
        set { self[.continuationPrompt] = newValue.map(JSONValue.string) }
    }

    /// Retries by state.
    public var retryCounts: JSONValue {
        get { self[.retryCounts] ?? .null }
        set { self[.retryCounts] = newValue }
    }

    /// The loop that runs below this one; nil where it is null or no string.
    public var activeSubLoop: JSONString? {
        get { self[.activeSubLoop]?.stringValue }
        set { self[.activeSubLoop] = newValue.map(JSONValue.string) }
    }

    /// The executor's process, which B writes while the run is under way.
    public var pid: Int? {
        get { self[.pid]?.integerValue }
        set { self[.pid] = newValue.map { .number(JSONNumber($0)) } }
    }

    /// When a reader of B found the run without its process and rewrote the status.
    public var reconciledAt: JSONString? {
        get { self[.reconciledAt]?.stringValue }
        set { self[.reconciledAt] = newValue.map(JSONValue.string) }
    }

    /// A value as text: nothing for null, and its JSON where it is no string.
    private func text(_ key: Key) -> JSONString {
        switch self[key] ?? .null {
        case .null: ""
        case .string(let string): string
        case let other: JSONString(unchecked: other.serialized())
        }
    }
}
