extension JSONValue {
    /// Writes the value exactly as Python's `json.dumps(value)` or, with `indent`, `json.dumps(value, indent=n)`.
    ///
    /// - Parameter indent: spaces per level; nil for one line.
    /// - Returns: ASCII: everything else is escaped, with lower-case hexadecimal digits.
    public func serialized(indent: Int? = nil) -> [UInt8] {
        var serializer = JSONSerializer(indent: indent)
        serializer.write(self, level: 0)
        return serializer.output
    }
}

private struct JSONSerializer {
    let indent: Int?
    var output: [UInt8] = []

    init(indent: Int?) {
        self.indent = indent
    }

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: output += "null".utf8
        case .bool(let bool): output += (bool ? "true" : "false").utf8
        case .number(let number): output += number.spelling.utf8
        case .string(let string): write(string)
        case .array(let elements):
            guard !elements.isEmpty else { return output += "[]".utf8 }
            output.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                separate(isFirst: place == 0, level: level + 1)
                write(element, level: level + 1)
            }
            breakLine(level: level)
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            guard !object.isEmpty else { return output += "{}".utf8 }
            output.append(UInt8(ascii: "{"))
            for (place, member) in object.members.enumerated() {
                separate(isFirst: place == 0, level: level + 1)
                write(member.key)
                output += ": ".utf8
                write(member.value, level: level + 1)
            }
            breakLine(level: level)
            output.append(UInt8(ascii: "}"))
        }
    }

    private mutating func separate(isFirst: Bool, level: Int) {
        if !isFirst { output += (indent == nil ? ", " : ",").utf8 }
        breakLine(level: level)
    }

    private mutating func breakLine(level: Int) {
        guard let indent else { return }
        output.append(UInt8(ascii: "\n"))
        for _ in 0..<(indent * level) { output.append(UInt8(ascii: " ")) }
    }

    private mutating func write(_ string: JSONString) {
        output.append(UInt8(ascii: "\""))
        string.bytes.withUnsafeBufferPointer { bytes in
            var run = 0
            var place = 0
            while place < bytes.count {
                let byte = bytes[place]
                if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                    place += 1
                    continue
                }
                output += UnsafeBufferPointer(rebasing: bytes[run..<place])
                // The bytes are well-formed by construction, so that the width is never 0.
                let (scalar, width) = decodeWTF8(bytes, at: place)
                escape(scalar)
                place += max(width, 1)
                run = place
            }
            output += UnsafeBufferPointer(rebasing: bytes[run..<place])
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ scalar: UInt32) {
        switch scalar {
        case 0x22: output += "\\\"".utf8
        case 0x5C: output += "\\\\".utf8
        case 0x08: output += "\\b".utf8
        case 0x0C: output += "\\f".utf8
        case 0x0A: output += "\\n".utf8
        case 0x0D: output += "\\r".utf8
        case 0x09: output += "\\t".utf8
        case 0x10000...:
            escape(codeUnit: 0xD800 + (scalar - 0x10000) >> 10)
            escape(codeUnit: 0xDC00 + (scalar - 0x10000) & 0x3FF)
        default: escape(codeUnit: scalar)
        }
    }

    private mutating func escape(codeUnit: UInt32) {
        let digits = Self.digits
        output.append(UInt8(ascii: "\\"))
        output.append(UInt8(ascii: "u"))
        output.append(digits[Int(codeUnit >> 12)])
        output.append(digits[Int(codeUnit >> 8 & 0xF)])
        output.append(digits[Int(codeUnit >> 4 & 0xF)])
        output.append(digits[Int(codeUnit & 0xF)])
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
