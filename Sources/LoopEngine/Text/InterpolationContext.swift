import Glibc
public import LoopModel

/// What the variables of a template stand for.
public struct InterpolationContext: Sendable {
    /// `${context.…}`.
    public var context: JSONObject
    /// `${captured.…}`.
    public var captured: JSONObject
    /// `${prev.…}`; nil before the first action or evaluation.
    public var previous: JSONObject?
    /// `${result.…}`; nil but while a verdict is routed.
    public var result: JSONObject?
    /// `${state.name}`.
    public var stateName: String
    /// `${state.iteration}`.
    public var iteration: Int
    /// `${loop.name}`.
    public var loopName: String
    /// `${loop.started_at}`.
    public var startedAt: String
    /// `${loop.elapsed_ms}` and `${loop.elapsed}`, in milliseconds.
    public var elapsed: Int
    /// `${env.…}`: the value of a variable, nil where it is not set.
    public var environment: @Sendable (String) -> String?

    /// Takes what variables stand for; the environment is that of the process.
    public init(
        context: JSONObject = [:],
        captured: JSONObject = [:],
        previous: JSONObject? = nil,
        result: JSONObject? = nil,
        stateName: String = "",
        iteration: Int = 1,
        loopName: String = "",
        startedAt: String = "",
        elapsed: Int = 0,
        environment: @escaping @Sendable (String) -> String? = InterpolationContext.processEnvironment
    ) {
        self.context = context
        self.captured = captured
        self.previous = previous
        self.result = result
        self.stateName = stateName
        self.iteration = iteration
        self.loopName = loopName
        self.startedAt = startedAt
        self.elapsed = elapsed
        self.environment = environment
    }

    /// A variable of the process's environment.
    @Sendable public static func processEnvironment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// Why a template cannot be filled, in the words of the Python executor.
public struct InterpolationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reason.
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}

extension InterpolationContext {
    /// The value of a variable.
    func value(of path: Substring, in namespace: Substring) throws(InterpolationError) -> JSONValue {
        switch namespace {
        case "context":
            return try nested(context, path, "context")
        case "captured":
            return try nested(captured, path, "captured")
        case "prev":
            guard let previous else { throw InterpolationError("No previous state result available") }
            return try nested(previous, path, "prev")
        case "result":
            guard let result else { throw InterpolationError("No evaluation result available") }
            return try nested(result, path, "result")
        case "state":
            switch path {
            case "name": return .string(JSONString(stateName))
            case "iteration": return .number(JSONNumber(iteration))
            default: throw InterpolationError("Unknown state property: \(path)")
            }
        case "loop":
            switch path {
            case "name": return .string(JSONString(loopName))
            case "started_at": return .string(JSONString(startedAt))
            case "elapsed_ms": return .number(JSONNumber(elapsed))
            case "elapsed": return .string(JSONString(elapsedText))
            default: throw InterpolationError("Unknown loop property: \(path)")
            }
        case "env":
            guard let value = environment(String(path)) else {
                throw InterpolationError("Environment variable '\(path)' not set")
            }
            return .string(JSONString(value))
        default:
            throw InterpolationError("Unknown namespace: \(namespace)")
        }
    }

    private func nested(_ object: JSONObject, _ path: Substring, _ namespace: String) throws(InterpolationError)
        -> JSONValue
    {
        var current = JSONValue.object(object)
        let bytes = path.utf8
        var start = bytes.startIndex
        while true {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
            guard case .object(let object) = current, let value = object[JSONString(String(path[start..<end]))] else {
                throw InterpolationError("Path '\(path[..<end])' not found in \(namespace)")
            }
            current = value
            if end == bytes.endIndex { return current }
            start = bytes.index(after: end)
        }
    }

    private var elapsedText: String {
        if elapsed < 1000 { return "\(elapsed)ms" }
        let seconds = elapsed / 1000
        if seconds < 60 { return "\(seconds)s" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m \(seconds % 60)s"
    }
}
