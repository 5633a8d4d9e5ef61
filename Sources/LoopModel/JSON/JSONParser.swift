extension JSONValue {
    /// How many arrays and objects may be nested in each other; Python's own limit is about 1000.
    public static let depthLimit = 500

    /// Reads one value, as Python's `json.loads` does.
    ///
    /// - Parameter bytes: UTF-8 text that holds the value and white space. Memory grows with it, at worst about thirty
    ///   times (an array of small arrays), so that the caller bounds the size.
    public init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
        let result =
            bytes.withContiguousStorageIfAvailable(JSONParser.parse)
            ?? Array(bytes).withUnsafeBufferPointer(JSONParser.parse)
        self = try result.get()
    }
}

/// A recursive-descent parser over bytes; the depth limit bounds its stack.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    var place = 0

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
        Result { () throws(JSONError) in
            var parser = JSONParser(bytes: bytes)
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw JSONError(.byteOrderMark, offset: 0) }
            parser.skipSpace()
            let value = try parser.value(depth: 0)
            parser.skipSpace()
            if parser.place < bytes.count { throw JSONError(.extraData, offset: parser.place) }
            return value
        }
    }

    /// The byte at the current place; 0, which begins nothing, at the end.
    private var current: UInt8 {
        place < bytes.count ? bytes[place] : 0
    }

    private func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(place < bytes.count ? reason : .unexpectedEnd, offset: place)
    }

    private mutating func skipSpace() {
        while place < bytes.count {
            let byte = bytes[place]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            place += 1
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        switch current {
        case UInt8(ascii: "\""): .string(try string())
        case UInt8(ascii: "{"): .object(try object(depth: depth))
        case UInt8(ascii: "["): .array(try array(depth: depth))
        case UInt8(ascii: "t"): try word("true", .bool(true))
        case UInt8(ascii: "f"): try word("false", .bool(false))
        case UInt8(ascii: "n"): try word("null", .null)
        case UInt8(ascii: "N"): try word("NaN", .number(JSONNumber(unchecked: "NaN")))
        case UInt8(ascii: "I"): try word("Infinity", .number(JSONNumber(unchecked: "Infinity")))
        default: .number(try number())
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let length = word.utf8CodeUnitCount
        for offset in 0..<length where place + offset < bytes.count {
            if bytes[place + offset] != word.utf8Start[offset] { throw error(.expectedValue) }
        }
        guard place + length <= bytes.count else { throw JSONError(.unexpectedEnd, offset: bytes.count) }
        place += length
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        guard depth < JSONValue.depthLimit else { throw error(.tooDeep) }
        place += 1
        skipSpace()
        var elements: [JSONValue] = []
        if current == UInt8(ascii: "]") {
            place += 1
            return elements
        }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            switch current {
            case UInt8(ascii: ","):
                place += 1
                skipSpace()
            case UInt8(ascii: "]"):
                place += 1
                return elements
            default:
                throw error(.expectedComma)
            }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        guard depth < JSONValue.depthLimit else { throw error(.tooDeep) }
        place += 1
        skipSpace()
        var object = JSONObject()
        if current == UInt8(ascii: "}") {
            place += 1
            return object
        }
        while true {
            guard current == UInt8(ascii: "\"") else { throw error(.expectedKey) }
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw error(.expectedColon) }
            place += 1
            skipSpace()
            object[key] = try value(depth: depth + 1)
            skipSpace()
            switch current {
            case UInt8(ascii: ","):
                place += 1
                skipSpace()
            case UInt8(ascii: "}"):
                place += 1
                return object
            default:
                throw error(.expectedComma)
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = place
        if current == UInt8(ascii: "-") {
            place += 1
            if current == UInt8(ascii: "I") {
                _ = try word("Infinity", .null)
                return JSONNumber(unchecked: "-Infinity")
            }
        }
        if current == UInt8(ascii: "0") { place += 1 } else { try digits() }
        // A fraction or an exponent without digits is not part of the number, so that the caller meets it next.
        if current == UInt8(ascii: "."), isDigit(place + 1) {
            place += 1
            try digits()
        }
        if current | 0x20 == UInt8(ascii: "e") {
            let signed = place + 1 < bytes.count && [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[place + 1])
            let first = place + (signed ? 2 : 1)
            if isDigit(first) {
                place = first
                try digits()
            }
        }
        return JSONNumber(
            unchecked: String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
        )
    }

    private func isDigit(_ place: Int) -> Bool {
        place < bytes.count && UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[place]
    }

    private mutating func digits() throws(JSONError) {
        guard isDigit(place) else { throw error(.expectedValue) }
        while isDigit(place) { place += 1 }
    }
}

extension JSONParser {
    /// Reads a string; the current place is at its opening quote.
    private mutating func string() throws(JSONError) -> JSONString {
        place += 1
        let start = place
        try skipPlain()
        if current == UInt8(ascii: "\"") {
            defer { place += 1 }
            return JSONString(unchecked: Array(UnsafeBufferPointer(rebasing: bytes[start..<place])))
        }
        var text = Array(UnsafeBufferPointer(rebasing: bytes[start..<place]))
        while true {
            switch current {
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case UInt8(ascii: "\""):
                place += 1
                return JSONString(unchecked: text)
            default:
                throw error(.controlCharacter)
            }
            let run = place
            try skipPlain()
            text += UnsafeBufferPointer(rebasing: bytes[run..<place])
        }
    }

    /// Goes to the next quote, backslash, control character or the end.
    private mutating func skipPlain() throws(JSONError) {
        while place < bytes.count {
            let byte = bytes[place]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            if byte < 0x80 {
                place += 1
                continue
            }
            let (scalar, width) = decodeWTF8(bytes, at: place)
            guard width > 0, !(0xD800...0xDFFF ~= scalar) else { throw error(.invalidUTF8) }
            place += width
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard place + 1 < bytes.count else { throw JSONError(.unexpectedEnd, offset: bytes.count) }
        let plain: UInt8
        switch bytes[place + 1] {
        case UInt8(ascii: "\""): plain = UInt8(ascii: "\"")
        case UInt8(ascii: "\\"): plain = UInt8(ascii: "\\")
        case UInt8(ascii: "/"): plain = UInt8(ascii: "/")
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"):
            var scalar = try codeUnit(at: place)
            place += 6
            if 0xD800...0xDBFF ~= scalar, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
                bytes[place + 1] == UInt8(ascii: "u")
            {
                let low = try codeUnit(at: place)
                if 0xDC00...0xDFFF ~= low {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                    place += 6
                }
            }
            text.appendWTF8(scalar)
            return
        default:
            throw error(.invalidEscape)
        }
        text.append(plain)
        place += 2
    }

    /// The four hexadecimal digits of the `\u` at a place.
    private func codeUnit(at escape: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for place in escape + 2..<escape + 6 {
            guard place < bytes.count else { throw JSONError(.unexpectedEnd, offset: bytes.count) }
            let byte = bytes[place]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw JSONError(.invalidEscape, offset: escape)
            }
        }
        return unit
    }
}
