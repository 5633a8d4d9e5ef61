public import LoopModel

/// Texts with variables in them: `${context.name}`, and `$${` for a `${` that is none.
public enum Template {
    /// Fills in the variables of a template.
    ///
    /// `null` becomes nothing, every other value what Python's `str` makes of it. What is filled in is not looked at
    /// again.
    ///
    /// - Throws: where a variable has no value.
    public static func interpolate(_ template: String, in context: InterpolationContext)
        throws(InterpolationError) -> String
    {
        var output = ""
        var isPlain = true
        var failure: InterpolationError?
        scan(template) { part in
            switch part {
            case .text(let text) where isPlain && text.count == template.utf8.count:
                output = template
            case .text(let text):
                isPlain = false
                output += Substring(text)
            case .opening:
                isPlain = false
                output += "${"
            case .variable(let name):
                isPlain = false
                let result = Result { () throws(InterpolationError) in try value(of: name, in: context) }
                switch result {
                case .success(let text): output += text
                case .failure(let error): failure = error
                }
            }
            return failure == nil
        }
        if let failure { throw failure }
        return output
    }

    /// Fills in the variables of all texts in a value, whatever they are nested in; keys are no templates.
    public static func interpolate(_ value: JSONValue, in context: InterpolationContext)
        throws(InterpolationError) -> JSONValue
    {
        switch value {
        case .string(let text):
            return .string(JSONString(try interpolate(text.string, in: context)))
        case .array(let elements):
            var filled: [JSONValue] = []
            for element in elements { filled.append(try interpolate(element, in: context)) }
            return .array(filled)
        case .object(let object):
            return .object(try interpolate(object, in: context))
        case .null, .bool, .number:
            return value
        }
    }

    /// Fills in the variables of all texts in an object.
    public static func interpolate(_ object: JSONObject, in context: InterpolationContext)
        throws(InterpolationError) -> JSONObject
    {
        var filled = JSONObject()
        for member in object.members { filled[member.key] = try interpolate(member.value, in: context) }
        return filled
    }

    private static func value(of name: String, in context: InterpolationContext) throws(InterpolationError) -> String {
        guard let dot = name.utf8.firstIndex(of: UInt8(ascii: ".")) else {
            throw InterpolationError("Invalid variable: ${\(name)} (expected namespace.path)")
        }
        let value = try context.value(of: name[name.utf8.index(after: dot)...], in: name[..<dot])
        return value == .null ? "" : PythonRepresentation.text(of: value)
    }

    /// The keys of the context that a template names; a variable need not be closed for that.
    static func contextKeys(in template: String) -> [JSONString] {
        var keys: [JSONString] = []
        var rest = template.utf8[...]
        let opening = "${context.".utf8
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            rest = rest[dollar...]
            if rest.starts(with: "$${".utf8) {
                rest = rest.dropFirst(3)
            } else if rest.starts(with: opening) {
                rest = rest.dropFirst(opening.count)
                let key = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "}") }
                if !key.isEmpty { keys.append(JSONString(String(Substring(key)))) }
                rest = rest[key.endIndex...]
            } else {
                rest = rest.dropFirst()
            }
        }
        return keys
    }
}

// MARK: - Scanning

extension Template {
    private enum Part {
        case text(Substring.UTF8View)
        /// `$${`.
        case opening
        /// What stands between `${` and `}`: at least one character, anything but `}`.
        case variable(String)
    }

    /// Goes through a template until a part is refused.
    private static func scan(_ template: String, _ take: (Part) -> Bool) {
        let bytes = template.utf8
        var start = bytes.startIndex
        var place = start
        var isClosed = true
        func flush(_ end: String.Index) -> Bool {
            start == end || take(.text(bytes[start..<end]))
        }
        while let dollar = bytes[place...].firstIndex(of: UInt8(ascii: "$")) {
            let rest = bytes[dollar...]
            place = bytes.index(after: dollar)
            if rest.starts(with: "$${".utf8) {
                place = bytes.index(dollar, offsetBy: 3)
                guard flush(dollar), take(.opening) else { return }
                start = place
            } else if isClosed, rest.starts(with: "${".utf8) {
                let name = bytes.index(dollar, offsetBy: 2)
                guard let end = bytes[name...].firstIndex(of: UInt8(ascii: "}")) else {
                    // Nor is any later one closed.
                    isClosed = false
                    continue
                }
                guard end > name else { continue }
                place = bytes.index(after: end)
                guard flush(dollar), take(.variable(escaped(template[name..<end]))) else { return }
                start = place
            }
        }
        _ = flush(bytes.endIndex)
    }

    /// A name as the Python executor knows it, for its messages: it sets `$${` aside before it looks for variables.
    private static func escaped(_ name: Substring) -> String {
        guard name.utf8.contains(UInt8(ascii: "$")), name.utf8.count > 2 else { return String(name) }
        var escaped = ""
        var rest = name.utf8[...]
        while let first = rest.first {
            if rest.starts(with: "$${".utf8) {
                escaped += "\0ESCAPED\0"
                rest = rest.dropFirst(3)
            } else {
                let run = rest.dropFirst().prefix { $0 != UInt8(ascii: "$") }
                escaped.unicodeScalars.append(
                    contentsOf: Substring(rest[rest.startIndex..<run.endIndex]).unicodeScalars
                )
                rest = rest[run.endIndex...]
                _ = first
            }
        }
        return escaped
    }
}
