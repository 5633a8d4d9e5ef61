import LoopModel
import YAMLReading

extension LoopDefinition {
    /// Finds a loop by its name, reads and checks it.
    ///
    /// The name is a path of a file, or a loop `NAME.fsm.yaml` or `NAME.yaml` in the directory. What a file must have
    /// for that is what the Python executor asks for, with two kinds of additions: where that executor fails without a
    /// word, or ends the run in `error` as soon as it comes to the state, the file is refused (`on_handoff`, a type of
    /// evaluator, a target that is no number, the types of values); and where it fails for how YAML reads words that
    /// mean something, they are taken as what they mean (a route with the unquoted key `yes`, the action `true`).
    ///
    /// - Returns: the loop, and what a person should know about its file.
    /// - Throws: everything that is wrong with the file, at once.
    public static func load(_ name: String, in loopsDirectory: String) throws(LoopDefinitionError)
        -> (loop: LoopDefinition, warnings: [DefinitionProblem])
    {
        guard let path = LoopFile.find(name, in: loopsDirectory) else {
            let places = LoopFile.candidates(name, in: loopsDirectory).joined(separator: ", ")
            let message =
                "there is no such loop; looked for \(places.isEmpty ? "nothing, as the name is empty" : places)"
            let problem = DefinitionProblem(SourceProblem(message: message), .error, key: "", file: name)
            throw LoopDefinitionError(kind: .notFound, problems: [problem])
        }
        return try parse(try LoopFile.read(path), file: path) { LoopFile.find($0, in: loopsDirectory) != nil }
    }

    /// Reads a loop from the content of its file.
    ///
    /// - Parameters:
    ///   - file: what the file is called in messages.
    ///   - loopExists: whether there is a file for the name of a sub-loop; only warned of.
    public static func parse(
        _ bytes: [UInt8],
        file: String,
        loopExists: (String) -> Bool = { _ in true }
    ) throws(LoopDefinitionError) -> (loop: LoopDefinition, warnings: [DefinitionProblem]) {
        let parsed: YAMLDocument.Parsed
        do throws(SourceError) {
            parsed = try YAMLDocument.parse(bytes, file: file, limits: LoopFile.limits)
        } catch {
            let problems = error.problems.map { DefinitionProblem($0, .error, key: "", file: file) }
            throw LoopDefinitionError(kind: .malformed, problems: problems)
        }
        var reader = DefinitionReader(parsed, file: file)
        // The parser holds what the nodes refer to.
        let loop = withExtendedLifetime(parsed.parser) { reader.loop(parsed.root, loopExists: loopExists) }
        let sorted = reader.problems.enumerated().sorted { left, right in
            (left.element.line, left.element.column, left.offset)
                < (right.element.line, right.element.column, right.offset)
        }.map(\.element)
        guard let loop else { throw LoopDefinitionError(kind: .invalid, problems: sorted) }
        return (loop, sorted)
    }

    /// The keys of the context that actions and questions to a model name and that have no value, in order.
    ///
    /// A run without them would end in an error, so that it is not started. `$${context.KEY}`, which stands for itself,
    /// names none.
    public var missingContextKeys: [String] {
        var missing: Set<JSONString> = []
        for state in states {
            for case let template? in [state.action, state.evaluate?.prompt] {
                for key in Template.contextKeys(in: template) where context[key] == nil { missing.insert(key) }
            }
        }
        return missing.sorted().map(\.string)
    }
}
