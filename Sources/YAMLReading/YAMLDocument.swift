package import Yams

/// Turns the bytes of a YAML file into nodes, and finds what stops that.
package enum YAMLDocument {
    /// What a file may ask of its reader.
    package struct Limits: Sendable {
        /// Bytes of the file.
        package var size: Int
        /// What the file is, for messages: `configuration`.
        package var kind: String
        /// Whether parts of the file may be repeated by name.
        package var allowsAliases: Bool

        /// Sets limits.
        package init(size: Int, kind: String, allowsAliases: Bool) {
            self.size = size
            self.kind = kind
            self.allowsAliases = allowsAliases
        }
    }

    /// A document, and what is needed to speak of places in it.
    package struct Parsed {
        package var root: Node?
        package var source: SourceText
        /// Keys that a mapping gives twice were renamed so that reading can go on: the made-up name and the true one.
        package var renamed: [String: String]
        /// Holds the anchors that the nodes refer to weakly.
        package var parser: Parser?
    }

    /// Parses a single document.
    ///
    /// - Throws: one problem with its place, when nothing can be read.
    package static func parse(_ bytes: [UInt8], file: String, limits: Limits) throws(SourceError) -> Parsed {
        func fail(_ problem: SourceProblem) -> SourceError {
            SourceError(file: file, problems: [problem])
        }
        guard bytes.count <= limits.size else {
            throw fail(SourceProblem(message: "larger than \(limits.size / 1024) KiB, so no \(limits.kind)"))
        }
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard var text = String(validating: content, as: UTF8.self) else {
            let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
            throw fail(SourceProblem(line: line + 1, column: 1, message: "not UTF-8 text"))
        }
        let source = SourceText(text)
        if let place = AliasScan.firstUnsafe(in: text, allowsAliases: limits.allowsAliases) {
            let message = limits.allowsAliases ? AliasScan.unsafeMessage : aliasMessage
            throw fail(source.problem(message, line: place.line, column: place.column))
        }
        var renamed: [String: String] = [:]
        while true {
            do {
                let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
                return Parsed(root: try parser.singleRoot(), source: source, renamed: renamed, parser: parser)
            } catch let YamlError.duplicatedKeysInMapping(names, context) {
                guard renamed.count < 100, let name = names.first,
                    let change = rename(name, at: context.mark, in: text, number: renamed.count)
                else {
                    let message = "key given twice: \(names.joined(separator: ", "))"
                    throw fail(source.problem(message, line: context.mark.line, column: context.mark.column))
                }
                text = change.text
                renamed[change.name] = name
            } catch let error as YamlError {
                throw fail(problem(error, source))
            } catch {
                throw fail(SourceProblem(message: "\(error)"))
            }
        }
    }

    /// What is said of aliases where there may be none.
    package static let aliasMessage =
        "anchors and aliases are not used in this file; quote a text that begins with & or *"

    /// Renames the first of two keys that are the same.
    ///
    /// Yams gives up at a key that comes twice. The first of the two gets a name of the same length that nobody uses,
    /// so that everything else can be checked too.
    private static func rename(_ name: String, at mark: Mark, in text: String, number: Int)
        -> (text: String, name: String)?
    {
        guard let first = name.unicodeScalars.first, let other = Unicode.Scalar(0xE000 + UInt32(number)) else {
            return nil
        }
        var scalars = Array(text.unicodeScalars)
        var place = 0
        var line = 1
        while line < mark.line {
            guard let newline = scalars[place...].firstIndex(where: { $0 == "\n" || $0 == "\r" }) else { return nil }
            place = newline + 1
            if scalars[newline] == "\r", place < scalars.count, scalars[place] == "\n" { place += 1 }
            line += 1
        }
        place += mark.column - 1
        if place < scalars.count, scalars[place] == "\"" || scalars[place] == "'" { place += 1 }
        guard place < scalars.count, scalars[place] == first else { return nil }
        scalars[place] = other
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        var renamed = String.UnicodeScalarView([other])
        renamed.append(contentsOf: name.unicodeScalars.dropFirst())
        return (String(view), String(renamed))
    }

    private static func problem(_ error: YamlError, _ source: SourceText) -> SourceProblem {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let hint = problem.contains("alphabetic or numeric character") ? "; quote a pattern: \"*\"" : ""
            let message = [context?.text, problem].compactMap { $0 }.joined(separator: ", ") + hint
            return source.problem(message, line: mark.line, column: mark.column)
        case .reader(let problem, let offset, _, let yaml):
            // Counted in Swift's characters.
            let before = SourceText(String(yaml.prefix(offset ?? 0)))
            let column = 1 + (before.lines.last?.unicodeScalars.count ?? 0)
            return source.problem(problem, line: before.lines.count, column: column)
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded, .duplicatedKeysInMapping:
            return SourceProblem(message: "\(error)")
        }
    }
}
