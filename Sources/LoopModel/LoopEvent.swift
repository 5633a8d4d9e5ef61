/// One line of an events file.
public struct LoopEvent: Hashable, Sendable {
    /// The line's object, with every key in its place.
    public var json: JSONObject

    /// Takes an object as an event.
    public init(_ json: JSONObject) {
        self.json = json
    }

    /// Reads one line.
    ///
    /// - Parameter line: its bytes; white space around the object, as Python knows it, does not matter.
    /// - Returns: nil for a torn line, for what is no JSON and for JSON that is no object.
    public init?(line: some Collection<UInt8>) {
        var value = try? JSONValue(parsing: line)
        if value == nil {
            let stripped = PythonText.stripped(Array(line)[...])
            if stripped.count < line.count { value = try? JSONValue(parsing: stripped) }
        }
        guard case .object(let object)? = value else { return nil }
        json = object
    }

    private static let opening = Array(#"{"event": ""#.utf8)

    /// The name of a line's event as executors write it, first and without escapes, found without taking the line apart.
    ///
    /// Nobody takes such a line for an event of another name, whatever follows in it: who follows a file and who looks
    /// into it have to find the same.
    ///
    /// - Returns: nil for a line that begins otherwise, which only parsing tells.
    package static func writtenName(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard line.starts(with: opening) else { return nil }
        let rest = line.dropFirst(opening.count)
        return rest.firstIndex(of: UInt8(ascii: "\"")).map { rest[..<$0] }
    }

    /// The line as the executor writes it (`json.dumps`), without the newline.
    public func line() -> [UInt8] {
        JSONValue.object(json).serialized()
    }

    /// What happened (`event`).
    public var name: JSONString? {
        json["event"]?.stringValue
    }

    /// When (`ts`).
    public var timestamp: JSONString? {
        json["ts"]?.stringValue
    }

    /// How deep the sub-loop is that the event was forwarded from (`depth`, from 1 on), as it stands there.
    public var depth: JSONValue? {
        json["depth"]
    }

    /// Whether the event speaks for the run itself and not for a sub-loop of it.
    public var isUnnested: Bool {
        json["depth"] == nil
    }

    /// The loop (`loop`).
    public var loop: JSONString? {
        json["loop"]?.stringValue
    }

    /// The run's id (`run_id`), which only executors with a flat history write.
    public var runID: JSONString? {
        json["run_id"]?.stringValue
    }

    /// How the run ended (`terminated_by` of `loop_complete`).
    public var terminatedBy: JSONString? {
        json["terminated_by"]?.stringValue
    }
}
