import LoopModel

extension Evaluation {
    /// `output_json`.
    static func outputJSON(_ definition: EvaluatorDefinition, _ output: String) -> Evaluation {
        let document: JSONValue
        switch PythonJSON.parse(output) {
        case .success(let value): document = value
        case .failure(let error): return .error("Invalid JSON: \(error)")
        }
        let path = definition.path ?? ""
        guard let value = find(path, in: document) else { return .error("Path not found: \(path)") }
        let target = definition.target ?? .null
        let name = definition.comparison.flatMap { $0.isEmpty ? nil : $0 } ?? "eq"
        let holds: Bool
        if let left = PythonNumber(value), let right = PythonNumber(target) {
            guard let comparison = Comparison(rawValue: name) else { return .error("Unknown operator: \(name)") }
            holds = left.holds(comparison, right)
        } else {
            switch Comparison(rawValue: name) {
            case .equal: holds = PythonNumber.equal(value, target)
            case .notEqual: holds = !PythonNumber.equal(value, target)
            default: return .error("Operator \(name) not supported for non-numeric values")
            }
        }
        return Evaluation(
            holds ? "yes" : "no",
            [
                "value": value, "path": .string(JSONString(path)), "target": target,
                "operator": .string(JSONString(name)),
            ]
        )
    }

    /// Follows a path of keys and places with dots between them; one dot may stand before it.
    private static func find(_ path: String, in document: JSONValue) -> JSONValue? {
        var rest = Substring(path)
        if rest.utf8.first == UInt8(ascii: ".") { rest = rest.dropFirst() }
        var current = document
        for part in rest.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            switch current {
            case .object(let object):
                guard let value = object[JSONString(String(Substring(part)))] else { return nil }
                current = value
            case .array(let elements):
                guard part.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
                    let place = Int(Substring(part)), elements.indices.contains(place)
                else { return nil }
                current = elements[place]
            case .null, .bool, .number, .string:
                return nil
            }
        }
        return current
    }

    /// `mcp_result`, which is also what an MCP tool gets by default.
    ///
    /// - Throws: where the output is JSON, but no object.
    static func mcpResult(_ output: String, exitCode: Int) throws(EvaluationError) -> Evaluation {
        var details: JSONObject = ["exit_code": .number(JSONNumber(exitCode))]
        func failure(_ verdict: String, _ reason: String) -> Evaluation {
            details["error"] = .string(JSONString(reason))
            return Evaluation(verdict, details)
        }
        switch exitCode {
        case 127: return failure("not_found", "Server or tool not found in .mcp.json")
        case 124: return failure("timeout", "MCP tool call timed out")
        default: break
        }
        let text = output.pythonStripped
        var envelope = JSONObject()
        if !text.isEmpty {
            guard case .success(let value) = PythonJSON.parse(text) else {
                return failure("tool_error", "Invalid JSON from mcp-call: \(OutputText.first(200, of: output))")
            }
            guard case .object(let object) = value else {
                throw EvaluationError("mcp-call answered with JSON that is no object")
            }
            envelope = object
        }
        let isError = envelope["isError"]?.isTruthy ?? (exitCode != 0)
        details["envelope"] = .object(envelope)
        return Evaluation(isError ? "tool_error" : "success", details)
    }
}
