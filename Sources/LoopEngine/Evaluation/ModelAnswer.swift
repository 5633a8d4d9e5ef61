import LoopModel

/// Finds a model's answer in what its command wrote.
enum ModelAnswer {
    /// Why there is none, as the evaluation that it becomes.
    struct Failure: Error {
        var evaluation: Evaluation
    }

    /// Reads the output of the command, which is not empty: one JSON object around the answer, or lines of such, of
    /// which the last counts.
    ///
    /// - Throws: where there is JSON that is no object.
    static func read(_ output: String) throws(EvaluationError) -> Result<JSONObject, Failure> {
        let preview: JSONObject = ["raw_preview": .string(JSONString(OutputText.first(300, of: output)))]
        func fail(_ reason: String, _ details: JSONObject) -> Result<JSONObject, Failure> {
            .failure(Failure(evaluation: .error(reason, details)))
        }
        let text = output.pythonStripped
        var parsed = PythonJSON.parse(text)
        if case .failure = parsed {
            let lines = text.split(separator: "\n" as Character).map(String.init)
            if let last = lines.last(where: { !$0.pythonStripped.isEmpty }) { parsed = PythonJSON.parse(last) }
        }
        let envelope: JSONObject
        switch parsed {
        case .failure(let error): return fail("the model's answer is no JSON: \(error)", preview)
        case .success(.object(let object)): envelope = object
        case .success: throw EvaluationError("the model's command wrote JSON that is no object")
        }
        if envelope["subtype"] == "error_max_structured_output_retries" {
            return fail("the model gave no answer that the schema allows", ["api_error": true])
        }
        if envelope["is_error"]?.isTruthy ?? false {
            let result = envelope["result"].flatMap { $0.isTruthy ? PythonRepresentation.text(of: $0) : nil } ?? ""
            let said = OutputText.first(200, of: result)
            return fail("the model's command reported an error: \(said)", ["api_error": true])
        }
        if case .object(let structured)? = envelope["structured_output"] { return .success(structured) }
        switch envelope["result"] {
        case .object(let object):
            return .success(object)
        case .string(let text) where !text.isEmpty:
            switch PythonJSON.parse(text.string) {
            case .failure(let error): return fail("the model's answer is no JSON: \(error)", preview)
            case .success(.object(let object)): return .success(object)
            case .success: throw EvaluationError("the model answered with JSON that is no object")
            }
        case .some(let other) where other.isTruthy:
            return fail("the model's answer is neither an object nor a text", preview)
        default:
            if envelope["verdict"] != nil { return .success(envelope) }
            return fail("the model's answer is empty", preview)
        }
    }
}
