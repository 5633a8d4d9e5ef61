import LoopModel
import YAMLReading
import Yams

/// A mapping of a loop's file as Python's dictionary of it: a key that comes twice has its first place and last value.
struct YAMLMapping {
    /// One key with its value.
    struct Field {
        var name: String
        /// What the key is, where it is no text.
        var key: Node
        var value: Node
    }

    private(set) var fields: [Field] = []
    private var places: [String: Int] = [:]

    /// The value of a key.
    subscript(name: String) -> Node? {
        places[name].map { fields[$0].value }
    }

    /// The key itself, for its place.
    func key(_ name: String) -> Node? {
        places[name].map { fields[$0].key }
    }

    /// Adds a field.
    ///
    /// - Returns: the key that was there before under the same name.
    fileprivate mutating func set(_ field: Field) -> Node? {
        if let place = places[field.name] {
            defer { fields[place] = field }
            return fields[place].key
        }
        places[field.name] = fields.count
        fields.append(field)
        return nil
    }
}

extension DefinitionReader {
    /// The fields of a mapping, with those that `<<` merges into it before its own.
    ///
    /// Of two mappings that are merged, the later wins, as in the loader of little-loops and unlike in YAML's standard.
    ///
    /// - Returns: nil, and a problem, for anything but a mapping.
    mutating func mapping(_ node: Node, _ key: String, expected: String) -> YAMLMapping? {
        guard let mapping = node.mapping else {
            report("\(expected), not \(kind(node))", at: node, key)
            return nil
        }
        var fields = YAMLMapping()
        var own: [YAMLMapping.Field] = []
        for (name, value) in mapping {
            guard spend(at: node, key) else { return fields }
            guard let scalar = name.scalar else {
                report("a key must be a word, not \(kind(name))", at: name, key)
                continue
            }
            let text = renamed[scalar.string] ?? scalar.string
            if text == "<<", scalar.style == .plain {
                merge(value, into: &fields, key)
            } else {
                own.append(YAMLMapping.Field(name: text, key: name, value: value))
            }
        }
        var seen: [String: Node] = [:]
        for field in own {
            if let first = seen[field.name] {
                let place = first.mark.map { ", first in line \($0.line)" } ?? ""
                report("\(quoted(field.name)) is given twice\(place); the last counts", at: field.key, key, .warning)
            }
            seen[field.name] = field.key
            _ = fields.set(field)
        }
        return fields
    }

    private mutating func merge(_ node: Node, into fields: inout YAMLMapping, _ key: String) {
        let parts: [Node] = node.sequence.map(Array.init) ?? [node]
        for part in parts {
            let expected = "<< takes keys with values, or a list of such"
            guard let merged = mapping(part, key, expected: expected) else { continue }
            for field in merged.fields { _ = fields.set(field) }
        }
    }

    /// A node as the JSON value that Python would write for it.
    ///
    /// A key that is no text is taken as it is written, where Python keeps a number or truth value as the key.
    mutating func value(_ node: Node, _ key: String, depth: Int = 0) -> JSONValue {
        guard spend(at: node, key) else { return .null }
        guard depth < JSONValue.depthLimit else {
            report("nested more than \(JSONValue.depthLimit) levels deep", at: node, key)
            return .null
        }
        switch node {
        case .scalar(let scalar):
            return self.scalar(scalar, node, key)
        case .sequence(let sequence):
            return .array(sequence.map { value($0, key, depth: depth + 1) })
        case .mapping:
            guard let mapping = mapping(node, key, expected: "expected keys with values") else { return .null }
            var object = JSONObject()
            for field in mapping.fields {
                object[JSONString(field.name)] = value(field.value, "\(key).\(field.name)", depth: depth + 1)
            }
            return .object(object)
        case .alias:
            return .null
        }
    }

    private mutating func scalar(_ scalar: Node.Scalar, _ node: Node, _ key: String) -> JSONValue {
        let text = scalar.string
        switch scalar.tag.description {
        case "", "!": return scalar.style == .plain ? YAMLScalar.resolve(text) : .string(JSONString(text))
        case "tag:yaml.org,2002:str": return .string(JSONString(text))
        case "tag:yaml.org,2002:null": return .null
        case "tag:yaml.org,2002:int":
            if let number = YAMLScalar.integer(text) { return .number(number) }
        case "tag:yaml.org,2002:float":
            if let number = YAMLScalar.float(text) { return .number(number) }
            if let double = YAMLScalar.integer(text)?.double ?? PythonFloat.parse(text) {
                return .number(JSONNumber(double))
            }
        case "tag:yaml.org,2002:bool":
            if case .bool(let bool) = YAMLScalar.resolve(text.lowercased()) { return .bool(bool) }
        case "tag:yaml.org,2002:timestamp":
            return .string(JSONString(text))
        default:
            break
        }
        report("the tag \(scalar.tag) cannot be applied here; write the value without it", at: node, key)
        return .null
    }
}
